"""Run all contenders side by side, check that they agree, and write the table into the docs.

    python benchmarks/speed/run.py --accounts 100000,1000000,5000000 --rounds 5,5,1 --write

Every contender runs in a process of its own, in turns: first all of them once, then all again in
the opposite order. A ratio is taken within a round, and the median of the rounds is shown, so
that what else the machine does weighs on both sides. Results are kept in ``out/speed`` after every
round; the table in docs/performance.md is made from all sizes measured there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
from table import write_table

from graphrisk.memory import ALLOCATORS

HERE = Path(__file__).parent
#: How often a contender runs at most: slow ones, and those that do other work, run less.
AT_MOST = {
    "encode-duckdb": 3, "encode-pandas": 1, "rank-graphrisk-csv": 3, "rank-scipy-csv": 1,
    "rank-igraph-csv": 1, "rank-networkit": 1, "rank-sknetwork": 1, "rank-networkx": 1,
    "analyze-graphrisk": 3, "parts-graphrisk": 3, "parts-networkit": 3,
}  # fmt: skip
#: Accounts above which a contender is left out: it takes too long or too much memory.
UP_TO = {
    "encode-polars": 1_000_000, "encode-pandas": 1_000_000, "encode-duckdb-hash": 1_000_000,
    "encode-duckdb": 1_000_000, "rank-scipy-csv": 1_000_000, "rank-graphblas": 1_000_000,
    "rank-igraph": 1_000_000, "rank-igraph-csv": 1_000_000, "rank-igraph-pandas": 1_000_000,
    "rank-sknetwork": 1_000_000, "rank-networkit": 1_000_000, "rank-networkx": 200_000,
    "parts-networkit": 1_000_000,
}  # fmt: skip
#: Seconds after which a contender is stopped.
PATIENCE_S = 1200
#: Ids for each account, about.
N_NODES = 5.58
#: Contenders that solve another problem: timed, not compared.
OTHER_WORK = {"rank-networkit"}
#: Masses of the highest accounts of two contenders may differ by this much in all.
MAY_DIFFER = 1e-5
LIBRARIES = ("polars", "pandas", "igraph", "scipy", "graphblas-algorithms", "python-graphblas",
             "scikit-network", "networkit", "networkx", "duckdb", "numba", "numpy")  # fmt: skip


def contenders(n_accounts: int, only: str) -> list[str]:
    """Name the contenders that run at a size."""
    from contenders import CONTENDERS

    return [
        name for name in CONTENDERS if only in name and n_accounts <= UP_TO.get(name, n_accounts)
    ]


def run_once(name: str, folder: Path) -> dict[str, Any] | None:
    """Run a contender in a process of its own; None if it died or took too long."""
    result = folder / f"{name}.parquet"
    command = [sys.executable, str(HERE / "contenders.py"), name, str(folder), str(result)]
    # The command sets these before it imports anything; here polars is there before the command.
    own = ALLOCATORS if name == "analyze-graphrisk" else {}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=HERE, timeout=PATIENCE_S,
            env={**os.environ, **own},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        print(f"{name} stopped after {PATIENCE_S} s", flush=True)
        return None
    if done.returncode:
        print(f"{name} ended with {done.returncode}:\n{done.stderr[-2000:]}", flush=True)
        return None
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def own_script(name: str, *arguments: str) -> str:
    """Run a script of this folder in a process of its own, whose memory is its own."""
    command = [sys.executable, str(HERE / name), *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=HERE).stdout


def check_equal(names: Iterable[str], folder: Path) -> dict[str, float]:
    """Stop unless all rankings agree; return by how much each differs."""
    off: dict[str, float] = {}
    if not (folder / "rank-graphrisk.parquet").exists():
        return off
    ours = pl.read_parquet(folder / "rank-graphrisk.parquet")
    for name in names:
        if not name.startswith("rank-") or name in OTHER_WORK:
            continue
        both = ours.join(pl.read_parquet(folder / f"{name}.parquet"), on="account_id")
        off[name] = float((both["mass"] - both["mass_right"]).abs().sum())
        if both.height < 0.99 * ours.height or off[name] > MAY_DIFFER:
            raise SystemExit(f"{name} ranks others: {both.height} in common, off by {off[name]}")
    return off


def measure(n_accounts: int, n_rounds: int, seed: int, only: str, out: Path) -> dict[str, Any]:
    """Run all rounds at one size; what was found is kept after each."""
    folder = out / f"{n_accounts}-{seed}"
    if not (folder / "links.csv").exists():
        print(f"drawing {n_accounts:,} accounts", flush=True)
        drawn = ["--accounts", str(n_accounts), "--seed", str(seed), "--csv"]
        own_script("books.py", str(folder), *drawn)
    names = contenders(n_accounts, only)
    n_nodes = int(N_NODES * n_accounts)
    found: dict[str, Any] = {
        "n_accounts": n_accounts,
        "n_links": pl.scan_parquet(folder / "links.parquet").select(pl.len()).collect().item(),
        "n_nodes": n_nodes,
        "seed": seed,
        "rounds": [],
        "failed": [],
        "machine": json.loads(own_script("machine.py", str(n_nodes), str(n_accounts))),
    }
    for number in range(n_rounds):
        turn = [name for name in names if number < AT_MOST.get(name, n_rounds)]
        now: dict[str, Any] = {}
        for name in turn if number % 2 == 0 else reversed(turn):
            told = run_once(name, folder)
            if told is None:
                found["failed"].append(name)
                continue
            now[name] = told
            total = sum(told["seconds"].values())
            print(f"{number + 1}  {name:<20} {total:8.2f} s  {told['cpu_s']:8.2f} s of processor  "
                  f"{told['peak_mb']:6.0f} MB", flush=True)  # fmt: skip
        found["rounds"].append(now)
        found["off"] = check_equal(now, folder) | found.get("off", {})
        found["on"] = about()
        if not only:
            kept = json.dumps(found, indent=1)
            (out / f"result-{n_accounts}.json").write_text(kept, encoding="utf-8")
    return found


def about() -> dict[str, str]:
    """Say where this was measured."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = named[0].split(":", 1)[1].strip() if named else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "machine": f"{os.cpu_count()} processors ({cpu}), {memory:.0f} GB",
        "python": platform.python_version(),
        "load": f"{os.getloadavg()[0]:.1f}",
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    }


