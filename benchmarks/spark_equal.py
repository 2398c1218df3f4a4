"""Analyse books on a real Spark, and hold what it decides against what one machine decides.

    PYTHONPATH=. python benchmarks/spark_equal.py BOOK BOOK --blocks 2,7,64 --keep out/spark.jsonl \
        --write

Starts a master and two workers of one processor each on this machine, or uses ``--master``. For
each book (a folder of tables) and each number of blocks it prints how far decisions, evidence and
entities are from those of one machine, how long every step took, what was exchanged and kept, and
the memory of the largest Python process. With ``--keep`` each run is written down, and those
written down are not made again; ``--write`` puts the tables of all of them into docs/spark.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from pages import machine, write_between
from spark_cluster import cluster_of
from spark_graphx import s_per_round, write_edges
from spark_sheet import GB, TABLES, costs_of, equal_of, of_two_sizes, scaled

import graphrisk
from graphrisk.model.policy import Policy
from graphrisk.report.run_record import Run
from graphrisk.spark import files, mail
from graphrisk.spark.engine import Found, analyze
from graphrisk.spark.folder import write_found
from graphrisk.spark.place import Site
from graphrisk.spark.session import Cluster, connect

SAMPLE = Path("fixtures/demo_small")
#: What the rows of each table are sorted by.
ORDER = {
    "decisions": ("account_id",),
    "evidence": ("account_id", "row_in_block"),
    "entities": ("kind", "entity_id"),
}


def watched(step: Callable[..., Any]) -> Callable[..., Any]:
    """Let a step also say what its process has sent so far, and the memory it took at most."""

    def call(site: Site, *args: object) -> Any:
        _count_what_is_sent(Path(site.root))
        said = step(site, *args)
        used = resource.getrusage(resource.RUSAGE_SELF)
        took = {"peak_gb": used.ru_maxrss * 1024 / GB, "cpu_s": used.ru_utime + used.ru_stime}
        (Path(site.root) / "used" / str(os.getpid())).write_text(json.dumps(took))
        return said

    call.__name__ = step.__name__
    return call


def _count_what_is_sent(root: Path) -> None:
    """Count, from now on, the bytes of each file that this process sends, by what it is."""
    if vars(mail)["write_whole"] is not files.write_whole:
        return
    sent: Counter[str] = Counter()

    def write(path: Path, content: bytes) -> None:
        files.write_whole(path, content)
        sent[path.parent.name.split("-")[0]] += len(content)
        (root / "sent" / str(os.getpid())).write_text(json.dumps(sent))

    vars(mail)["write_whole"] = write


@dataclass(slots=True)
class Measured(Cluster):
    """A cluster that notes what is exchanged, and what lies on the shared disk at most."""

    most_on_disk_bytes: int = 0

    def map(self, step: Callable[..., Any], arguments: Sequence[tuple[object, ...]]) -> list[Any]:
        said = Cluster.map(self, watched(step), arguments)
        self._note()
        return said

    def repeat(self, step: Callable[..., Any], most: int, *args: object) -> int | None:
        number = Cluster.repeat(self, watched(step), most, *args)
        self._note()
        return number

    def _note(self) -> None:
        there = sum(path.stat().st_size for path in self.root.rglob("*") if path.is_file())
        self.most_on_disk_bytes = max(self.most_on_disk_bytes, there)

    def used(self) -> dict[str, Any]:
        """Return the memory of the largest Python process, and the processor time of all."""
        told = [json.loads(one.read_text()) for one in (self.root / "used").iterdir()]
        return {"peak_gb": max(one["peak_gb"] for one in told),
                "cpu_s": sum(one["cpu_s"] for one in told)}  # fmt: skip

    def sent_bytes(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for one in (self.root / "sent").iterdir():
            total.update(json.loads(one.read_text()))
        return dict(total)


def whole(book: Path) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Return the tables that one machine finds, and what the book holds."""
    graphrisk.analyze(SAMPLE)  # what is compiled once is not counted
    start, cpu_start = time.perf_counter(), time.process_time()
    found = graphrisk.analyze(book)
    seconds, cpu_s = time.perf_counter() - start, time.process_time() - cpu_start
    tables = {name: getattr(found, name) for name in TABLES}
    graph = found.graph
    return tables, {
        "n_accounts": len(graph.accounts),
        "n_entities": graph.n_entities,
        "n_links": graph.n_links,
        "local_s": seconds,
        "local_cpu_s": cpu_s,
    }


