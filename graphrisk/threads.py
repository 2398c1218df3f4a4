"""Share work among threads; which thread takes a piece never changes its result."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Found = TypeVar("Found")


def available_threads() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def over_rows(
    kernel: Callable[..., int],
    offsets: NDArray[np.int64],
    n_threads: int,
    *arrays: object,
    pool: Executor | None = None,
) -> int:
    """Run ``kernel(first, last, offsets, *arrays)`` over all rows and add up what it returns.

    Rows are cut into ``n_threads`` ranges of about equal numbers of slots. The kernel must
    release the interpreter lock and write only to its own rows. Who calls often gives a pool.
    """
    n_rows = len(offsets) - 1
    if n_threads == 1 or n_rows < 2 * n_threads:
        return int(kernel(0, n_rows, offsets, *arrays))
    marks = np.linspace(0, int(offsets[-1]) + n_rows, n_threads + 1)[1:-1]
    rows = range(n_rows + 1)
    cuts = [bisect_left(rows, mark, key=lambda row: int(offsets[row]) + row) for mark in marks]
    return over_cuts(pool, kernel, [0, *cuts, n_rows], offsets, *arrays)


def over_ranges(
    kernel: Callable[..., int],
    n: int,
    n_threads: int,
    *arrays: object,
    pool: Executor | None = None,
) -> int:
    """Run ``kernel(first, last, *arrays)`` over ``n`` equal pieces of work, as ``over_rows``."""
    if n_threads == 1 or n < n_threads:
        return int(kernel(0, n, *arrays))
    cuts = [n * i // n_threads for i in range(n_threads + 1)]
    return over_cuts(pool, kernel, cuts, *arrays)


def over_parts(
    work: Callable[[NDArray[np.int32]], Found],
    entities: NDArray[np.int32],
    most: int,
    n_threads: int,
) -> Iterator[Found]:
    """Yield what ``work`` finds for at most ``most`` entities at a time, in their order."""
    with ThreadPoolExecutor(n_threads) as pool:
        yield from pool.map(work, np.split(entities, range(most, len(entities), most)))


def side_by_side(n_threads: int, *tasks: Callable[[], Found]) -> list[Found]:
    """Do tasks that ask nothing of one another, and return what they find, in their order.

    What they call must release the interpreter lock, or else they only take turns.
    """
    if n_threads == 1:
        return [task() for task in tasks]
    with ThreadPoolExecutor(n_threads) as pool:
        return [done.result() for done in [pool.submit(task) for task in tasks]]


def over_cuts(
    pool: Executor | None, kernel: Callable[..., int], cuts: Sequence[int], *arrays: object
) -> int:
    """Run ``kernel(first, last, *arrays)`` from each cut to the next, as ``over_rows``."""
    if pool is None:
        with ThreadPoolExecutor(len(cuts) - 1) as own:
            return over_cuts(own, kernel, cuts, *arrays)
    parts = [pool.submit(kernel, first, last, *arrays) for first, last in pairwise(cuts)]
    return sum(int(part.result()) for part in parts)
