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
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from pages import machine, write_between

import graphrisk
from graphrisk.model.policy import Policy
from graphrisk.report.run_record import Run
from graphrisk.spark.engine import Found, analyze
from graphrisk.spark.folder import write_found
from graphrisk.spark.place import Site
from graphrisk.spark.session import Cluster, connect

#: Tables held against one another, and what their rows are sorted by.
TABLES = {
    "decisions": ("account_id",),
    "evidence": ("account_id", "row_in_block"),
    "entities": ("kind", "entity_id"),
}
GB, TB = 1e9, 1e12
#: What a process with all that it imports needs before there is a book: the sample, in 3 blocks.
EMPTY_GB = 0.4
#: Books of the scaling sheet, in links, and the memory that one block may take.
SIZES, BLOCK_GB = (1e8, 1e9, 1e10), 8


def weighed(step: Callable[..., Any]) -> Callable[..., Any]:
    """Let a step also say how much memory its process has taken at most."""

    def call(site: Site, *args: object) -> Any:
        said = step(site, *args)
        peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        (Path(site.root) / "peaks" / str(os.getpid())).write_text(str(peak_kb))
        return said

    call.__name__ = step.__name__
    return call


@dataclass(slots=True)
class Measured(Cluster):
    """A cluster that notes what is exchanged in each step, and what is kept at most."""

    exchanged_bytes: dict[str, int] = field(default_factory=dict)
    most_kept_bytes: int = 0
    _seen: set[Path] = field(default_factory=set)

    def map(self, step: Callable[..., Any], arguments: Sequence[tuple[object, ...]]) -> list[Any]:
        said = Cluster.map(self, weighed(step), arguments)
        self._note(step.__name__)
        return said

    def repeat(self, step: Callable[..., Any], most: int, *args: object) -> int | None:
        number = Cluster.repeat(self, weighed(step), most, *args)
        self._note(step.__name__)
        return number

    def _note(self, step: str) -> None:
        new = {path: size for path, size in _sizes(self.root / "post") if path not in self._seen}
        self._seen |= new.keys()
        self.exchanged_bytes[step] = self.exchanged_bytes.get(step, 0) + sum(new.values())
        kept = sum(size for _, size in _sizes(self.root / "kept"))
        self.most_kept_bytes = max(self.most_kept_bytes, kept)

    def peak_gb(self) -> float:
        return max(int(one.read_text()) for one in (self.root / "peaks").iterdir()) * 1024 / GB


