"""Check all forty statements of FinBench against the oracle, on a snapshot of its generator.

    python -m benchmarks.finbench SNAPSHOT [--draws 20] [--seed 1] [--docs docs/finbench.md]

SNAPSHOT is a folder of the eighteen CSV files. The database is that of GRAPHRISK_NEO4J_URL (name
and password as for graphrisk), or a server that this starts and stops; it is emptied. Parameters
are drawn from the data with a seed. Every answer is compared with the oracle's row by row, and
after the draws of every write the whole graph. Ends with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

from neo4j import Driver, GraphDatabase

from benchmarks.finbench import read_write, writes
from benchmarks.finbench.draws import READS, Draws, is_empty
from benchmarks.finbench.engine import Engine
from benchmarks.finbench.graph import Graph
from benchmarks.finbench.snapshot import read_snapshot
from graphrisk.stores.address import credentials_from

SERVER = Path(__file__).parents[2] / "scripts" / "neo4j_server.py"
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->\n"


@dataclass
class Line:
    """What came of one statement."""

    name: str
    n_draws: int = 0
    n_found: int = 0
    n_equal: int = 0
    took_ms: list[float] = field(default_factory=list)

    def cells(self) -> str:
        """A row of the table."""
        figures = (self.n_draws, self.n_found, self.n_equal)
        return f"| {self.name} | {' | '.join(map(str, figures))} | {median(self.took_ms):.1f} |"


def main() -> int:
    """Run the check and print its table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("snapshot", type=Path)
    parser.add_argument("--draws", type=int, default=20, help="for each read")
    parser.add_argument("--write-draws", type=int, default=3, help="for each write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--docs", type=Path, help="write the table into this page")
    chosen = parser.parse_args()
    logging.getLogger("neo4j.notifications").setLevel(logging.ERROR)
    graph, dropped = read_snapshot(chosen.snapshot)
    print(f"edges left out, for an end is not there: {dropped or 'none'}", file=sys.stderr)
    with server() as driver:
        engine = Engine(driver)
        engine.write("clear")
        engine.define()
        started = perf_counter()
        engine.load(graph)
        print(f"loaded in {perf_counter() - started:.0f} s", file=sys.stderr)
        if engine.export() != graph.export():
            print("what was loaded is not what was read", file=sys.stderr)
            return 1
        lines = [*read(engine, graph, chosen.draws, chosen.seed)]
        lines += write(engine, graph, chosen.write_draws, chosen.seed)
        lines += read_and_write(engine, graph, chosen.write_draws, chosen.seed)
    table = "\n".join(
        ["| statement | draws | not empty | equal | median ms |", "|---|---|---|---|---|"]
        + [line.cells() for line in lines]
    )
    print(table)
    if chosen.docs:
        before, rest = chosen.docs.read_text(encoding="utf-8").split(BEGIN)
        _, after = rest.split(END)
        chosen.docs.write_text(f"{before}{BEGIN}{table}\n{END}{after}", encoding="utf-8")
    return int(any(line.n_equal != line.n_draws for line in lines))


def read(engine: Engine, graph: Graph, n_draws: int, seed: int) -> Iterator[Line]:
    """Ask every read."""
    for name in READS:
        line = Line(name)
        for p, expected in Draws(graph, seed).reads(name, n_draws):
            rows, took_ms = engine.ask(name, p)
            is_equal = [list(row) for row in rows] == [list(row) for row in expected]
            note(line, is_equal, not is_empty(name, expected), took_ms)
            if not is_equal:
                print(f"{name} {p}\n  is {rows[:5]}\n  not {expected[:5]}", file=sys.stderr)
        yield line


def write(engine: Engine, graph: Graph, n_draws: int, seed: int) -> Iterator[Line]:
    """Run every write, on the graph as the earlier ones left it."""
    draws = Draws(graph, seed)
    for name in writes.WRITES:
        line = Line(name)
        for _ in range(n_draws):
            p = draws.write(name)
            expected = writes.write(name, graph, p)
            started = perf_counter()
            written = engine.write(name, **p)
            took_ms = 1000 * (perf_counter() - started)
            note(line, written == expected, bool(expected), took_ms)
        yield settled(line, engine, graph)


def read_and_write(engine: Engine, graph: Graph, n_draws: int, seed: int) -> Iterator[Line]:
    """Run every read-write until each of its ends was met, and at least as often as asked for."""
    draws = Draws(graph, seed)
    for name, run in read_write.READ_WRITES.items():
        line, ends = Line(name), set[str]()
        while line.n_draws < n_draws or (len(ends) < 3 and line.n_draws < 30):
            p = draws.read_write(name)
            expected = writes.READ_WRITES[name](graph, p)
            started = perf_counter()
            ended = run(engine.driver, p)
            took_ms = 1000 * (perf_counter() - started)
            ends.add(expected)
            note(line, ended == expected, expected != writes.ABORTED, took_ms)
        print(f"{name} ended as {', '.join(sorted(ends))}", file=sys.stderr)
        yield settled(line, engine, graph)


def settled(line: Line, engine: Engine, graph: Graph) -> Line:
    """Compare the whole graph; where it differs, none of the statement's draws counts."""
    if engine.export() != graph.export():
        print(f"{line.name} left another graph", file=sys.stderr)
        line.n_equal = 0
    return line


def note(line: Line, is_equal: bool, is_found: bool, took_ms: float) -> None:
    """Count one draw."""
    line.n_draws += 1
    line.n_equal += is_equal
    line.n_found += is_found
    line.took_ms.append(took_ms)
    print(f"{line.name} {line.n_draws} {took_ms:.0f} ms", end="\r", file=sys.stderr)


@contextmanager
def server() -> Iterator[Driver]:
    """Connect to the user's server, or start one and stop it."""
    if url := os.environ.get("GRAPHRISK_NEO4J_URL"):
        with GraphDatabase.driver(url, auth=credentials_from().pair) as driver:
            yield driver
        return
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, str(SERVER)]
        up = [*command, "up", "--home", home]
        told = json.loads(subprocess.run(up, check=True, stdout=subprocess.PIPE).stdout)
        password = Path(told["password_file"]).read_text(encoding="utf-8").strip()
        try:
            with GraphDatabase.driver(told["uri"], auth=(told["user"], password)) as driver:
                yield driver
        finally:
            subprocess.run([*command, "down", "--home", home], check=True)


if __name__ == "__main__":
    sys.exit(main())
