"""Personalised PageRank over undirected links, to a guaranteed error, on the folded graph.

Solved by conjugate gradients (Hestenes and Stiefel 1952). The error is bounded, not guessed: with
residual r, no account or thing together is off by more than ``sum |r| / (1 - d)``, because no
column of ``d W D^-1`` sums to more than d. Sums over accounts are taken in blocks of fixed size
and the blocks added in order, so the bytes are the same for any number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Floats, compiled
from graphrisk.errors import NotConverged
from graphrisk.propagation.folded import Folded, onto_accounts, over_things
from graphrisk.propagation.threads import over_ranges, over_rows

MAX_PASSES = 1000
#: Accounts whose sum is taken by one thread.
BLOCK = 1 << 14


@dataclass(frozen=True, slots=True)
class Solved:
    """What a solver found.

    Attributes
    ----------
    mass
        Share of all mass at each account of the folded graph, shape (n_accounts,).
    error_at_most
        Bound on the sum of all differences from the exact solution, things included.
    n_passes
        Passes over the links.
    """

    mass: NDArray[np.float64]
    error_at_most: float
    n_passes: int


def solve(
    folded: Folded,
    start: NDArray[np.float64],
    *,
    damping: float,
    tolerance: float,
    n_threads: int = 1,
) -> Solved:
    """Spread the seeds' mass until it is within ``tolerance`` of the exact solution.

    Parameters
    ----------
    folded
        The links.
    start
        Mass that starts at each account, shape (n_accounts,). Mass that starts at a thing is
        given as ``damping`` times it, spread over the thing's accounts.
    damping
        Share of its mass that everybody passes on, in (0, 1).
    tolerance
        The sum of all differences from the exact solution is at most this.

    Raises
    ------
    NotConverged
        If the bound is still larger after ``MAX_PASSES``.
    """
    kept = np.sqrt(1.0 - damping**2 * folded.n_private / folded.n_links)
    root = np.sqrt(folded.n_links)
    scale = 1.0 / (root * kept)
    n_accounts, arrived = len(root), np.zeros(len(folded.thing))
    residual = (1.0 - damping) * start * scale
    solution, product = np.zeros(n_accounts), np.zeros(n_accounts)
    step = residual.copy()
    sent = scale * step
    weight = root * kept  # turns a residual of the scaled system into mass
    norm, off = _sums(_norms, n_accounts, n_threads, residual, weight)
    for n_passes in range(MAX_PASSES + 1):
        error = off / (1.0 - damping)
        if error <= tolerance:
            return Solved(solution * root / kept, error, n_passes)
        over_rows(over_things, folded.users_from, n_threads, folded.user, sent, arrived)
        over_rows(
            onto_accounts, folded.things_from, n_threads, folded.used, folded.peers_from,
            folded.peer, sent, arrived, scale, damping, step, product,
        )  # fmt: skip
        curvature, _ = _sums(_dots, n_accounts, n_threads, step, product)
        length = norm / curvature
        before = norm
        norm, off = _sums(
            _move, n_accounts, n_threads, length, step, product, solution, residual, weight
        )
        over_ranges(_turn, n_accounts, n_threads, norm / before, residual, scale, step, sent)
    raise NotConverged(
        f"the bound on the error was still {error:.3g} after {MAX_PASSES} passes",
        expected=f"at most {tolerance:g}",
        hint="lower damping, or raise tolerance",
    )


def _sums(kernel: object, n: int, n_threads: int, *given: object) -> tuple[float, float]:
    """Run a kernel that leaves two sums for each block; add the blocks up in their order."""
    sums = np.zeros((-(-n // BLOCK), 2))
    over_ranges(kernel, len(sums), n_threads, n, sums, *given)  # type: ignore[arg-type]
    first, second = sums.sum(axis=0)
    return float(first), float(second)


@compiled
def _norms(first: int, last: int, n: int, sums: Floats, residual: Floats, weight: Floats) -> int:
    for block in range(first, last):
        norm = off = 0.0
        for a in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            norm += residual[a] * residual[a]
            off += abs(residual[a]) * weight[a]
        sums[block, 0], sums[block, 1] = norm, off
    return 0


@compiled
def _dots(first: int, last: int, n: int, sums: Floats, one: Floats, other: Floats) -> int:
    for block in range(first, last):
        dot = 0.0
        for a in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            dot += one[a] * other[a]
        sums[block, 0] = dot
    return 0


@compiled
def _move(
    first: int,
    last: int,
    n: int,
    sums: Floats,
    length: float,
    step: Floats,
    product: Floats,
    solution: Floats,
    residual: Floats,
    weight: Floats,
) -> int:
    """Go one step, and measure what is left."""
    for block in range(first, last):
        norm = off = 0.0
        for a in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            solution[a] += length * step[a]
            left = residual[a] - length * product[a]
            residual[a] = left
            norm += left * left
            off += abs(left) * weight[a]
        sums[block, 0], sums[block, 1] = norm, off
    return 0


@compiled
def _turn(
    first: int, last: int, part: float, residual: Floats, scale: Floats, step: Floats, sent: Floats
) -> int:
    """Find the next direction."""
    for a in range(first, last):
        step[a] = residual[a] + part * step[a]
        sent[a] = scale[a] * step[a]
    return 0
