"""Masses that PageRank may begin its sweeps from: close to the fixed point, and never above it.

Each product that PageRank rounds down loses less than one unit, so with the rates A, the start s
and n products in each row, the least fixed point x* in whole units has

    x* >= s - n + A x*

and so lies above every x with ``x <= s - n + A x`` in the rows where it is above the start: were
x* below x in some rows, their excess would be passed on among them without loss, but the shares
that an entity sends add up to less than one. Any way of finding such an x will do, and sums of
floats need not be the same each time: the sweeps in whole units end in the same bytes from all of
them. It is solved for by successive over-relaxation (Young 1954), and then proved row by row.
"""

from __future__ import annotations

import math
from concurrent.futures import Executor

import numpy as np

from graphrisk.compiled import Floats, Ints, Numbers, compiled
from graphrisk.threads import over_rows

#: Sweeps after which a head start is given up.
MOST_SWEEPS = 120
#: What is allowed on top of what rounding down loses, of it and in all, for rows that still move
#: and for errors of the proof.
_MORE, _AT_LEAST = 0.125, 2.0
#: In so many parts a unit is divided where it matters that a sum is no larger than it says.
_PARTS = 16.0
#: Of what is allowed, how much a row may still move when it is taken to rest.
_REST = 0.25


def head_start(
    offsets: Ints,
    near: Numbers,
    rate: Floats,
    start: Ints,
    damping: float,
    *,
    n_threads: int,
    pool: Executor | None = None,
) -> Ints:
    """Give masses of rows between the start and the least fixed point, close to it if possible.

    Parameters
    ----------
    offsets, near, rate
        Where rows begin, the row that each slot receives from, and its damped share.
    start
        What each row has of its own, in units, shape (n_rows,).
    damping
        Share of its mass that each row passes on, in (0, 1).
    """
    mass = start.astype(np.float64)
    # The best for a net of accounts and things, if they were linked to each other alone.
    lift = 2.0 / (1.0 + math.sqrt(1.0 - damping * damping))
    for _ in range(MOST_SWEEPS):
        work = (offsets, n_threads, near, rate, start, mass)
        if not over_rows(_relax, *work, lift, pool=pool) and not over_rows(
            count_unproved, *work, pool=pool
        ):
            return mass.astype(np.int64)
    return start.copy()


@compiled
def _relax(
    first: int, last: int, offsets: Ints, near: Numbers, rate: Floats, start: Ints, mass: Floats,
    lift: float,
) -> int:  # fmt: skip
    """Move rows towards what they would have in the worst case; return how many do not rest."""
    n_moving = 0
    for v in range(first, last):
        spare = _MORE * (offsets[v + 1] - offsets[v]) + _AT_LEAST
        came = start[v] - (offsets[v + 1] - offsets[v]) - spare
        for j in range(offsets[v], offsets[v + 1]):
            came += rate[j] * mass[near[j]]
        before = mass[v]
        mass[v] = max(before + lift * (came - before), float(start[v]))
        n_moving += not abs(mass[v] - before) <= _REST * spare
    return n_moving


@compiled
def count_unproved(
    first: int, last: int, offsets: Ints, near: Numbers, rate: Floats, start: Ints, mass: Floats
) -> int:
    """Count the rows whose mass is not proved to be at most that of the least fixed point.

    Products are added up in whole parts of a unit, rounded down, so that no sum of floats is too
    large; other errors are taken for more than they can be.
    """
    n_unproved = 0
    for v in range(first, last):
        if mass[v] <= start[v]:
            continue
        parts = np.int64(0)
        for j in range(offsets[v], offsets[v + 1]):
            parts += np.int64(_PARTS * (rate[j] * mass[near[j]]))
        came = parts / _PARTS
        error = 2.0**-50 * (came + start[v])
        n_unproved += not mass[v] <= start[v] - (offsets[v + 1] - offsets[v]) + came - error
    return n_unproved
