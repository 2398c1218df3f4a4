"""Rows of slots (compressed sparse rows) from links: sorted once, then merged row by row."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers, compiled
from graphrisk.errors import InputRefused
from graphrisk.graph.order import in_order
from graphrisk.threads import over_cuts, over_ranges

MAX_SLOTS = 2**31 - 1


def build_rows(
    source: NDArray[np.int32],
    target: NDArray[np.int32],
    n_entities: int,
    *,
    n_threads: int = 1,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Lay out two slots for each link, rows sorted by neighbour and then by link.

    Parameters
    ----------
    source, target
        Entity numbers of each link, shape (n_links,), int32, no link from an entity to itself.
    n_entities
        How many entities there are.
    n_threads
        Threads to use; they change no byte.

    Returns
    -------
    offsets, neighbor, link, reverse
        As ``LinkGraph`` describes them.

    Raises
    ------
    InputRefused
        If there are more slots than 32-bit numbers can name.
    """
    if 2 * len(source) > MAX_SLOTS:
        raise InputRefused(
            f"the graph has {len(source):,} links",
            expected=f"at most {MAX_SLOTS // 2:,} links on one machine",
            hint="split the book, or analyse a shorter period",
        )
    by_source = np.arange(len(source), dtype=np.int32)
    if not _is_sorted(source, target):
        by_source = in_order(source, n_entities, in_order(target, n_entities, by_source))
    by_target = in_order(target, n_entities, by_source)
    cuts = _cuts(source, target, by_source, by_target, n_entities, n_threads)
    offsets = np.zeros(n_entities + 1, dtype=np.int64)
    neighbor, link, reverse = (np.empty(2 * len(source), dtype=np.int32) for _ in range(3))
    slots = np.empty(len(source), dtype=np.int32), np.empty(len(source), dtype=np.int32)
    over_cuts(
        None, _lay_out, cuts, source, target, by_source, by_target, offsets, neighbor, link, *slots
    )
    over_ranges(_turn_around, len(source), n_threads, *slots, reverse)
    for array in (offsets, neighbor, link, reverse):
        array.setflags(write=False)
    return offsets, neighbor, link, reverse


def _cuts(
    source: NDArray[np.int32],
    target: NDArray[np.int32],
    by_source: NDArray[np.int32],
    by_target: NDArray[np.int32],
    n_entities: int,
    n_threads: int,
) -> list[int]:
    """Cut entities into ranges of about equal numbers of slots and entities."""

    def n_before(entity: int) -> int:
        before = _n_before(source, by_source, entity) + _n_before(target, by_target, entity)
        return entity + int(before)

    marks = np.linspace(0, 2 * len(source) + n_entities, n_threads + 1)[1:-1]
    inner = [bisect_left(range(n_entities), mark, key=n_before) for mark in marks]
    return [0, *inner, n_entities]


@compiled
def _is_sorted(source: Numbers, target: Numbers) -> bool:
    for k in range(1, len(source)):
        if source[k] < source[k - 1] or (source[k] == source[k - 1] and target[k] < target[k - 1]):
            return False
    return True


@compiled
def _n_before(key: Numbers, order: Numbers, entity: int) -> int:
    """Count the links whose key is below an entity's number, by halving."""
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) >> 1
        if key[order[middle]] < entity:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _lay_out(
    first: int,
    last: int,
    source: Numbers,
    target: Numbers,
    by_source: Numbers,
    by_target: Numbers,
    offsets: Ints,
    neighbor: Numbers,
    link: Numbers,
    slot_at_source: Numbers,
    slot_at_target: Numbers,
) -> int:
    """Merge, for each entity of a range, the links that it is the source of with those to it.

    Both lists come sorted by the entity at the other end, and then by link.
    """
    n_links = len(source)
    i, j = _n_before(source, by_source, first), _n_before(target, by_target, first)
    slot = i + j
    for v in range(first, last):
        while True:
            k = by_source[i] if i < n_links and source[by_source[i]] == v else -1
            m = by_target[j] if j < n_links and target[by_target[j]] == v else -1
            if k < 0 and m < 0:
                break
            if m < 0 or (k >= 0 and (target[k] < source[m] or (target[k] == source[m] and k < m))):
                neighbor[slot], link[slot], slot_at_source[k] = target[k], k, slot
                i += 1
            else:
                neighbor[slot], link[slot], slot_at_target[m] = source[m], m, slot
                j += 1
            slot += 1
        offsets[v + 1] = slot
    return 0


@compiled
def _turn_around(
    first: int, last: int, slot_at_source: Numbers, slot_at_target: Numbers, reverse: Numbers
) -> int:
    """Point each slot of a range of links at the one that lists it from the other end."""
    for k in range(first, last):
        reverse[slot_at_source[k]] = slot_at_target[k]
        reverse[slot_at_target[k]] = slot_at_source[k]
    return 0
