"""``read_dataset``: tables in, valid tables and a quarantine out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from graphrisk.errors import InputRefused, UsageError
from graphrisk.intake.cells import Moment
from graphrisk.intake.codes import UNREAD_CODES, Normalised, reason
from graphrisk.intake.columns import REGISTERS, TABLES
from graphrisk.intake.dataset import QUARANTINE_SCHEMA, SPELLINGS_SCHEMA, Dataset, FileTally
from graphrisk.intake.headers import respelled
from graphrisk.intake.limits import Baseline, drift_since, too_much_set_aside
from graphrisk.intake.mapping import load_mapping
from graphrisk.intake.networks import graph_tables
from graphrisk.intake.normalize import clean_rows, n_selected, source_columns
from graphrisk.intake.quarantine import gather
from graphrisk.intake.raw import RawTable
from graphrisk.intake.references import build_registers
from graphrisk.intake.refusals import cannot_open, missing_columns, named, no_account, refusal
from graphrisk.intake.rules import DatasetMapping
from graphrisk.intake.supply import Supplies, Supply, from_folder, from_frames
from graphrisk.intake.validate import Settled, settle

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class _Portion:
    """How many rows one file brought to one canonical table, and how many could not be read."""

    file: str
    table: str
    sha256: str
    n_rows_in_file: int
    n_rows_read: int
    n_unread: int


@dataclass(slots=True)
class _Gathered:
    """What has been read so far, file by file."""

    rows: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    quarantine: list[pl.DataFrame] = field(default_factory=list)
    portions: list[_Portion] = field(default_factory=list)
    unknown_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    normalised: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    refused_tables: set[str] = field(default_factory=set)
    spellings: list[pl.DataFrame] = field(default_factory=list)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unselected: dict[str, int] = field(default_factory=dict)


def read_dataset(
    source: str | Path | Mapping[str, pd.DataFrame | pl.DataFrame | pa.Table] | nx.Graph,
    *,
    mapping: str | Path | None = None,
    received_at: datetime | None = None,
    baseline: Baseline | None = None,
) -> Dataset:
    """Read and validate a dataset.

    Parameters
    ----------
    source
        A folder of CSV or Parquet files; or DataFrames by table name; or a NetworkX graph whose
        nodes may have ``kind`` and ``label``, and edges ``relation``, ``weight`` and
        ``observed_at``. What is given is never changed.
    mapping
        Name of a shipped mapping (default ``standard``), or the path of a TOML file.
    received_at
        The moment of reading, with its time zone. Event times more than five minutes later are
        quarantined. None skips that check: library code reads no clock.
    baseline
        An earlier run to hold the dataset against. A file or a column that is gone, or a file
        with far fewer rows, refuses the dataset.

    Returns
    -------
    Dataset
        Typed tables, the quarantine, and tallies in which every row is accounted for.

    Raises
    ------
    DatasetRefused
        When any file can't be used, or no account exists. All faults of all files are in
        ``faults``; what could be read all the same is in ``dataset``.
    InputRefused
        When there is no such folder.
    MappingError
        When the mapping is not valid.
    """
    if received_at is not None and getattr(received_at, "tzinfo", None) is None:
        raise UsageError(
            f"received_at {received_at} has no time zone", expected="an aware datetime, such as UTC"
        )
    rules = load_mapping(mapping)
    supplies = _supplies(source, rules)
    moment = Moment(rules.timezone, received_at)
    gathered = _Gathered(faults=list(supplies.faults))
    for supply in supplies.tables:
        try:
            _take(supply, rules, moment, gathered, supplies)
        except InputRefused as error:
            gathered.faults += [named(supply.name, fault) for fault in error.faults or [str(error)]]
            gathered.refused_tables |= {rule.into for rule in rules.rules_for(supply.stem)}
        except OSError as error:
            gathered.faults.append(cannot_open(supply.name, error))
            gathered.refused_tables |= {rule.into for rule in rules.rules_for(supply.stem)}
    dataset = _settle_all(gathered, rules, supplies)
    if not gathered.faults:
        gathered.faults += no_account(dataset, rules, supplies)
        gathered.faults += too_much_set_aside(dataset, rules.limits)
    if baseline is not None:
        gathered.faults += drift_since(baseline, dataset, rules.limits)
    if gathered.faults:
        raise refusal(supplies, gathered.faults, dataset)
    return dataset


def _supplies(source: object, rules: DatasetMapping) -> Supplies:
    """Find the tables of a source of any sort."""
    if isinstance(source, str | Path):
        return from_folder(Path(source), rules)
    networkx = sys.modules.get("networkx")  # whoever has a graph has imported it
    if networkx is not None and isinstance(source, networkx.Graph):
        return from_frames(graph_tables(source), rules)
    if isinstance(source, Mapping):
        return from_frames(source, rules)
    raise UsageError(
        f"a dataset of type {type(source).__name__}",
        expected="a folder, DataFrames by table name, or a NetworkX graph",
    )


def _take(
    supply: Supply,
    mapping: DatasetMapping,
    moment: Moment,
    gathered: _Gathered,
    supplies: Supplies,
) -> None:
    """Read one table, and clean its rows for every canonical table that it feeds."""
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
            _Portion(raw.file, rule.into, raw.sha256, raw.n_rows,
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
    return raw.unread.select(
        file=pl.lit(raw.file),
        line="line",
        column=pl.lit(""),
        code="code",
        reason=pl.col("code").replace_strict(texts, return_dtype=pl.String)
        + pl.when(pl.col("n_cells").is_not_null()).then(told).otherwise(pl.lit("")),
        value=pl.lit(None, pl.String),
        table=pl.lit(table),
    ).cast(QUARANTINE_SCHEMA)  # type: ignore[arg-type]


def _settle_all(gathered: _Gathered, rules: DatasetMapping, supplies: Supplies) -> Dataset:
    """Settle every table: those that list entities first, then those that refer to them."""
    rows = {
        name: pl.concat(gathered.rows.pop(name), how="diagonal_relaxed")
        for name in TABLES
        if name in gathered.rows
    }
    settled = {
        name: settle(TABLES[name], rows.pop(name), None) for name in REGISTERS if name in rows
    }
    registers = build_registers(
        {name: table.accepted for name, table in settled.items()},
        {name: table.quarantined for name, table in settled.items()},
        gathered.refused_tables,
    )
    for name in list(rows):
        settled[name] = settle(TABLES[name], rows.pop(name), registers)
    tallies = _tallies(gathered.portions, settled)
    for tally in tallies:
        tally.check()
    found = [record for table in settled.values() for record in table.records]
    return Dataset(
        tables={name: settled[name].accepted for name in TABLES if name in settled},
        quarantine=gather(gathered.quarantine + found),
        tallies=tallies,
        unknown_columns=gathered.unknown_columns,
        normalised=dict(sorted(gathered.normalised.items())),
        mapping_name=rules.name,
        unread_files=supplies.unread,
        unlinked=gather([record for table in settled.values() for record in table.unlinked]),
        spellings=pl.concat([pl.DataFrame(schema=SPELLINGS_SCHEMA), *gathered.spellings])
        .unique()
        .sort("kind", "value", "raw"),
        columns=gathered.columns,
        unselected=gathered.unselected,
    )


def _tallies(portions: list[_Portion], settled: Mapping[str, Settled]) -> tuple[FileTally, ...]:
    """Return one tally per file and canonical table, in the order of reading."""
    by_place: dict[tuple[str, str], list[_Portion]] = {}
    for portion in portions:
        by_place.setdefault((portion.file, portion.table), []).append(portion)
    return tuple(
        FileTally(
            file=file,
            table=table,
            sha256=parts[0].sha256,
            n_rows_in_file=parts[0].n_rows_in_file,
            n_rows_read=sum(part.n_rows_read for part in parts),
            n_accepted=settled[table].n_accepted.get(file, 0),
            n_duplicates=settled[table].n_duplicates.get(file, 0),
            n_quarantined=settled[table].n_quarantined.get(file, 0)
            + sum(part.n_unread for part in parts),
            n_unlinked=settled[table].n_unlinked.get(file, 0),
        )
        for (file, table), parts in by_place.items()
    )
