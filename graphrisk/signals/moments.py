"""Count the moments of a group that lie in a span."""

from __future__ import annotations

import numpy as np

from graphrisk.compiled import Ints, compiled
from graphrisk.graph.order import in_order


def n_between(group: Ints, at_us: Ints, asked: Ints, since_us: Ints, until_us: Ints) -> Ints:
    """Count the moments of a group that lie in a span, both ends in it.

    Parameters
    ----------
    group, at_us
        Group of each moment, a whole number from 0, and microseconds; same shape.
    asked, since_us, until_us
        Group and span of each question; same shape.

    Returns
    -------
    numpy.ndarray
        Shape of ``asked``; no order of moments or questions changes it.
    """
    n_groups = 1 + max(group.max(initial=-1), asked.max(initial=-1))
    offsets = np.zeros(n_groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(group, minlength=n_groups), out=offsets[1:])
    every = np.arange(len(group), dtype=np.int32)
    by_group = at_us[in_order(group.astype(np.int32), int(n_groups), every)]
    return _count(offsets, by_group, asked, since_us, until_us)


@compiled
def _count(offsets: Ints, at_us: Ints, asked: Ints, since_us: Ints, until_us: Ints) -> Ints:
    for g in range(len(offsets) - 1):
        if offsets[g + 1] - offsets[g] > 1:
            at_us[offsets[g] : offsets[g + 1]].sort()
    count = np.empty(len(asked), dtype=np.int64)
    for i in range(len(asked)):
        moments = at_us[offsets[asked[i]] : offsets[asked[i] + 1]]
        until = np.searchsorted(moments, until_us[i], side="right")
        count[i] = max(until - np.searchsorted(moments, since_us[i], side="left"), 0)
    return count
