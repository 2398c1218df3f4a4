"""Run all contenders side by side, check that they agree, and write the table into the docs.

    python benchmarks/speed/run.py --accounts 1000000 --rounds 5 --write

Every contender runs in a process of its own, in turns: first all of them once, then all again in
the opposite order. A ratio is taken within a round, and the median of the rounds is shown, so
that what else the machine does weighs on both sides. Results are kept in ``out/speed``; the table
in docs/performance.md is made from all sizes measured there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import books
import machine
import polars as pl
from table import write_table

HERE = Path(__file__).parent
#: How often a contender runs at most: slow ones, and those that do other work, run less.
AT_MOST = {"rank-igraph-pandas": 3, "rank-networkit": 1, "rank-sknetwork": 2, "encode-pandas": 2,
           "rank-networkx": 1, "analyze-graphrisk": 3, "parts-graphrisk": 3}  # fmt: skip
#: Accounts above which a contender is left out.
UP_TO = {"rank-networkx": 200_000, "rank-networkit": 1_000_000, "rank-igraph-pandas": 1_000_000,
         "rank-sknetwork": 1_000_000, "rank-graphblas": 1_000_000}  # fmt: skip
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
    """Run a contender in a process of its own; None if a peer died of itself."""
    result = folder / f"{name}.parquet"
    done = subprocess.run(
        [sys.executable, str(HERE / "contenders.py"), name, str(folder), str(result)],
        capture_output=True, text=True, check=False, cwd=HERE,
    )  # fmt: skip
    if done.returncode:
        said = f"{name} ended with {done.returncode}:\n{done.stderr[-2000:]}"
        if "graphrisk" in name:
            raise SystemExit(said)
        print(said, flush=True)
        return None
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def check_equal(names: list[str], folder: Path) -> dict[str, float]:
    """Stop unless all rankings agree; return by how much each differs."""
    ours = pl.read_parquet(folder / "rank-graphrisk.parquet")
    off: dict[str, float] = {}
    for name in names:
        if not name.startswith("rank-") or name in OTHER_WORK:
            continue
        both = ours.join(pl.read_parquet(folder / f"{name}.parquet"), on="account_id")
        off[name] = float((both["mass"] - both["mass_right"]).abs().sum())
        if both.height < 0.99 * ours.height or off[name] > MAY_DIFFER:
            raise SystemExit(f"{name} ranks others: {both.height} in common, off by {off[name]}")
    return off


def measure(n_accounts: int, n_rounds: int, seed: int, only: str, out: Path) -> dict[str, Any]:
    """Run all rounds at one size."""
    folder = out / f"{n_accounts}-{seed}"
    if not (folder / "seeds.parquet").exists():
        print(f"drawing {n_accounts:,} accounts", flush=True)
        books.write(folder, n_accounts, seed)
    names = contenders(n_accounts, only)
    rounds: list[dict[str, Any]] = []
    for number in range(n_rounds):
        turn = [name for name in names if number < AT_MOST.get(name, n_rounds)]
        rounds.append({})
        for name in turn if number % 2 == 0 else reversed(turn):
            told = run_once(name, folder)
            if told is None:
                continue
            rounds[-1][name] = told
            total = sum(told["seconds"].values())
            print(f"{number + 1}  {name:<20} {total:8.2f} s  {told['cpu_s']:8.2f} s of processor  "
                  f"{told['peak_mb']:6.0f} MB", flush=True)  # fmt: skip
    n_links = pl.scan_parquet(folder / "links.parquet").select(pl.len()).collect().item()
    n_nodes = 5.5 * n_accounts
    for told in rounds[0].values():
        n_nodes = told["details"].get("n_nodes", n_nodes)
    return {
        "n_accounts": n_accounts,
        "n_links": n_links,
        "n_nodes": int(n_nodes),
        "seed": seed,
        "rounds": rounds,
        "off": check_equal(list(rounds[0]), folder) if "rank-graphrisk" in rounds[0] else {},
        "machine": {str(n): machine.measure(int(n_nodes), n) for n in (1, os.cpu_count() or 1)},
        "on": about(),
    }


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
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="contenders whose name contains this")
    parser.add_argument("--out", type=Path, default=Path("out/speed"))
    parser.add_argument("--write", action="store_true", help="write the table into the docs")
    wanted = parser.parse_args()
    out = wanted.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    for size in wanted.accounts.split(","):
        print(f"load average {os.getloadavg()[0]:.1f}", flush=True)
        found = measure(int(size), wanted.rounds, wanted.seed, wanted.only, out)
        kept = out / f"result-{size}.json"
        if not wanted.only:
            kept.write_text(json.dumps(found, indent=1), encoding="utf-8")
        for name in found["rounds"][0]:
            seconds = [sum(r[name]["seconds"].values()) for r in found["rounds"] if name in r]
            print(f"{name:<22} median {median(seconds):8.2f} s of {len(seconds)}")
    if wanted.write:
        write_table([json.loads(path.read_text(encoding="utf-8"))
                     for path in sorted(out.glob("result-*.json"))])  # fmt: skip


if __name__ == "__main__":
    main()
