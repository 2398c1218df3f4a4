"""Personalised PageRank over undirected links, to a guaranteed error, on the folded graph.

Solved by conjugate gradients (Hestenes and Stiefel 1952), scaled by the diagonal. The error is
bounded, not guessed: with residual r, all accounts and things together are off by no more than
``sum |r| / (1 - d)``, because no column of ``d W D^-1`` sums to more than d. Sums over accounts
are taken in blocks of fixed size and the blocks added in order, so the bytes are the same for any
number of threads.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.errors import NotConverged
from graphrisk.propagation.folded import Folded
from graphrisk.propagation.passes import move, over_accounts, over_things
from graphrisk.threads import over_rows

MAX_PASSES = 1000


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
    with ThreadPoolExecutor(n_threads) as pool:
        return _solved(folded, start, damping, tolerance, n_threads, pool)


def _solved(
    folded: Folded,
    start: NDArray[np.float64],
    damping: float,
    tolerance: float,
    n_threads: int,
    pool: ThreadPoolExecutor,
) -> Solved:
    diagonal = folded.n_links - damping**2 * folded.n_back
    residual = (1.0 - damping) * start
    mass, step, product = (np.zeros(len(start)) for _ in range(3))
    of_shared = np.zeros(len(folded.users_from) - 1)
    sums = np.zeros((len(folded.run_from) - 1, 2))
    of_hubs = np.zeros((len(sums), folded.n_hubs))
    length = turn = 0.0
    for n_passes in range(MAX_PASSES + 1):
        over_rows(
            move, folded.work_from, n_threads, folded.run_from, folded.runs, folded.hub, length,
            turn, diagonal, product, mass, residual, step, sums, of_hubs, pool=pool,
        )  # fmt: skip
        norm, off = sums.sum(axis=0).tolist()
        error = off / (1.0 - damping)
        if error <= tolerance:
            return Solved(mass * folded.n_links, error, n_passes)
        of_hub = of_hubs.sum(axis=0) / folded.n_users
        over_rows(
            over_things, folded.users_from, n_threads, folded.user, step, of_shared, pool=pool
        )
        over_rows(
            over_accounts, folded.work_from, n_threads, folded.run_from, folded.runs, folded.peer,
            folded.mate, folded.hub, folded.shared, of_hub, of_shared, damping, diagonal, step,
            product, sums, pool=pool,
        )  # fmt: skip
        along, square = sums.sum(axis=0).tolist()
        length = norm / along
        # The square of the next residual is known before that is: one pass over memory less.
        turn = max(0.0, length * length * square / norm - 1.0)
    raise NotConverged(
        f"the bound on the error was still {error:.3g} after {MAX_PASSES} passes",
        expected=f"at most {tolerance:g}",
        hint="lower damping, or raise tolerance",
    )
