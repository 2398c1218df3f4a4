"""Kill the driver of a run on Spark, run the same command again, and take the time of both.

    PYTHONPATH=. python benchmarks/spark_resume.py BOOK --master 'local[2]' --write

One run is left alone. Others are killed with SIGKILL at a stage and gone on with: for each of them
the seconds of both drivers, starting Spark included, what lay in the folder when the first one was
dead, and how many bytes of it the marks of stages are. Decisions, evidence and the risk of
entities are held against those of the run that was left alone. ``--write`` puts the table into
docs/spark.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from pages import machine, write_between

from graphrisk.spark.checkpoint import MARKS, sizes_in

COMMAND = Path(sys.executable).with_name("graphrisk")
#: Where a driver is killed: the stage, and the file that tells that it is under way.
DEATHS = {
    "graph": f"{MARKS}/read",
    "rank": "met/spread/*/100-0",
    "decided": f"{MARKS}/trails",
}
TABLES = ("decisions", "evidence", "entities")


def command(book: Path, out: Path, master: str) -> list[str]:
    """Return the command; it is the same for every driver of a run."""
    return [str(COMMAND), "analyze", str(book), "--out", str(out), "--engine", "spark",
            "--spark-master", master, "--json"]  # fmt: skip


def whole(arguments: list[str]) -> float:
    """Run a command to its end; return how many seconds it took."""
    begun = time.perf_counter()
    done = subprocess.run(arguments, stdout=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"the run ended with {done.returncode}")
    return time.perf_counter() - begun


def killed(arguments: list[str], folder: Path, pattern: str) -> float:
    """Run a command until a file is there, and kill it; return after how many seconds."""
    begun = time.perf_counter()
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as driver:
        while not any(folder.glob(f"*/{pattern}")):
            if driver.poll() is not None:
                raise SystemExit(f"the run ended before {pattern} was there")
            time.sleep(0.05)
        driver.kill()
    return time.perf_counter() - begun


def differs(one: Path, other: Path) -> int:
    """Count the tables of two analyses that are not the same."""
    return sum(
        not pl.read_parquet(one / f"{name}.parquet").equals(
            pl.read_parquet(other / f"{name}.parquet")
        )
        for name in TABLES
    )


def measured(book: Path, master: str, place: Path, at: Sequence[str]) -> list[str]:
    """Return the lines of the table."""
    alone = place / "alone"
    seconds = whole(command(book, alone, master))
    lines = [
        "| killed at | first driver | second driver | both | kept | marks | tables that differ |",
        "|---|---|---|---|---|---|---|",
        f"| never | {seconds:.0f} s |  | {seconds:.0f} s |  |  |  |",
    ]
    for stage in at:
        pattern, out = DEATHS[stage], place / stage
        folder = out.with_name(f".{out.name}.spark")
        first = killed(command(book, out, master), folder, pattern)
        sizes = list(sizes_in(folder))
        kept = sum(size for _, size in sizes) / 1e9
        marks = sum(size for path, size in sizes if path.parent.name == MARKS) / 1e3
        second = whole(command(book, out, master))
        lines.append(
            f"| {stage} | {first:.0f} s | {second:.0f} s | {first + second:.0f} s | {kept:.2f} GB "
            f"| {marks:.0f} kB | {differs(alone, out)} |"
        )
    return lines


def main() -> None:
    """Read the arguments, measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("book", type=Path)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--at", default=",".join(DEATHS), help="stages to kill a driver at")
    parser.add_argument("--write", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        lines = measured(wanted.book, wanted.master, Path(place), wanted.at.split(","))
    lines += ["", f"{wanted.book.name}, {wanted.master}; on {machine()}."]
    print("\n".join(lines))
    if wanted.write:
        write_between("spark.md", "spark resumed", "", *lines, "")


if __name__ == "__main__":
    main()
