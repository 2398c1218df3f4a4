"""Copy files to a real HDFS and back as a run on Spark does, and take time and memory.

    PYTHONPATH=. python benchmarks/spark_copies.py --files 2 --gigabytes 2.2 --write

HDFS is that of the tests: one server for names, one for data, on loopback and one disk. The memory
is the most that Java held beyond what it held before. ``--write`` puts the line into docs/spark.md.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from pages import machine, write_between

from graphrisk.spark.remote import N_STREAMS, Remote, side_by_side
from graphrisk.spark.session import connect
from graphrisk.spark.uri import Uri
from tests.spark.hdfs import Hdfs

CHUNK = os.urandom(2**20)


def measure(folder: Path, n_files: int, n_bytes: int) -> str:
    """Copy there and back; return what it took, in a sentence."""
    server = Hdfs(folder / "hdfs")
    server.folder.mkdir()
    server.start()
    os.environ["HADOOP_USER_NAME"] = "hdfs"
    session = connect("local[1]")
    try:
        place = Uri("hdfs", server.url.removeprefix("hdfs://"), "/copies")
        remote = Remote(session, place)
        bridge: Any = session.sparkContext._jvm
        java = int(bridge.java.lang.ProcessHandle.current().pid())
        files = [folder / f"{number}.bin" for number in range(n_files)]
        for file in files:
            with file.open("wb") as out:
                for _ in range(n_bytes // len(CHUNK)):
                    out.write(CHUNK)
        before = peak_bytes(java)
        begun = time.perf_counter()
        side_by_side(lambda file: remote.put(file, place.inside(file.name)), files)
        there = time.perf_counter()
        side_by_side(
            lambda file: remote.fetch(place.inside(file.name), file.with_suffix(".back")), files
        )
        back = time.perf_counter()
        assert all(file.stat().st_size == file.with_suffix(".back").stat().st_size
                   for file in files)  # fmt: skip
        total = n_bytes * len(files)
        return (
            f"{len(files)} files of {n_bytes / 1e9:.1f} GB went to an HDFS on the same disk at "
            f"{total / 1e6 / (there - begun):,.0f} MB/s, and came back at "
            f"{total / 1e6 / (back - there):,.0f}; Java held at most "
            f"{max(0, peak_bytes(java) - before) / 1e6:,.0f} MB more than before"
        )
    finally:
        session.stop()
        server.stop()


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process has held."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def main() -> None:
    """Measure, and print or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=N_STREAMS, help="at the same time")
    parser.add_argument("--gigabytes", type=float, default=2, help="of each file")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="graphrisk-") as folder:
        said = measure(Path(folder), asked.files, int(asked.gigabytes * 1e9))
    line = f"Measured: {said} ({machine()})."
    print(line)
    if asked.write:
        write_between("spark.md", "spark copies", line)


if __name__ == "__main__":
    main()
