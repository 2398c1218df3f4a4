"""What the memory of this machine allows: bandwidth of streams, and time of random reads.

    python benchmarks/speed/machine.py N_NODES N_ACCOUNTS

Compiled loops, best of several runs: a floor to compare kernels with, not a prediction.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Places = NDArray[np.uint32]

N_STREAMED = 16_000_000
N_GATHERED = 20_000_000


@njit(nogil=True)
def _triad(a: Floats, b: Floats, c: Floats, first: int, last: int) -> None:
    for i in range(first, last):
        a[i] = b[i] + 3.0 * c[i]


@njit(nogil=True, fastmath=True)
def _gather(x: Singles, place: Places, first: int, last: int) -> float:
    total = np.float32(0.0)
    for i in range(first, last):
        total += x[place[i]]
    return float(total)


def _best_s(run: Callable[[int, int], object], n: int, n_threads: int, n_runs: int = 5) -> float:
    cuts = [n * i // n_threads for i in range(n_threads + 1)]
    run(0, 1)
    seconds = []
    with ThreadPoolExecutor(n_threads) as pool:
        for _ in range(n_runs):
            start = time.perf_counter()
            list(pool.map(run, cuts[:-1], cuts[1:]))
            seconds.append(time.perf_counter() - start)
    return min(seconds)


def stream_gb_per_s(n_threads: int) -> float:
    """Measure a = b + s c over arrays far larger than any cache (McCalpin's triad)."""
    a, b, c = np.zeros(N_STREAMED), np.ones(N_STREAMED), np.ones(N_STREAMED)
    seconds = _best_s(lambda first, last: _triad(a, b, c, first, last), N_STREAMED, n_threads)
    return 24 * N_STREAMED / seconds / 1e9


def gather_ns(n_values: int, n_threads: int) -> float:
    """Measure one read of a random float32 out of ``n_values``, in nanoseconds."""
    chance = np.random.default_rng(0)
    x = np.ones(n_values, dtype=np.float32)
    place = chance.integers(0, n_values, N_GATHERED).astype(np.uint32)
    seconds = _best_s(lambda first, last: _gather(x, place, first, last), N_GATHERED, n_threads)
    return seconds / N_GATHERED * 1e9


def measure(n_nodes: int, n_accounts: int, n_threads: int) -> dict[str, float]:
    """Measure streams, and random reads out of a number for each node, and for each account."""
    return {
        "stream_gb_per_s": stream_gb_per_s(n_threads),
        "gather_ns": gather_ns(n_nodes, n_threads),
        "gather_accounts_ns": gather_ns(2 * n_accounts, n_threads),
        "gather_in_cache_ns": gather_ns(16_000, n_threads),
    }


if __name__ == "__main__":
    sizes = int(sys.argv[1]), int(sys.argv[2])
    threads = sorted({1, os.cpu_count() or 1})
    print(json.dumps({str(n): measure(*sizes, n) for n in threads}))
