"""What the slots of a graph pass on of a mass, and what of it is damped or vouched for.

Hardly any slot is damped: the others are not touched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Floats, Ints, Numbers, compiled
from graphrisk.model.column import Column
from graphrisk.threads import over_ranges


def undamped(
    out_prob: NDArray[np.float64], passes: Column, own_only: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Take innocent sharing out of what slots carry, and what tells its own label alone.

    Parameters
    ----------
    out_prob, passes, own_only
        As ``Weights`` and its ``Sharing`` describe them, of length n_slots.

    Returns
    -------
    numpy.ndarray
        Shape (n_slots,), float64.
    """
    passing_on = out_prob.copy()
    slot, factor = _damping(passes)
    closed = factor == 0.0
    passing_on[slot] /= np.where(closed, 1.0, factor)
    passing_on[slot[closed]] = 0.0
    passing_on[own_only] = 0.0
    return passing_on


def damp(
    in_share: NDArray[np.float64], reverse: NDArray[np.int32], passes: Column
) -> tuple[Ints, Floats]:
    """Damp the shares that arrive, in place, by what their senders' slots pass.

    Parameters
    ----------
    in_share
        For each slot the share that arrives at the row's entity, shape (n_slots,).
    reverse
        As ``LinkGraph`` describes it.
    passes
        Of each slot what it passes to the neighbour, of length n_slots.

    Returns
    -------
    slot, share
        Where that changed something, rising, shape (n,), int64; and what arrived there before,
        shape (n,), float64.
    """
    sender, factor = _damping(passes)
    slot = reverse[sender].astype(np.int64)
    order = np.argsort(slot)
    slot, factor = slot[order], factor[order]
    share = in_share[slot]
    in_share[slot] = share * factor
    differs = in_share[slot] != share
    return slot[differs], share[differs]


def unvouched(
    reverse: NDArray[np.int32], vouches: NDArray[np.bool_], *, n_threads: int = 1
) -> NDArray[np.bool_]:
    """Mark the slots over which nothing vouches for the row's entity, shape (n_slots,)."""
    marks = np.empty(len(reverse), dtype=bool)
    over_ranges(_mark_unvouched, len(reverse), n_threads, reverse, vouches, marks)
    return marks


def _damping(passes: Column) -> tuple[NDArray[np.integer], Floats]:
    """List the slots that do not pass everything on, rising, and what they pass."""
    if passes.place is not None and passes.usual == 1.0:
        return passes.place, passes.others
    numbers = passes.all()
    slot = np.flatnonzero(numbers != 1.0)
    return slot, numbers[slot]


@compiled
def _mark_unvouched(first: int, last: int, reverse: Numbers, vouches: Flags, marks: Flags) -> int:
    for j in range(first, last):
        marks[j] = not vouches[reverse[j]]
    return 0
