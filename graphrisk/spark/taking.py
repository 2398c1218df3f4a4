"""Intake on the workers: files side by side, then rows side by side, by the functions of intake.

Each file is read and cleaned by one task, since the unit of times and the columns of attributes
are read from all rows of a column. Then rows are dealt out by their key, so that all that may be
duplicates or conflict are in one task; references are settled once every task knows all listed
entities. The valid rows end in the order of their hashes, whatever the number of tasks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.intake.columns import REGISTERS, TABLES
from graphrisk.intake.dataset import Dataset, newest_in
from graphrisk.intake.gathering import Gathered
from graphrisk.intake.limits import Baseline
from graphrisk.intake.read import Reading, check_usable, dataset_of, in_one
from graphrisk.intake.references import entities_in, registers_of
from graphrisk.intake.refusals import n_accounts_in
from graphrisk.intake.validate import Settled, settle
from graphrisk.report.tables import in_order
from graphrisk.spark.place import Site, forget

if TYPE_CHECKING:
    from graphrisk.spark.session import Cluster

#: Where the valid tables lie in the shared folder.
DATASET = "dataset"
#: Rows on their way: from files to the tasks that settle them, and from these into order.
_LISTING, _REFERRING, _ORDERED = "listing", "referring", "ordered"


@dataclass(frozen=True, slots=True)
class Taken:
    """What the workers read.

    Attributes
    ----------
    dataset
        What was set aside on the way, and tables without their rows.
    newest_at
        The newest event time of any of them.
    """

    dataset: Dataset
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Part:
    """What a task tells of the rows that it settled; the rows themselves are on their way."""

    settled: dict[str, Settled]
    n_accounts: int
    newest_at: datetime | None


def take(
    cluster: Cluster,
    source: str,
    mapping: str | None,
    received_at: datetime | None,
    baseline: Baseline | None,
    called: str | None = None,
) -> Taken:
    """Read and validate a dataset on the workers, and write its valid tables where all see them.

    ``called`` is the name of a folder of which ``source`` is a copy.

    Raises
    ------
    DatasetRefused
        As :func:`graphrisk.intake.read.read_dataset`; its dataset has no rows.
    """
    reading = Reading.of(source, mapping, received_at, called=called)
    told = (source, mapping, received_at)
    gathered = Gathered(faults=list(reading.supplies.faults))
    parts: list[_Part] = []
    for one in cluster.map(clean, [(*told, i) for i in range(len(reading.supplies.tables))]):
        gathered.add(one)
    names = tuple(name for name in TABLES if name in gathered.rows)
    if reading.supplies.tables:
        parts += cluster.run(settle_listing)
        parts += cluster.run(settle_referring, names, frozenset(gathered.refused_tables))
    settled = {
        name: _together([part.settled[name] for part in parts if name in part.settled])
        for name in names
    }
    dataset = dataset_of(reading, gathered, settled)
    n_accounts = sum(part.n_accounts for part in parts)
    check_usable(reading, gathered.faults, dataset, n_accounts, baseline)
    cluster.run(put_in_order)
    for post in (_LISTING, _REFERRING, _ORDERED):
        forget(cluster.root, post=post)
    forget(cluster.root, kept="listed")
    moments = [part.newest_at for part in parts if part.newest_at is not None]
    return Taken(dataset, max(moments, default=None))


def clean(
    site: Site, source: str, mapping: str | None, received_at: datetime | None, number: int
) -> Gathered:
    """Read and clean one file, deal its rows out, and return what else there is to say of it."""
    gathered = Reading.of(source, mapping, received_at).gather(number)
    for post, is_listing in ((_LISTING, True), (_REFERRING, False)):
        dealt: dict[int, dict[str, list[pl.DataFrame]]] = {}
        for name, rows in gathered.rows.items():
            if (name in REGISTERS) == is_listing:
                for one in rows:
                    for block, some in enumerate(_dealt(name, one, site.n_blocks)):
                        dealt.setdefault(block, {}).setdefault(name, []).append(some)
        site.send(post, dealt, sender=number)
    empty = {name: [one.clear() for one in rows] for name, rows in gathered.rows.items()}
    return replace(gathered, rows=empty)


def _dealt(table: str, rows: pl.DataFrame, n_blocks: int) -> Iterator[pl.DataFrame]:
    """Deal rows out to blocks by their key; rows without one by all that they hold.

    Kinds may still be filled in from the entities listed, and attributes may be of another type
    in another file: neither is looked at. Every block gets its part, if only the columns.
    """
    spec = TABLES[table]
    filled = {column.kind_column for column in spec.columns if column.kind_column}
    names = [name for name in spec.key or spec.names if name not in filled]
    block = rows.select(names).hash_rows().to_numpy() % np.uint64(n_blocks)
    return _cut(rows, block.astype(np.int64), n_blocks)


def _cut(rows: pl.DataFrame, block: NDArray[np.int64], n_blocks: int) -> Iterator[pl.DataFrame]:
    """Cut rows into those of each block, in their order."""
    order = np.argsort(block, kind="stable")
    ends = np.cumsum(np.bincount(block, minlength=n_blocks))
    for begin, end in zip((0, *ends), ends, strict=False):
        yield rows[order[begin:end]]


def settle_listing(site: Site) -> _Part:
    """Settle rows of the tables that list entities."""
    rows = _received(site, _LISTING)
    settled = {name: settle(TABLES[name], some, None) for name, some in rows.items()}
    listed, set_aside = (
        entities_in({name: getattr(one, which) for name, one in settled.items()})
        for which in ("accepted", "quarantined")
    )
    site.keep("listed", (listed, set_aside))
    return _told(site, _LISTING, settled)


def settle_referring(site: Site, tables: Sequence[str], refused_tables: frozenset[str]) -> _Part:
    """Settle rows of all other tables, now that every listed entity is known."""
    known = [replace(site, block=block).recall("listed") for block in range(site.n_blocks)]
    listed, set_aside = (pl.concat(one) for one in zip(*known, strict=True))
    registers = registers_of(listed, set_aside, tables, refused_tables)
    rows = _received(site, _REFERRING)
    settled = {name: settle(TABLES[name], some, registers) for name, some in rows.items()}
    return _told(site, _REFERRING, settled)


def _received(site: Site, post: str) -> dict[str, pl.DataFrame]:
    """Return the rows dealt to this block, by table, in the order of files."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for _, tables in site.receive(post):
        for name, rows in tables.items():
            parts.setdefault(name, []).extend(rows)
    return {name: in_one(parts[name]) for name in TABLES if name in parts}


