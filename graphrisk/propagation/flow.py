"""Where mass can move: the rows of PageRank, laid out for many sweeps over them.

Links to lenders, to protected hubs and to identifiers of one account carry no mass: on a lender's
book they are most of all links. Rows that hear of each other lie close together, so that what a
sweep reads is mostly in the cache, and rows that send nothing come last: they are added up once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Floats, Ints, Numbers, compiled
from graphrisk.threads import over_ranges, over_rows


@dataclass(frozen=True, slots=True)
class Flow:
    """The entities that have mass or receive any, and the slots over which they receive it.

    Attributes
    ----------
    row
        The entity of each row, shape (n_rows,), int32.
    place
        The row of each entity, ``-1`` for none, shape (n_entities,), int32.
    n_senders
        How many of the rows, which come first, send to others.
    offsets, near, slot
        Where rows begin; for each place the row that it receives from, int32, and the slot of
        the graph that it stands for, int32.
    """

    row: Numbers
    place: Numbers
    n_senders: int
    offsets: Ints
    near: Numbers
    slot: Numbers

    @classmethod
    def of(
        cls,
        offsets: Ints,
        neighbor: Numbers,
        in_share: Floats,
        has_mass: Flags,
        *,
        n_threads: int = 1,
    ) -> Flow:
        """Find where mass can move.

        Parameters
        ----------
        offsets, neighbor
            Rows of slots, as ``LinkGraph`` describes them.
        in_share
            The share that arrives over each slot, shape (n_slots,). What is found is good for all
            shares that are nothing where these are.
        has_mass
            Entities that have mass of their own, or may have, shape (n_entities,).
        n_threads
            Threads to use.
        """
        n_entities = len(offsets) - 1
        is_row, sends = has_mass.copy(), np.zeros(n_entities, dtype=np.bool_)
        over_rows(_find_receivers, offsets, n_threads, in_share, is_row)
        over_rows(_find_senders, offsets, n_threads, neighbor, in_share, is_row, sends)
        first = _side_by_side(offsets, neighbor, in_share, sends)
        row = np.concatenate((first, np.flatnonzero(is_row & ~sends).astype(np.int32)))
        place = np.full(n_entities, -1, dtype=np.int32)
        place[row] = np.arange(len(row), dtype=np.int32)
        begins = np.zeros(len(row) + 1, dtype=np.int64)
        over_ranges(
            _count, len(row), n_threads, row, offsets, neighbor, in_share, is_row, begins[1:]
        )
        np.cumsum(begins, out=begins)
        near, slot = (np.empty(begins[-1], dtype=np.int32) for _ in range(2))
        over_rows(_lay_out, begins, n_threads, row, offsets, neighbor, in_share, place, near, slot)
        return cls(row, place, len(first), begins, near, slot)

    def rates(self, in_share: Floats, damping: float, n_threads: int) -> Floats:
        """Give the damped share that arrives over each slot here, of those of the graph."""
        rate = np.empty(len(self.slot))
        over_ranges(_gather, len(rate), n_threads, self.slot, in_share, damping, rate)
        return rate


@compiled
def _find_receivers(first: int, last: int, offsets: Ints, in_share: Floats, is_row: Flags) -> int:
    for v in range(first, last):
        for j in range(offsets[v], offsets[v + 1]):
            if in_share[j] > 0.0:
                is_row[v] = True
                break
    return 0


@compiled
def _find_senders(
    first: int, last: int, offsets: Ints, neighbor: Numbers, in_share: Floats, is_row: Flags,
    sends: Flags,
) -> int:  # fmt: skip
    """Mark rows that send to others; threads that mark the same one write the same."""
    for v in range(first, last):
        for j in range(offsets[v], offsets[v + 1]):
            if in_share[j] > 0.0 and is_row[neighbor[j]]:
                sends[neighbor[j]] = True
    return 0


@compiled
def _side_by_side(offsets: Ints, neighbor: Numbers, in_share: Floats, sends: Flags) -> Numbers:
    """List the senders breadth first, from each to those that it receives from."""
    n_senders = 0
    for v in range(len(sends)):
        n_senders += sends[v]
    listed = np.zeros(len(sends), np.bool_)
    order = np.empty(n_senders, np.int32)
    n_listed = n_done = 0
    for start in range(len(sends)):
        if not sends[start] or listed[start]:
            continue
        listed[start] = True
        order[n_listed] = start
        n_listed += 1
        while n_done < n_listed:
            v = order[n_done]
            n_done += 1
            for j in range(offsets[v], offsets[v + 1]):
                u = neighbor[j]
                if sends[u] and not listed[u] and in_share[j] > 0.0:
                    listed[u] = True
                    order[n_listed] = u
                    n_listed += 1
    return order


@compiled
def _count(
    first: int, last: int, row: Numbers, offsets: Ints, neighbor: Numbers, in_share: Floats,
    is_row: Flags, n_kept: Ints,
) -> int:  # fmt: skip
    for i in range(first, last):
        for j in range(offsets[row[i]], offsets[row[i] + 1]):
            n_kept[i] += in_share[j] > 0.0 and is_row[neighbor[j]]
    return 0


@compiled
def _lay_out(
    first: int, last: int, begins: Ints, row: Numbers, offsets: Ints, neighbor: Numbers,
    in_share: Floats, place: Numbers, near: Numbers, slot: Numbers,
) -> int:  # fmt: skip
    for i in range(first, last):
        at = begins[i]
        for j in range(offsets[row[i]], offsets[row[i] + 1]):
            if in_share[j] > 0.0 and place[neighbor[j]] >= 0:
                near[at], slot[at] = place[neighbor[j]], j
                at += 1
    return 0


@compiled
def _gather(
    first: int, last: int, slot: Numbers, in_share: NDArray[np.float64], damping: float,
    rate: Floats,
) -> int:  # fmt: skip
    for i in range(first, last):
        rate[i] = damping * in_share[slot[i]]
    return 0