def on_spark(session: Any, book: Path, n_blocks: int, root: Path) -> tuple[Found, dict[str, Any]]:
    """Analyse a book in so many blocks, up to the published folder."""
    cluster = Measured(session, root, n_blocks)
    for name in ("used", "sent"):
        (root / name).mkdir(parents=True)
    begun = datetime.now(UTC)
    start = time.perf_counter()
    found = analyze(cluster, book, Policy.default(), progress=told)
    decided_s = time.perf_counter() - start
    run = Run(str(book), begun, begun, {})
    write_found(root / "analysis", cluster, found, run, lambda: datetime.now(UTC))
    return found, {
        "seconds": {**found.seconds, "sorted": time.perf_counter() - start - decided_s},
        "n_exchanges": found.n_exchanges,
        "exchanged_bytes": cluster.sent_bytes(),
        "most_on_disk_bytes": cluster.most_on_disk_bytes,
        **cluster.used(),
    }


def graphx_s(session: Any, root: Path) -> float:
    """Time a PageRank round of GraphX on the links of the analysis, in the same session."""
    told("Time rounds of GraphX.")
    edges = root / "edges.txt"
    write_edges(root / "analysis", edges)
    return s_per_round(session, edges, session.sparkContext.defaultParallelism)


def told(text: str) -> None:
    """Tell on which step a long run is."""
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def differences(root: Path, tables: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """Count what differs from one machine; rows of evidence and entities by any column."""
    seen = {
        name: pl.read_parquet(sorted((root / "parts" / name).glob("*.parquet"))).sort(by)
        for name, by in ORDER.items()
    }
    decisions, expected = seen["decisions"], tables["decisions"]
    if not decisions["account_id"].equals(expected["account_id"]):
        raise SystemExit("the accounts differ")
    risk = (decisions["risk_prob"] - expected["risk_prob"]).abs().max()
    return {
        "risk": risk,
        "tiers": int((decisions["tier"] != expected["tier"]).sum()),
        **{name: _rows_that_differ(seen[name], tables[name]) for name in TABLES},
    }


def _rows_that_differ(found: pl.DataFrame, expected: pl.DataFrame) -> int:
    if found.height != expected.height:
        return abs(found.height - expected.height)
    same = pl.select(pl.repeat(True, expected.height)).to_series()
    for name in expected.columns:
        same &= found[name].eq_missing(expected[name])
    return int((~same).sum())


def main() -> None:
    """Measure every book in every number of blocks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("books", nargs="*", type=Path)
    parser.add_argument("--blocks", default="2,7,64")
    parser.add_argument("--master")
    parser.add_argument("--keep", type=Path, default=Path("out/spark.jsonl"))
    parser.add_argument("--graphx", action="store_true", help="time rounds of GraphX beside ours")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    # Whoever ends this run ends the servers that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    given.keep.parent.mkdir(parents=True, exist_ok=True)
    runs = [json.loads(line) for line in given.keep.open()] if given.keep.exists() else []
    wanted = [int(one) for one in given.blocks.split(",")]
    with cluster_of(given.master) if given.books else nullcontext("") as master:
        for book in given.books:
            done = {run["n_blocks"] for run in runs if run["book"] == book.name}
            missing = [n_blocks for n_blocks in wanted if n_blocks not in done]
            if not missing:
                continue
            tables, holds = whole(book)
            for n_blocks in missing:
                with tempfile.TemporaryDirectory(dir=given.keep.parent.resolve()) as place:
                    root = Path(place) / "root"
                    session = connect(master)
                    try:
                        _, costs = on_spark(session, book, n_blocks, root)
                        if given.graphx:
                            costs["graphx_s"] = graphx_s(session, root)
                    finally:
                        session.stop()
                    off = differences(root, tables)
                run = {"book": book.name, "n_blocks": n_blocks, **holds, "differ": off, **costs,
                       "machine": machine(), "load": os.getloadavg()[0]}  # fmt: skip
                with given.keep.open("a") as file:
                    file.write(json.dumps(run) + "\n")
                runs.append(run)
                print(json.dumps(run), flush=True)
    if given.write:
        write_between("spark.md", "spark equal", "", *equal_of(runs), "")
        write_between("spark.md", "spark scaled", "", *scaled(*of_two_sizes(runs)), "")
        write_between("spark.md", "spark costs", "", *costs_of(runs), "")


if __name__ == "__main__":
    main()
