"""One pass over folded links: what the solver does between two sums."""

from __future__ import annotations

import numpy as np

from graphrisk.compiled import Floats, Ints, Places, SmallPlaces, compiled
from graphrisk.propagation.runs import (
    FIRST,
    HUB_AT,
    MATE_AT,
    N_HUBS,
    N_MATES,
    N_PEERS,
    N_SHARED,
    PEER_AT,
    SHARED_AT,
)


@compiled
def over_things(
    first: int, last: int, users_from: Ints, user: Places, given: Floats, average: Floats
) -> int:
    """Average over each shared thing's accounts."""
    for t in range(first, last):
        total = 0.0
        for j in range(users_from[t], users_from[t + 1]):
            total += given[user[j]]
        average[t] = total / (users_from[t + 1] - users_from[t])
    return 0


@compiled
def over_accounts(
    first: int,
    last: int,
    _work_from: Ints,
    run_from: Ints,
    runs: Ints,
    peer: Places,
    mate: Places,
    hub: SmallPlaces,
    shared: Places,
    of_hub: Floats,
    of_shared: Floats,
    damping: float,
    diagonal: Floats,
    given: Floats,
    result: Floats,
    sums: Floats,
) -> int:
    """Write ``A y`` of the module's formula for a range of blocks.

    Leaves two sums for each block: of y times A y, and of the square of A y by the diagonal.
    """
    for block in range(first, last):
        along = square = 0.0
        for r in range(run_from[block], run_from[block + 1]):
            n_peers, n_mates = runs[r, N_PEERS], runs[r, N_MATES]
            n_hubs, n_shared = runs[r, N_HUBS], runs[r, N_SHARED]
            p, m = np.uint64(runs[r, PEER_AT]), np.uint64(runs[r, MATE_AT])
            h, t = np.uint64(runs[r, HUB_AT]), np.uint64(runs[r, SHARED_AT])
            for a in range(runs[r, FIRST], runs[r + 1, FIRST]):
                over_peers = over_mates = over_hubs = over_shared = 0.0
                for _ in range(n_peers):
                    over_peers += given[peer[p]]
                    p += np.uint64(1)
                for _ in range(n_mates):
                    over_mates += given[mate[m]]
                    m += np.uint64(1)
                for _ in range(n_hubs):
                    over_hubs += of_hub[hub[h]]
                    h += np.uint64(1)
                for _ in range(n_shared):
                    over_shared += of_shared[shared[t]]
                    t += np.uint64(1)
                came = over_peers + damping * (over_hubs + over_shared + 0.5 * over_mates)
                value = diagonal[a] * given[a] - damping * came
                result[a] = value
                along += given[a] * value
                square += value * value / diagonal[a]
        sums[block, 0], sums[block, 1] = along, square
    return 0


@compiled
def move(
    first: int,
    last: int,
    _work_from: Ints,
    run_from: Ints,
    runs: Ints,
    hub: SmallPlaces,
    length: float,
    turn: float,
    diagonal: Floats,
    product: Floats,
    mass: Floats,
    residual: Floats,
    step: Floats,
    sums: Floats,
    of_hubs: Floats,
) -> int:
    """Go one step, find the next, and add that up over the accounts of each hub.

    Leaves two sums for each block: of the residual's square by the diagonal, and of its size.
    """
    for block in range(first, last):
        norm = off = 0.0
        of_hub = of_hubs[block]
        of_hub[:] = 0.0
        for r in range(run_from[block], run_from[block + 1]):
            n_hubs, h = runs[r, N_HUBS], np.uint64(runs[r, HUB_AT])
            for a in range(runs[r, FIRST], runs[r + 1, FIRST]):
                mass[a] += length * step[a]
                left = residual[a] - length * product[a]
                residual[a] = left
                norm += left * left / diagonal[a]
                off += abs(left)
                step[a] = left / diagonal[a] + turn * step[a]
                for _ in range(n_hubs):
                    of_hub[hub[h]] += step[a]
                    h += np.uint64(1)
        sums[block, 0], sums[block, 1] = norm, off
    return 0
