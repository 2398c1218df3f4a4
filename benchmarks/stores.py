"""How fast stores load a book and give it back, by size of batch; and that a second load is none.

    python benchmarks/stores.py BOOK --store neo4j://HOST:PORT [--batches 1000,5000,10000,20000]
    python benchmarks/stores.py BOOK --store embedded:DIR

For each size of batch the store is emptied of the book, loaded, loaded again, and read back. The
database must be one for this purpose: the book in it is replaced. Prints a line of a Markdown
table for each. Wall time is what a user waits; on a machine that does other work too it tells
about that work as well, so processor time of this process stands beside it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graphrisk import read_dataset
from graphrisk.intake.dataset import Dataset
from graphrisk.stores.base import Store, Written
from graphrisk.stores.opening import open_store
from graphrisk.stores.records import records_of
from graphrisk.stores.shapes import FACTS, RELATIONS

HEAD = (
    "| store | accounts | batch | entities/s | links and facts/s | second load, s (writes) | "
    "read back, rows/s | CPU of the client, s |\n|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Timed:
    """What one step took."""

    wall_s: float
    cpu_s: float


def timed(step: Callable[[], object]) -> Timed:
    wall, cpu = time.perf_counter(), time.process_time()
    step()
    return Timed(time.perf_counter() - wall, time.process_time() - cpu)


def empty_book() -> Dataset:
    """One account: a store that is brought to it has lost all else."""
    tables = {"accounts": pl.DataFrame({"account_id": ["nobody"]})}
    return read_dataset(tables)


class Clock:
    """Adds up how long entities took, and all else, from what a load tells of its progress."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.entities_done = 0.0

    def __call__(self, word: str, n_done: int, n_rows: int) -> None:
        is_link = word in (*RELATIONS, *(shape.relation for shape in FACTS))
        if not is_link and n_done == n_rows:
            self.entities_done = time.perf_counter() - self.started


def measure(store: Store, dataset: Dataset, n_batch: int) -> str:
    """Load, load again, read back; return a line of the table."""
    writer = store.writer()
    writer.load(empty_book())
    records = records_of(dataset.tables)
    n_entities = len(records.content)
    n_links = sum(len(part.rows) for part in (*records.links, *records.facts))

    clock = Clock()
    first = timed(lambda: writer.load(dataset, n_batch=n_batch, progress=clock))
    again: list[Written] = []
    second = timed(lambda: again.append(writer.load(dataset, n_batch=n_batch)))
    tables: list[dict[str, pl.DataFrame]] = []
    back = timed(lambda: tables.append(store.view().tables()))
    n_rows = sum(len(rows) for rows in tables[0].values())
    assert n_rows == sum(len(rows) for rows in dataset.tables.values())
    n_writes = sum(getattr(again[0], name) for name in again[0].__slots__)
    n_accounts = len(dataset.tables["accounts"])
    links_s = first.wall_s - clock.entities_done
    return (
        f"| {store.engine} | {n_accounts:,} | {n_batch:,} | {n_entities / clock.entities_done:,.0f}"
        f" | {n_links / links_s:,.0f} | {second.wall_s:.1f} ({n_writes}) "
        f"| {n_rows / back.wall_s:,.0f} | {first.cpu_s:.1f} + {second.cpu_s:.1f} "
        f"+ {back.cpu_s:.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("book", type=Path)
    parser.add_argument("--store", required=True)
    parser.add_argument("--database")
    parser.add_argument("--batches", default="1000,5000,10000,20000")
    chosen = parser.parse_args()
    dataset = read_dataset(chosen.book)
    print(HEAD)
    with open_store(chosen.store, database=chosen.database) as store:
        for n_batch in map(int, chosen.batches.split(",")):
            print(measure(store, dataset, n_batch), flush=True)


if __name__ == "__main__":
    main()
