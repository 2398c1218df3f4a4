"""What the slots of a graph pass on of a mass, and what of it is damped or vouched for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Floats, Numbers, compiled
from graphrisk.threads import over_ranges


def undamped(
    out_prob: NDArray[np.float64],
    passes: NDArray[np.float64],
    own_only: NDArray[np.bool_],
    *,
    n_threads: int = 1,
) -> NDArray[np.float64]:
    """Take innocent sharing out of what slots carry, and what tells its own label alone.

    Parameters
    ----------
    out_prob, passes, own_only
        As ``Weights`` and its ``Sharing`` describe them, shape (n_slots,).

    Returns
    -------
    numpy.ndarray
        Shape (n_slots,), float64.
    """
    passing_on = np.empty(len(out_prob))
    over_ranges(_undamp, len(out_prob), n_threads, out_prob, passes, own_only, passing_on)
    return passing_on


def damped(
    in_share: NDArray[np.float64],
    reverse: NDArray[np.int32],
    passes: NDArray[np.float64],
    vouches: NDArray[np.bool_],
    *,
    n_threads: int = 1,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Damp the shares that arrive by what their senders' slots pass.

    Parameters
    ----------
    in_share
        For each slot the share that arrives at the row's entity, shape (n_slots,).
    reverse
        As ``LinkGraph`` describes it.
    passes, vouches
        Of each slot what it passes to the neighbour, and whether it vouches for the neighbour.

    Returns
    -------
    damped_share, unvouched
        What arrives, shape (n_slots,), float64; and where nothing vouches for who receives it,
        shape (n_slots,), bool.
    """
    damped_share, unvouched = np.empty(len(in_share)), np.empty(len(in_share), dtype=bool)
    over_ranges(
        _damp, len(in_share), n_threads, in_share, reverse, passes, vouches, damped_share,
        unvouched,
    )  # fmt: skip
    return damped_share, unvouched


@compiled
def _undamp(
    first: int, last: int, out_prob: Floats, passes: Floats, own_only: Flags, passing_on: Floats
) -> int:
    for j in range(first, last):
        closed = own_only[j] or passes[j] == 0.0
        passing_on[j] = 0.0 if closed else out_prob[j] / passes[j]
    return 0


@compiled
def _damp(
    first: int, last: int, in_share: Floats, reverse: Numbers, passes: Floats, vouches: Flags,
    damped_share: Floats, unvouched: Flags,
) -> int:  # fmt: skip
    for j in range(first, last):
        damped_share[j] = in_share[j] * passes[reverse[j]]
        unvouched[j] = not vouches[reverse[j]]
    return 0