def _told(site: Site, what: str, settled: Mapping[str, Settled]) -> _Part:
    """Send accepted rows to where they stand in the order of hashes, and tell the rest."""
    outgoing: dict[int, dict[str, pl.DataFrame]] = {}
    accepted = {name: one.accepted for name, one in settled.items()}
    for name, rows in accepted.items():
        share = rows.hash_rows().to_numpy() >> np.uint64(32)
        block = ((share * np.uint64(site.n_blocks)) >> np.uint64(32)).astype(np.int64)
        for number, some in enumerate(_cut(rows, block, site.n_blocks)):
            outgoing.setdefault(number, {})[name] = some
    order = 0 if what == _LISTING else site.n_blocks
    site.send(_ORDERED, outgoing, sender=site.block + order)
    without = {
        name: replace(one, accepted=one.accepted.clear(), quarantined=one.quarantined.clear())
        for name, one in settled.items()
    }
    return _Part(without, n_accounts_in(accepted), newest_in(accepted))


def put_in_order(site: Site) -> None:
    """Write this block's share of the valid tables in the order of hashes."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for _, tables in site.receive(_ORDERED):
        for name, rows in tables.items():
            parts.setdefault(name, []).append(rows)
    for name, some in parts.items():
        table = pl.concat(some)
        site.write_part(name, in_order(table.rechunk())(0, table.height), folder=DATASET)


def _together(parts: Sequence[Settled]) -> Settled:
    """Put together what the tasks tell of one table."""

    def total(which: str) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for part in parts:
            counts.update(getattr(part, which))
        return dict(counts)

    return Settled(
        accepted=pl.concat([part.accepted for part in parts]),
        quarantined=pl.concat([part.quarantined for part in parts]),
        records=[record for part in parts for record in part.records],
        unlinked=[record for part in parts for record in part.unlinked],
        n_accepted=total("n_accepted"),
        n_unlinked=total("n_unlinked"),
        n_duplicates=total("n_duplicates"),
        n_quarantined=total("n_quarantined"),
    )


def parts_of(root: Path, table: str) -> list[Path]:
    """List the parts of a valid table, in their order."""
    return sorted((root / DATASET / table).glob("*.parquet"))


def rows_here(site: Site, table: str, schema: pl.Schema) -> pl.DataFrame:
    """Read this block's part of a valid table."""
    path = site.part(table, folder=DATASET)
    return pl.read_parquet(path, glob=False) if path.is_file() else pl.DataFrame(schema=schema)


def tables_of(site: Site) -> dict[str, pl.DataFrame]:
    """Read the valid tables back, whole."""
    root = Path(site.root)
    return {
        folder.name: pl.read_parquet(parts_of(root, folder.name), glob=False)
        for folder in sorted((root / DATASET).iterdir())
    }