def _sizes(folder: Path) -> Iterator[tuple[Path, int]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.stat().st_size


@contextmanager
def cluster_of(master: str | None) -> Iterator[str]:
    """Lend a master: the one given, or one of our own with two workers."""
    if master is not None:
        yield master
        return
    from tests.spark.servers import Standalone

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with tempfile.TemporaryDirectory() as folder:
        servers = Standalone(Path(folder))
        try:
            servers.start()
            yield servers.url
        finally:
            servers.stop()


def whole(book: Path) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Return the tables that one machine finds, and what the book holds."""
    start = time.perf_counter()
    found = graphrisk.analyze(book)
    seconds = time.perf_counter() - start
    tables = {name: getattr(found, name) for name in TABLES}
    graph = found.graph
    return tables, {
        "n_accounts": len(graph.accounts),
        "n_entities": graph.n_entities,
        "n_links": graph.n_links,
        "local_s": seconds,
    }


def on_spark(session: Any, book: Path, n_blocks: int, root: Path) -> tuple[Found, dict[str, Any]]:
    """Analyse a book in so many blocks, up to the published folder."""
    cluster = Measured(session, root, n_blocks)
    (root / "peaks").mkdir(parents=True)
    begun = datetime.now(UTC)
    start = time.perf_counter()
    found = analyze(cluster, book, Policy.default())
    decided_s = time.perf_counter() - start
    run = Run(str(book), begun, begun, {})
    write_found(root / "analysis", cluster, found, run, lambda: datetime.now(UTC))
    return found, {
        "seconds": {**found.seconds, "sorted": time.perf_counter() - start - decided_s},
        "n_exchanges": found.n_exchanges,
        "exchanged_bytes": cluster.exchanged_bytes,
        "most_kept_bytes": cluster.most_kept_bytes,
        "peak_gb": cluster.peak_gb(),
    }


def differences(root: Path, tables: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """Count what differs from one machine; rows of evidence and entities by any column."""
    seen = {
        name: pl.read_parquet(sorted((root / "parts" / name).glob("*.parquet"))).sort(by)
        for name, by in TABLES.items()
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


def lines_of(runs: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Lay out two tables: what differs, and what a run costs."""
    equal = [
        "| book | links | blocks | largest difference of risk | tiers | decisions | evidence "
        "| entities |",
        "|---|---|---|---|---|---|---|---|",
    ]
    costs = [
        "| book | blocks | read | graph | weights | reach | PageRank, exchanges "
        "| groups | paths | decisions | sorting | all | one machine "
        "| exchanged | of it PageRank | kept at most | largest process |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for run in sorted(runs, key=lambda one: (one["n_accounts"], one["book"], one["n_blocks"])):
        off, took, sent = run["differ"], run["seconds"], run["exchanged_bytes"]
        equal.append(
            f"| {run['book']} | {run['n_links']:,} | {run['n_blocks']} | {off['risk']:.0g} | "
            + " | ".join(f"{off[name]:,}" for name in ("tiers", *TABLES))
            + " |"
        )
        steps = ("read", "graph", "weights", "reach")
        costs.append(
            f"| {run['book']} | {run['n_blocks']} | "
            + " | ".join(f"{took[name]:.1f}" for name in steps)
            + f" | {took['rank']:.1f}, {run['n_exchanges']['rank']}"
            + "".join(f" | {took[name]:.1f}" for name in ("groups", "trails", "decided", "sorted"))
            + f" | {sum(took.values()):.0f} s | {run['local_s']:.1f} s"
            + f" | {sum(sent.values()) / GB:.2f} GB | {sent['spread'] / GB:.2f} GB"
            + f" | {run['most_kept_bytes'] / GB:.2f} GB | {run['peak_gb']:.2f} GB |"
        )
    return equal, costs


def scaled(run: dict[str, Any]) -> list[str]:
    """Carry what one run took over to larger books, link by link."""
    n_links, n_blocks = run["n_links"], run["n_blocks"]
    sent, kept = sum(run["exchanged_bytes"].values()), run["most_kept_bytes"]
    rank = run["exchanged_bytes"]["spread"]
    # A link is in the blocks of both its ends; the memory of an empty process is not its own.
    end_bytes = (run["peak_gb"] - EMPTY_GB) * GB * n_blocks / (2 * n_links)
    cpu_us, local_us = ((1e6 * s / n_links) for s in (2 * sum(run["seconds"].values()),
                                                      run["local_s"]))  # fmt: skip

    def n_for(links: float) -> float:
        return float(2 * links * end_bytes / ((BLOCK_GB - EMPTY_GB) * GB))

    def row(what: str, each: str, told: Callable[[float], str]) -> str:
        return " | ".join(["| " + what, each, *(told(links) for links in SIZES)]) + " |"

    return [
        "| | measured, a link | at 1e8 links | at 1e9 | at 1e10 |",
        "|---|---|---|---|---|",
        row("exchanged in all", f"{sent / n_links:,.0f} bytes",
            lambda n: f"{sent / n_links * n / TB:,.2g} TB"),
        row(f"of it PageRank, {run['n_exchanges']['rank']} times", f"{rank / n_links:,.0f} bytes",
            lambda n: f"{rank / n_links * n / TB:,.2g} TB"),
        row("on the shared disk at the end", f"{(sent + kept) / n_links:,.0f} bytes",
            lambda n: f"{(sent + kept) / n_links * n / TB:,.2g} TB"),
        row("memory of the block that is worked on", f"{2 * end_bytes:,.0f} bytes",
            lambda _: "8 GB"),
        row("blocks of that size", "", lambda n: f"{n_for(n):,.0f}"),
        row("files looked into at each exchange", "blocks squared",
            lambda n: f"{n_for(n) ** 2:,.0f}"),
        row("processor time", f"{cpu_us:,.0f} µs",
            lambda n: f"{cpu_us * n / 3600e6:,.0f} hours"),
        row("one machine: time", f"{local_us:,.0f} µs",
            lambda n: f"{local_us * n / 3600e6:,.0f} hours"),
        row("one machine: memory", "about 900 bytes",
            lambda n: f"{900 * n / GB:,.0f} GB"),
    ]  # fmt: skip


def main() -> None:
    """Measure every book in every number of blocks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("books", nargs="*", type=Path)
    parser.add_argument("--blocks", default="2,7,64")
    parser.add_argument("--master")
    parser.add_argument("--keep", type=Path, default=Path("out/spark.jsonl"))
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
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
                    finally:
                        session.stop()
                    off = differences(root, tables)
                run = {"book": book.name, "n_blocks": n_blocks, **holds, "differ": off, **costs,
                       "machine": machine()}  # fmt: skip
                with given.keep.open("a") as file:
                    file.write(json.dumps(run) + "\n")
                runs.append(run)
                print(json.dumps(run), flush=True)
    if given.write:
        equal, dear = lines_of(runs)
        largest = max(runs, key=lambda one: int(one["n_links"]))
        write_between("spark.md", "spark equal", "", *equal, "")
        write_between("spark.md", "spark scaled", "", *scaled(largest), "")
        write_between("spark.md", "spark costs", "", *dear, "", f"On {runs[-1]['machine']}.", "")


if __name__ == "__main__":
    main()
