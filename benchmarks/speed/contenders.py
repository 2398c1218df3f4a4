"""The contenders, each in its own process: the same work on the same files.

    python benchmarks/speed/contenders.py NAME FOLDER RESULT

FOLDER is one that ``books.py`` wrote. Prints a JSON object of seconds by step, measured after
imports and after compiling on a toy, and writes what was found to RESULT.

Ranking is personalised PageRank at damping 0.85 over undirected links, from 1% of the accounts,
until a step moves less than 1e-6 of the mass (libraries that test against ``n * tol`` get
1e-6 / n); graphrisk stops at a proven error below 1e-6. Each peer gets its ids in the fastest
way measured for it.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from functools import partial
from pathlib import Path

import encoding
import peers
import product
from clock import Clock, Contender
from encoding import by_categorical, by_factorize
from peers import with_solver

_by_csv = partial(by_categorical, file="links.csv")

CONTENDERS: dict[str, Contender] = {
    "encode-graphrisk": encoding.encode_graphrisk,
    "encode-polars-hash": encoding.encode_polars_hash,
    "encode-duckdb-hash": encoding.encode_duckdb_hash,
    "encode-duckdb": encoding.encode_duckdb,
    "encode-polars": encoding.encode_polars,
    "encode-pandas": encoding.encode_pandas,
    "encode-nothing": encoding.encode_nothing,
    "rank-graphrisk": product.rank_graphrisk,
    "rank-graphrisk-csv": partial(product.rank_graphrisk, file="links.csv"),
    "rank-scipy": with_solver(by_categorical, peers.scipy_power, "scipy.sparse"),
    "rank-scipy-csv": with_solver(_by_csv, peers.scipy_power, "scipy.sparse"),
    "rank-graphblas": with_solver(
        by_categorical, peers.graphblas_power, "graphblas graphblas_algorithms"
    ),
    "rank-igraph": with_solver(by_categorical, peers.igraph_prpack, "igraph"),
    "rank-igraph-csv": with_solver(_by_csv, peers.igraph_prpack, "igraph"),
    "rank-igraph-pandas": with_solver(
        by_factorize, peers.igraph_prpack, "igraph pandas pyarrow.parquet"
    ),
    "rank-sknetwork": with_solver(by_categorical, peers.sknetwork_power, "sknetwork.ranking"),
    "rank-networkit": with_solver(by_categorical, peers.networkit_global, "networkit"),
    "rank-networkx": with_solver(by_categorical, peers.networkx_power, "networkx scipy.sparse"),
    "parts-graphrisk": product.parts_graphrisk,
    "parts-networkit": peers.parts_networkit,
    "analyze-graphrisk": product.analyze_graphrisk,
}


def peak_mb() -> float:
    """Return the most memory that this process held at once, in 1e6 bytes.

    The count of ``getrusage`` is inherited from the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def go_first() -> None:
    """Be the process that the system ends if memory runs out, rather than any other."""
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text("1000", encoding="ascii")


def main() -> None:
    """Run one contender."""
    go_first()
    name, folder, result = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    clock, before = Clock(), time.process_time()
    found = CONTENDERS[name](folder, clock)
    if found is not None:
        found.write_parquet(result)
    told = {
        "seconds": clock.seconds,
        "details": clock.details,
        "cpu_s": time.process_time() - before,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