def main() -> None:
    """Measure the sizes asked for, and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accounts", default="100000", help="sizes, separated by commas")
    parser.add_argument("--rounds", default="5", help="for each size; the last one for the rest")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="contenders whose name contains this")
    parser.add_argument("--out", type=Path, default=Path("out/speed"))
    parser.add_argument("--write", action="store_true", help="write the table into the docs")
    wanted = parser.parse_args()
    out = wanted.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    sizes = [int(size) for size in wanted.accounts.split(",")]
    n_rounds = [int(n) for n in wanted.rounds.split(",")]
    n_rounds += [n_rounds[-1]] * (len(sizes) - len(n_rounds))
    failed: list[str] = []
    for size, n in zip(sizes, n_rounds, strict=False):
        print(f"load average {os.getloadavg()[0]:.1f}", flush=True)
        found = measure(size, n, wanted.seed, wanted.only, out)
        failed += [f"{name} at {size:,}" for name in found["failed"]]
        for name in found["rounds"][0]:
            seconds = [sum(r[name]["seconds"].values()) for r in found["rounds"] if name in r]
            print(f"{name:<22} median {median(seconds):8.2f} s of {len(seconds)}")
        if wanted.write:
            results = sorted(out.glob("result-*.json"))
            write_table([json.loads(path.read_text(encoding="utf-8")) for path in results])
    if failed:
        raise SystemExit(f"did not end well: {', '.join(failed)}")


if __name__ == "__main__":
    main()
