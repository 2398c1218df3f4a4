"""How fast stores load a book and give it back, by size of batch; and that a second load is none.

    python benchmarks/stores.py BOOK --store embedded:DIR [--batches 1000,5000,10000,20000]
    python benchmarks/stores.py BOOK --store neo4j://HOST:PORT --server-pid PID --write

For each size of batch the store is emptied of the book, loaded, loaded again, and read back. The
database must be one for this purpose: the book in it is replaced. Wall time is what a user waits;
on a machine that does other work too it tells about that work as well, so processor time stands
beside it: of this process, of an engine that it started, and of a server whose process is told
with --server-pid. With --write the table goes to docs/stores.md.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pages import cpu_s_of, machine, write_between

from graphrisk import read_dataset
from graphrisk.intake.dataset import Dataset
from graphrisk.stores.base import Store
from graphrisk.stores.opening import open_store
from graphrisk.stores.records import records_of
from graphrisk.stores.shapes import FACTS, RELATIONS
from graphrisk.stores.terms import Written

HEAD = (
    "| rows a batch | entities/s | links/s | facts/s | load in all | second load, writes nothing "
    "| read back, rows/s | processor: load, again, back |\n|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Timed:
    """What one step took, in seconds: on the wall, and of processors."""

    wall_s: float
    cpu_s: float


class Stopwatch:
    """Times steps of this process and of a server."""

    def __init__(self, server_pid: int) -> None:
        self._server_pid = server_pid

    def _now(self) -> Timed:
        process = os.getpid()
        engines = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        others = [*map(int, engines), *([self._server_pid] if self._server_pid else [])]
        return Timed(time.perf_counter(), time.process_time() + sum(map(cpu_s_of, others)))

    def __call__(self, step: Callable[[], object]) -> Timed:
        before = self._now()
        step()
        after = self._now()
        return Timed(after.wall_s - before.wall_s, after.cpu_s - before.cpu_s)


class Laps:
    """Adds up how long entities, links and facts took, from what a load tells of its progress."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.wall_s = {"entities": 0.0, "links": 0.0, "facts": 0.0}

    def __call__(self, word: str, n_done: int, n_rows: int) -> None:
        now = time.perf_counter()
        facts = {shape.relation for shape in FACTS}
        kind = "links" if word in RELATIONS else "facts" if word in facts else "entities"
        if n_done:  # before that, the keys that are there are read
            self.wall_s[kind] += now - self._last
        self._last = now


def empty_book() -> Dataset:
    """One account: a store that is brought to it has lost all else."""
    tables = {"accounts": pl.DataFrame({"account_id": ["nobody"]})}
    return read_dataset(tables)


def measure(store: Store, dataset: Dataset, n_batch: int, clock: Stopwatch) -> str:
    """Load, load again, read back; return a line of the table."""
    writer = store.writer()
    writer.load(empty_book())
    records = records_of(dataset.tables)
    n_rows = {
        "entities": len(records.content),
        "links": sum(len(part.rows) for part in records.links),
        "facts": sum(len(part.rows) for part in records.facts),
    }
    laps = Laps()
    first = clock(lambda: writer.load(dataset, n_batch=n_batch, progress=laps))
    again: list[Written] = []
    second = clock(lambda: again.append(writer.load(dataset, n_batch=n_batch)))
    tables: list[dict[str, pl.DataFrame]] = []
    back = clock(lambda: tables.append(store.view().tables()))
    n_back = sum(len(rows) for rows in tables[0].values())
    assert n_back == sum(len(rows) for rows in dataset.tables.values())
    assert again[0].is_nothing
    rates = " | ".join(f"{n / laps.wall_s[word]:,.0f}" for word, n in n_rows.items())
    return (
        f"| {n_batch:,} | {rates} | {first.wall_s:.0f} s | {second.wall_s:.0f} s "
        f"| {n_back / back.wall_s:,.0f} "
        f"| {first.cpu_s:.0f} s, {second.cpu_s:.0f} s, {back.cpu_s:.0f} s |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("book", type=Path)
    parser.add_argument("--store", required=True)
    parser.add_argument("--database")
    parser.add_argument("--batches", default="1000,5000,10000,20000")
    parser.add_argument("--server-pid", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="into docs/stores.md")
    chosen = parser.parse_args()
    dataset = read_dataset(chosen.book)
    n_accounts = len(dataset.tables["accounts"])
    n_rows = sum(len(rows) for rows in dataset.tables.values())
    lines = [HEAD]
    print(HEAD)
    with open_store(chosen.store, database=chosen.database) as store:
        engine = store.engine
        clock = Stopwatch(chosen.server_pid if engine == "neo4j" else 0)
        for n_batch in map(int, chosen.batches.split(",")):
            lines.append(measure(store, dataset, n_batch, clock))
            print(lines[-1], flush=True)
    about = f"{n_accounts:,} accounts, {n_rows:,} rows of tables. On {machine()}."
    print(about)
    if chosen.write:
        write_between("stores.md", f"load {engine}", *lines, "", about)


if __name__ == "__main__":
    main()
