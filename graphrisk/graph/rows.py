"""Rows of slots (compressed sparse rows) from links, by two stable counting sorts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers, compiled
from graphrisk.errors import InputRefused

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
    offsets, neighbor, link, reverse = _lay_out(source, target, n_entities)
    for array in (offsets, neighbor, link, reverse):
        array.setflags(write=False)
    return offsets, neighbor, link, reverse


@compiled
def _lay_out(
    source: Numbers, target: Numbers, n_entities: int
) -> tuple[Ints, Numbers, Numbers, Numbers]:
    n_links = len(source)
    offsets = np.zeros(n_entities + 1, np.int64)
    for k in range(n_links):
        offsets[source[k] + 1] += 1
        offsets[target[k] + 1] += 1
    for v in range(n_entities):
        offsets[v + 1] += offsets[v]

    # First sort: all slots by neighbour (an entity has as many slots as it is a neighbour of).
    # A slot is written as 2 * link, plus one if it stands in the row of the link's target.
    by_neighbor = np.empty(2 * n_links, np.int64)
    place = offsets[:-1].copy()
    for k in range(n_links):
        by_neighbor[place[target[k]]] = 2 * k
        place[target[k]] += 1
        by_neighbor[place[source[k]]] = 2 * k + 1
        place[source[k]] += 1

    # Second sort, stable: by row.
    neighbor = np.empty(2 * n_links, np.int32)
    link = np.empty(2 * n_links, np.int32)
    position = np.empty(2 * n_links, np.int32)
    place[:] = offsets[:-1]
    for i in range(2 * n_links):
        k = by_neighbor[i] >> 1
        at_target = by_neighbor[i] & 1
        row = target[k] if at_target else source[k]
        slot = place[row]
        place[row] += 1
        neighbor[slot] = source[k] if at_target else target[k]
        link[slot] = k
        position[by_neighbor[i]] = slot
    reverse = np.empty(2 * n_links, np.int32)
    for i in range(2 * n_links):
        reverse[position[i]] = position[i ^ 1]
    return offsets, neighbor, link, reverse
