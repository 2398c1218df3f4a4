"""One table after another as it is read: its cleaned rows, and all that was set aside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import polars as pl

from graphrisk.errors import InputRefused
from graphrisk.intake.cells import Moment
from graphrisk.intake.codes import UNREAD_CODES, Normalised, reason
from graphrisk.intake.dataset import QUARANTINE_SCHEMA
from graphrisk.intake.headers import respelled
from graphrisk.intake.normalize import clean_rows, n_selected, source_columns
from graphrisk.intake.raw import RawTable
from graphrisk.intake.refusals import cannot_open, missing_columns, named
from graphrisk.intake.rules import DatasetMapping
from graphrisk.intake.supply import Supplies, Supply


@dataclass(frozen=True, slots=True)
class Portion:
    """How many rows one file brought to one canonical table, and how many could not be read."""

    file: str
    table: str
    sha256: str
    n_rows_in_file: int
    n_rows_read: int
    n_unread: int


@dataclass(slots=True)
class Gathered:
    """What has been read so far, file by file; rows by canonical table, not yet settled."""

    rows: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    quarantine: list[pl.DataFrame] = field(default_factory=list)
    portions: list[Portion] = field(default_factory=list)
    unknown_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    normalised: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    refused_tables: set[str] = field(default_factory=set)
    spellings: list[pl.DataFrame] = field(default_factory=list)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unselected: dict[str, int] = field(default_factory=dict)

    def add(self, more: Gathered) -> None:
        """Add what was read after it."""
        for table, parts in more.rows.items():
            self.rows.setdefault(table, []).extend(parts)
        self.quarantine += more.quarantine
        self.portions += more.portions
        self.unknown_columns |= more.unknown_columns
        self.normalised.update(more.normalised)
        self.faults += more.faults
        self.refused_tables |= more.refused_tables
        self.spellings += more.spellings
        self.columns |= more.columns
        self.unselected |= more.unselected


def gather_table(
    supply: Supply, mapping: DatasetMapping, moment: Moment, supplies: Supplies
) -> Gathered:
    """Read one table, and clean its rows for every canonical table that it feeds.

    A whole table at a time: the unit of times that are counts, and which columns are attributes,
    is read from all rows of a column.
    """
    gathered = Gathered()
    try:
        _take(supply, mapping, moment, gathered, supplies)
    except InputRefused as error:
        gathered.faults += [named(supply.name, fault) for fault in error.faults or [str(error)]]
        gathered.refused_tables |= {rule.into for rule in mapping.rules_for(supply.stem)}
    except OSError as error:
        gathered.faults.append(cannot_open(supply.name, error))
        gathered.refused_tables |= {rule.into for rule in mapping.rules_for(supply.stem)}
    return gathered


def _take(
    supply: Supply,
    mapping: DatasetMapping,
    moment: Moment,
    gathered: Gathered,
    supplies: Supplies,
) -> None:
    """Add what one table brings."""
    rules = mapping.rules_for(supply.stem)
    supplied = supply.header()
    theirs = respelled(supplied, rules)
    ours = {found: wanted for wanted, found in theirs.items()}
    header = tuple(ours.get(name, name) for name in supplied)
    gathered.columns[supply.name] = header
    faults = missing_columns(supply.name, header, rules)
    if faults:
        raise InputRefused(faults[0], faults=faults)
    needed = frozenset[str]().union(*(source_columns(rule, header) for rule in rules))
    raw = supply.read(frozenset(theirs.get(name, name) for name in needed))
    raw = replace(raw, header=header, frame=raw.frame.rename(ours, strict=False))
    if altered := supplies.altered(raw.file, raw.sha256):
        raise InputRefused(altered)
    cleaned = [(rule, clean_rows(raw, rule, moment, mapping.phone_region)) for rule in rules]
    used: set[str] = set()
    for at, (rule, clean) in enumerate(cleaned):
        # An unread row can't be selected by its content: it counts for the first table.
        n_unread = raw.unread.height if at == 0 else 0
        gathered.rows.setdefault(rule.into, []).append(clean.rows)
        gathered.quarantine += clean.quarantine
        gathered.normalised.update(clean.counts)
        gathered.spellings += clean.spellings
        gathered.portions.append(
            Portion(raw.file, rule.into, raw.sha256, raw.n_rows,
                     clean.rows.height + n_unread, n_unread)
        )  # fmt: skip
        used |= clean.used
    gathered.quarantine.append(_unread_records(raw, rules[0].into))
    if raw.has_bom:
        gathered.normalised[f"{rules[0].into}.{header[0]}:{Normalised.BOM}"] += 1
    for name in theirs:
        gathered.normalised[f"{rules[0].into}.{name}:{Normalised.HEADER_SPELLING}"] += 1
    if n_unselected := raw.frame.height - n_selected(raw.frame, rules):
        gathered.unselected[supply.name] = n_unselected
    unknown = tuple(name for name in header if name not in used)
    if unknown:
        gathered.unknown_columns[supply.name] = unknown


def _unread_records(raw: RawTable, table: str) -> pl.DataFrame:
    """Return the quarantine records of unread rows: their place, never their text."""
    texts = {str(code): reason(code) for code in UNREAD_CODES}
    n_columns = len(raw.header)
    told = pl.format(f": {{}} where the header has {n_columns}; quote cells that hold the "
                     "delimiter", "n_cells")  # fmt: skip
    records = raw.unread.select(
        file=pl.lit(raw.file),
        line="line",
        column=pl.lit(""),
        code="code",
        reason=pl.col("code").replace_strict(texts, return_dtype=pl.String)
        + pl.when(pl.col("n_cells").is_not_null()).then(told).otherwise(pl.lit("")),
        value=pl.lit(None, pl.String),
        table=pl.lit(table),
    )
    return records.select(pl.col(name).cast(kind) for name, kind in QUARANTINE_SCHEMA.items())
