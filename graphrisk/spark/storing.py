"""Write-back to a store from the workers, by the code that one machine writes with.

Records, and the keys of what is in the store, are dealt out to blocks by their keys. So each block
finds what differs in its share and sends it; the driver begins and ends the load and the run, and
flips the pointer. Every batch may be sent twice: a task that is run again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from graphrisk.spark.ordering import sort_all
from graphrisk.spark.place import Site, forget
from graphrisk.spark.records import CONTENT, DIGESTS, KEYS, by_key, gather, lay_out, words_of
from graphrisk.stores import loading, runs
from graphrisk.stores.digest import digest_of_sorted
from graphrisk.stores.findings import DIGESTED, Counts, Findings
from graphrisk.stores.loading import PHASES, Change, Load
from graphrisk.stores.opening import open_bolt
from graphrisk.stores.records import attributes_of, names_of
from graphrisk.stores.schema import prepare
from graphrisk.stores.terms import Written, silent
from graphrisk.stores.writing import BATCH_ROWS

if TYPE_CHECKING:
    from graphrisk.spark.engine import Found
    from graphrisk.spark.session import Cluster
    from graphrisk.spark.stages import Progress
    from graphrisk.stores.bolt import Bolt

#: Keys that the driver holds at a time while it reads them from the store.
KEYS_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where the store is. Name and password are those of each process's own environment."""

    url: str
    database: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written: the run's id, and what load and run changed."""

    run_id: str
    loaded: Written
    run_written: Written


def store_found(cluster: Cluster, found: Found, place: Place, progress: Progress) -> Stored:
    """Bring a store's book to the dataset of an analysis, and write what was found.

    Raises
    ------
    Locked
        If another load or run began meanwhile.
    StorageUnavailable
        If driver or workers can't reach the server.
    """
    with open_bolt(place.url, place.database) as bolt:
        prepare(bolt)
        progress("Store: lay out records and what was found.")
        told = cluster.run(lay_out)
        cluster.run(gather)
        counts = Counts(*(sum(one) for one in zip(*(astuple(n) for n, _ in told), strict=True)))
        properties = {name: value for _, said in told for name, value in said.items()}
        properties["n_accounts"] = counts.n_decisions
        digests = sort_all(cluster, {DIGESTS: ("what", "text")})[DIGESTS]
        run_id = digest_of_sorted(_columns(digests, DIGESTED))
        progress("Store: bring the book up to date.")
        loaded = _load(cluster, found, place, bolt, digests)
        progress("Store: write the run.")
        if runs.is_whole(bolt, run_id, counts):
            return Stored(run_id, loaded, runs.show(bolt, run_id))
        written = runs.begin(bolt, run_id, BATCH_ROWS)
        written = sum(cluster.run(send_findings, run_id, place), written)
        written += runs.finish(bolt, run_id, properties, counts)
        bolt.replan(loaded + written)
        return Stored(run_id, loaded, written)


def _load(cluster: Cluster, found: Found, place: Place, bolt: Bolt, digests: list[Path]) -> Written:
    """Bring the book to the dataset: what ``stores.loading.load`` does, share by share."""
    tables = found.taken.dataset.tables
    names, attributes = names_of(tables).sort(), attributes_of(tables)
    dataset_hash = digest_of_sorted(
        [(len(names), [names]), *_columns(digests, (CONTENT, *words_of(tables)))]
    )
    if loading.is_loaded(bolt, dataset_hash):
        tell_keys(cluster, bolt)
        if not sum(cluster.run(compare)):
            return Written()
    begun, written = loading.begin(bolt, dataset_hash, attributes)
    tell_keys(cluster, bolt)
    cluster.run(compare)
    for phase in PHASES:
        written = sum(cluster.run(send_changes, phase, begun, place), written)
    return written + loading.finish(bolt, begun, tuple(tables), attributes)


def _columns(
    digests: list[Path], words: Iterable[str]
) -> Iterator[tuple[int, Iterator[pl.Series]]]:
    """Yield the length and the parts of each column of digests, sorted."""
    for word in words:
        rows = [
            pl.scan_parquet(part, glob=False).filter(pl.col("what") == word) for part in digests
        ]
        n_rows = sum(one.select(pl.len()).collect().item() for one in rows)
        yield n_rows, (one.select("text").collect()["text"] for one in rows)


def tell_keys(cluster: Cluster, bolt: Bolt) -> None:
    """Deal out the keys of what is in the store to the blocks that have such records."""
    forget(cluster.root, post=KEYS)
    numbers = count()

    def take(what: str, parts: Iterator[pl.DataFrame]) -> None:
        for rows in _in_pieces(parts):
            outgoing = {to: (what, some) for to, some in by_key(rows, cluster.n_blocks)}
            Site(str(cluster.root), 0, cluster.n_blocks).send(KEYS, outgoing, sender=next(numbers))

    loading.read_keys(bolt, take)


def _in_pieces(parts: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Put small tables together until they have so many rows."""
    held: list[pl.DataFrame] = []
    for part in parts:
        held.append(part)
        if sum(map(len, held)) >= KEYS_AT_ONCE:
            yield pl.concat(held)
            held = []
    if held:
        yield pl.concat(held)


def compare(site: Site) -> int:
    """Find what differs in this block's share; return how many rows do."""
    keys: dict[str, list[pl.DataFrame]] = {
        what: [pl.DataFrame(schema=dict.fromkeys(columns, pl.String))]
        for what, (_, columns) in loading.KEYS.items()
    }
    for _, (what, rows) in site.receive(KEYS):
        keys[what].append(rows)
    there = {what: pl.concat(parts) for what, parts in keys.items()}
    changes = loading.changes_of(site.recall("records"), there)
    site.keep("changes", changes)
    return sum(len(change.rows) for change in changes)


def send_changes(site: Site, phase: int, begun: Load, place: Place) -> Written:
    """Send what differs in this block's share, in one of the phases of a load."""
    changes: list[Change] = [one for one in site.recall("changes") if one.phase == phase]
    written = Written()
    if changes:
        with open_bolt(place.url, place.database) as bolt:
            for change in changes:
                written += loading.send(bolt, begun, change, BATCH_ROWS, silent)
    return written


def send_findings(site: Site, run_id: str, place: Place) -> Written:
    """Send what was found of this block's accounts and entities."""
    found: Findings = site.recall("findings")
    with open_bolt(place.url, place.database) as bolt:
        return runs.send(bolt, found.records(run_id), BATCH_ROWS, silent)
