"""Rows of slots (compressed sparse rows) from links: sorted once, then merged row by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers, compiled
from graphrisk.errors import InputRefused
from graphrisk.graph.order import in_order

MAX_SLOTS = 2**31 - 1


def build_rows(
    source: NDArray[np.int32], target: NDArray[np.int32], n_entities: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Lay out two slots for each link, rows sorted by neighbour and then by link.

    Parameters
    ----------
    source, target
        Entity numbers of each link, shape (n_links,), int32, no link from an entity to itself.
    n_entities
        How many entities there are.

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
    offsets, neighbor, link, reverse = _lay_out(source, target, by_source, by_target, n_entities)
    for array in (offsets, neighbor, link, reverse):
        array.setflags(write=False)
    return offsets, neighbor, link, reverse


@compiled
def _is_sorted(source: Numbers, target: Numbers) -> bool:
    for k in range(1, len(source)):
        if source[k] < source[k - 1] or (source[k] == source[k - 1] and target[k] < target[k - 1]):
            return False
    return True


@compiled
def _lay_out(
    source: Numbers, target: Numbers, by_source: Numbers, by_target: Numbers, n_entities: int
) -> tuple[Ints, Numbers, Numbers, Numbers]:
    """Merge, for each entity, the links that it is the source of with those to it.

    Both lists come sorted by the entity at the other end, and then by link.
    """
    n_links = len(source)
    offsets = np.zeros(n_entities + 1, np.int64)
    neighbor = np.empty(2 * n_links, np.int32)
    link = np.empty(2 * n_links, np.int32)
    slot_at_source = np.empty(n_links, np.int32)
    slot_at_target = np.empty(n_links, np.int32)
    slot = i = j = 0
    for v in range(n_entities):
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
    reverse = np.empty(2 * n_links, np.int32)
    for k in range(n_links):
        reverse[slot_at_source[k]] = slot_at_target[k]
        reverse[slot_at_target[k]] = slot_at_source[k]
    return offsets, neighbor, link, reverse
