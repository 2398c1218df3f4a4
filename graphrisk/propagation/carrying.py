"""The part of a graph that a kernel has to walk: rows and slots over which anything can travel.

On a lender's book most links carry nothing (lenders, protected hubs) or lead to a thing of one
account, which has nobody else to tell. Both are left out of the rounds of a kernel, and what such
a listener hears in the end is worked out once. Nothing in the result changes by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Codes, Flags, Floats, Ints, Numbers, compiled
from graphrisk.threads import over_rows

#: What becomes of an entity.
_LEFT_OUT, _WALKED, _LISTENS = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Carrying:
    """Rows of slots over which something can travel, numbered anew in the same order.

    Attributes
    ----------
    row
        The entity of each row, rising, shape (n_rows,), int32.
    place
        The row of each entity, ``-1`` for none, shape (n_entities,), int32.
    slot
        The slot of the graph that each slot here stands for, rising, shape (n_slots,), int32.
    offsets, neighbor, reverse
        As ``LinkGraph`` describes them, in rows and slots of this part.
    listener
        Entities with one neighbour and nothing of their own to tell, rising, int32.
    """

    row: NDArray[np.int32]
    place: NDArray[np.int32]
    slot: NDArray[np.int32]
    offsets: NDArray[np.int64]
    neighbor: NDArray[np.int32]
    reverse: NDArray[np.int32]
    listener: NDArray[np.int32]


def carrying(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    reverse: NDArray[np.int32],
    out_prob: NDArray[np.float64],
    tells: NDArray[np.bool_],
    *,
    n_threads: int = 1,
) -> Carrying:
    """Find the part of a graph over which anything can travel.

    Parallel links are one message, so all of them stay if one of them carries, either way.

    Parameters
    ----------
    offsets, neighbor, reverse
        Rows of slots, as ``LinkGraph`` describes them.
    out_prob
        What each slot carries to the neighbour, shape (n_slots,). The part is good for any
        run in which nothing carries that does not carry here.
    tells
        Entities that have something of their own to tell, shape (n_entities,), or more of them.
    n_threads
        Threads to use; the result is the same for any number.
    """
    n_entities = len(offsets) - 1
    role = np.zeros(n_entities, dtype=np.int8)
    over_rows(_assign, offsets, n_threads, neighbor, reverse, out_prob, tells, role)
    n_kept = np.zeros(n_entities, dtype=np.int32)
    over_rows(_count, offsets, n_threads, neighbor, reverse, out_prob, role, n_kept)
    row = np.flatnonzero(n_kept).astype(np.int32)
    place = np.full(n_entities, -1, dtype=np.int32)
    place[row] = np.arange(len(row), dtype=np.int32)
    begins = np.zeros(len(row) + 1, dtype=np.int64)
    np.cumsum(n_kept[row], out=begins[1:])
    slot, near, back = (np.empty(begins[-1], dtype=np.int32) for _ in range(3))
    of_slot = np.empty(len(neighbor), dtype=np.int32)
    over_rows(
        _keep, offsets, n_threads, neighbor, reverse, out_prob, role, place, begins,
        slot, near, of_slot,
    )  # fmt: skip
    over_rows(_turn_round, begins, n_threads, reverse, of_slot, slot, back)
    listener = np.flatnonzero(role == _LISTENS).astype(np.int32)
    return Carrying(row, place, slot, begins, near, back, listener)


@compiled
def _end_of_pair(j: int, end: int, neighbor: Numbers) -> int:
    """Give the slot after the last of the parallel links that begin at slot j."""
    stop = j + 1
    while stop < end and neighbor[stop] == neighbor[j]:
        stop += 1
    return stop


@compiled
def _carries(j: int, stop: int, reverse: Numbers, out_prob: Floats) -> bool:
    found = False
    for k in range(j, stop):
        found = found or out_prob[k] > 0.0 or out_prob[reverse[k]] > 0.0
    return found


@compiled
def _assign(
    first: int, last: int, offsets: Ints, neighbor: Numbers, reverse: Numbers, out_prob: Floats,
    tells: Flags, role: Codes,
) -> int:  # fmt: skip
    for v in range(first, last):
        n_near = 0
        j, end = offsets[v], offsets[v + 1]
        while j < end and n_near < 2:
            stop = _end_of_pair(j, end, neighbor)
            n_near += _carries(j, stop, reverse, out_prob)
            j = stop
        if n_near == 1 and not tells[v]:
            role[v] = _LISTENS
        elif n_near > 0:
            role[v] = _WALKED
    return 0


@compiled
def _count(
    first: int, last: int, offsets: Ints, neighbor: Numbers, reverse: Numbers, out_prob: Floats,
    role: Codes, n_kept: Numbers,
) -> int:  # fmt: skip
    for v in range(first, last):
        if role[v] != _WALKED:
            continue
        j, end = offsets[v], offsets[v + 1]
        while j < end:
            stop = _end_of_pair(j, end, neighbor)
            if role[neighbor[j]] == _WALKED and _carries(j, stop, reverse, out_prob):
                n_kept[v] += stop - j
            j = stop
    return 0


@compiled
def _keep(
    first: int, last: int, offsets: Ints, neighbor: Numbers, reverse: Numbers, out_prob: Floats,
    role: Codes, place: Numbers, begins: Ints, slot: Numbers, near: Numbers, of_slot: Numbers,
) -> int:  # fmt: skip
    for v in range(first, last):
        if place[v] < 0:
            continue
        at = begins[place[v]]
        j, end = offsets[v], offsets[v + 1]
        while j < end:
            stop = _end_of_pair(j, end, neighbor)
            if role[neighbor[j]] == _WALKED and _carries(j, stop, reverse, out_prob):
                for k in range(j, stop):
                    slot[at], near[at], of_slot[k] = k, place[neighbor[k]], at
                    at += 1
            j = stop
    return 0


@compiled
def _turn_round(
    first: int, last: int, begins: Ints, reverse: Numbers, of_slot: Numbers, slot: Numbers,
    back: Numbers,
) -> int:  # fmt: skip
    for i in range(begins[first], begins[last]):
        back[i] = of_slot[reverse[slot[i]]]
    return 0
