"""Count the moments of a group that lie in a span."""

from __future__ import annotations

import numpy as np

from graphrisk.compiled import Ints, compiled

#: Moments of a group that are sorted without calling on anything.
FEW = 16


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
    return _count(group, at_us, int(n_groups), asked, since_us, until_us)


@compiled
def _count(
    group: Ints, at_us: Ints, n_groups: int, asked: Ints, since_us: Ints, until_us: Ints
) -> Ints:
    ends = np.zeros(n_groups + 1, np.int64)
    for i in range(len(group)):
        ends[group[i] + 1] += 1
    for g in range(n_groups):
        ends[g + 1] += ends[g]
    # Each group is filled from where it begins, so that this comes to lie where it ends.
    moments = np.empty_like(at_us)
    for i in range(len(group)):
        moments[ends[group[i]]] = at_us[i]
        ends[group[i]] += 1
    for g in range(n_groups):
        sort_moments(moments, ends[g - 1] if g else 0, ends[g])
    count = np.empty(len(asked), dtype=np.int64)
    for i in range(len(asked)):
        first, last = ends[asked[i] - 1] if asked[i] else 0, ends[asked[i]]
        until = n_before(moments, first, last, until_us[i] + 1)
        count[i] = max(until - n_before(moments, first, last, since_us[i]), 0)
    return count


@compiled
def sort_moments(at_us: Ints, first: int, last: int) -> None:
    """Sort some moments in place: a few, as most groups have, by putting one after the other in."""
    if last - first > FEW:
        at_us[first:last].sort()
        return
    for i in range(first + 1, last):
        moment, at = at_us[i], i
        while at > first and at_us[at - 1] > moment:
            at_us[at] = at_us[at - 1]
            at -= 1
        at_us[at] = moment


@compiled
def n_before(at_us: Ints, first: int, last: int, limit_us: int) -> int:
    """Count the moments before ``limit_us`` among some that rise."""
    low, high = first, last
    while low < high:
        middle = (low + high) >> 1
        if at_us[middle] < limit_us:
            low = middle + 1
        else:
            high = middle
    return low - first
