"""Share the rows of a graph among threads; which thread takes a row never changes its result."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def available_threads() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def over_rows(
    kernel: Callable[..., int], offsets: NDArray[np.int64], n_threads: int, *arrays: object
) -> int:
    """Run ``kernel(first, last, offsets, *arrays)`` over all rows and add up what it returns.

    Rows are cut into ``n_threads`` ranges of about equal numbers of slots. The kernel must
    release the interpreter lock and write only to its own rows.
    """
    n_rows = len(offsets) - 1
    if n_threads == 1 or n_rows < 2 * n_threads:
        return int(kernel(0, n_rows, offsets, *arrays))
    marks = np.linspace(0, offsets[-1] + n_rows, n_threads + 1)
    cuts = np.searchsorted(offsets + np.arange(n_rows + 1), marks)
    cuts[0], cuts[-1] = 0, n_rows
    with ThreadPoolExecutor(n_threads) as pool:
        parts = [
            pool.submit(kernel, int(first), int(last), offsets, *arrays)
            for first, last in pairwise(cuts)
        ]
        return sum(int(part.result()) for part in parts)
