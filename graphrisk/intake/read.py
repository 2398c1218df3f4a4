"""``read_dataset``: tables in, valid tables and a quarantine out."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from graphrisk.errors import UsageError
from graphrisk.intake.cells import Moment
from graphrisk.intake.columns import REGISTERS, TABLES
from graphrisk.intake.dataset import SPELLINGS_SCHEMA, Dataset, FileTally
from graphrisk.intake.gathering import Gathered, Portion, gather_table
from graphrisk.intake.limits import Baseline, drift_since, too_much_set_aside
from graphrisk.intake.mapping import load_mapping
from graphrisk.intake.networks import graph_tables
from graphrisk.intake.quarantine import gather
from graphrisk.intake.references import entities_in, registers_of
from graphrisk.intake.refusals import n_accounts_in, no_account, refusal
from graphrisk.intake.rules import DatasetMapping
from graphrisk.intake.supply import Supplies, from_folder, from_frames
from graphrisk.intake.validate import Settled, settle

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is to read, and how: tables, mapping, time zone and moment."""

    rules: DatasetMapping
    supplies: Supplies
    moment: Moment

    @classmethod
    def of(
        cls,
        source: object,
        mapping: str | Path | None,
        received_at: datetime | None,
        *,
        called: str | None = None,
    ) -> Reading:
        """Find the tables of a source of any sort; parameters are those of ``read_dataset``.

        ``called`` is the name of a folder of which ``source`` is a copy.
        """
        if received_at is not None and getattr(received_at, "tzinfo", None) is None:
            raise UsageError(
                f"received_at {received_at} has no time zone",
                expected="an aware datetime, such as UTC",
            )
        rules = load_mapping(mapping)
        supplies = _supplies(source, rules, called)
        return cls(rules, supplies, Moment(rules.timezone, received_at))

    def gather(self, number: int) -> Gathered:
        """Read the table of that number among ``supplies.tables``."""
        return gather_table(self.supplies.tables[number], self.rules, self.moment, self.supplies)


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
    reading = Reading.of(source, mapping, received_at)
    gathered = Gathered(faults=list(reading.supplies.faults))
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        for part in pool.map(reading.gather, range(len(reading.supplies.tables))):
            gathered.add(part)
        settled = _settle_all(gathered, pool)
    dataset = dataset_of(reading, gathered, settled)
    check_usable(reading, gathered.faults, dataset, n_accounts_in(dataset.tables), baseline)
    return dataset


def check_usable(
    reading: Reading,
    faults: Sequence[str],
    dataset: Dataset,
    n_accounts: int,
    baseline: Baseline | None,
) -> None:
    """Raise ``DatasetRefused`` with all faults, those found on the way among them."""
    faults = list(faults)
    if not faults:
        if not n_accounts:
            faults.append(no_account(dataset, reading.rules, reading.supplies))
        faults += too_much_set_aside(dataset, reading.rules.limits)
    if baseline is not None:
        faults += drift_since(baseline, dataset, reading.rules.limits)
    if faults:
        raise refusal(reading.supplies, faults, dataset)


def _supplies(source: object, rules: DatasetMapping, called: str | None) -> Supplies:
    """Find the tables of a source of any sort."""
    if isinstance(source, str | Path):
        return from_folder(Path(source), rules, called)
    networkx = sys.modules.get("networkx")  # whoever has a graph has imported it
    if networkx is not None and isinstance(source, networkx.Graph):
        return from_frames(graph_tables(source), rules)
    if isinstance(source, Mapping):
        return from_frames(source, rules)
    raise UsageError(
        f"a dataset of type {type(source).__name__}",
        expected="a folder, DataFrames by table name, or a NetworkX graph",
    )


def _settle_all(gathered: Gathered, pool: Executor) -> dict[str, Settled]:
    """Settle every table: those that list entities first, then those that refer to them."""
    rows = {name: in_one(gathered.rows.pop(name)) for name in TABLES if name in gathered.rows}
    settled = {
        name: settle(TABLES[name], rows.pop(name), None) for name in REGISTERS if name in rows
    }
    registers = registers_of(
        entities_in({name: table.accepted for name, table in settled.items()}),
        entities_in({name: table.quarantined for name, table in settled.items()}),
        settled,
        gathered.refused_tables,
    )
    names = list(rows)

    def settle_one(name: str) -> Settled:
        return settle(TABLES[name], rows.pop(name), registers)

    return settled | dict(zip(names, pool.map(settle_one, names), strict=True))


def in_one(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put the rows that several files bring to one canonical table together, in their order."""
    return pl.concat(parts, how="diagonal_relaxed")


def dataset_of(reading: Reading, gathered: Gathered, settled: Mapping[str, Settled]) -> Dataset:
    """Lay out what was read and settled, with every row accounted for."""
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
        mapping_name=reading.rules.name,
        unread_files=reading.supplies.unread,
        unlinked=gather([record for table in settled.values() for record in table.unlinked]),
        spellings=pl.concat([pl.DataFrame(schema=SPELLINGS_SCHEMA), *gathered.spellings])
        .unique()
        .sort("kind", "value", "raw"),
        columns=gathered.columns,
        unselected=gathered.unselected,
    )


def _tallies(portions: list[Portion], settled: Mapping[str, Settled]) -> tuple[FileTally, ...]:
    """Return one tally per file and canonical table, in the order of reading."""
    by_place: dict[tuple[str, str], list[Portion]] = {}
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
