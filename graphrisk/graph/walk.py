"""Which entities lie around one: a walk that takes time for what it meets, not for the graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Ints, Numbers, compiled


def around(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    start: int,
    follows: NDArray[np.bool_] | None = None,
    *,
    n_hops: int,
    most: int,
    most_links: int | None = None,
) -> NDArray[np.int32]:
    """Walk outwards from an entity, breadth first.

    Time and memory follow what is met, not the graph.

    Parameters
    ----------
    offsets, neighbor
        Rows of slots, as ``LinkGraph`` describes them.
    start
        From which entity.
    follows
        Which slots to walk over, shape (n_slots,); all by default.
    n_hops
        How far.
    most
        Entities after which the walk ends; the nearest are kept.
    most_links
        Entities with more links are met and not walked through, ``start`` apart; no bound by
        default.

    Returns
    -------
    numpy.ndarray
        Entity numbers, rising, ``start`` among them, int32.
    """
    if follows is None:
        follows = _ALL
    most_links = _ANY if most_links is None else most_links
    met = _walk(offsets, neighbor, follows, start, n_hops, most, most_links)
    met.sort()
    return met


_ALL, _ANY = np.zeros(0, dtype=bool), 2**62


@compiled
def _walk(
    offsets: Ints,
    neighbor: Numbers,
    follows: Flags,
    start: int,
    n_hops: int,
    most: int,
    most_links: int,
) -> Numbers:
    met = np.empty(64, np.int32)
    seen = np.full(256, -1, np.int32)  # a hash table of what was met; less than half is filled
    met[0] = start
    _is_new(seen, start)
    first, n_met = 0, 1
    for _ in range(n_hops):
        last = n_met
        for i in range(first, last):
            begin, end = offsets[met[i]], offsets[met[i] + 1]
            if end - begin > most_links and i > 0:
                continue
            for j in range(begin, end):
                if n_met >= most:
                    return met[:n_met].copy()
                if (len(follows) == 0 or follows[j]) and _is_new(seen, neighbor[j]):
                    if n_met == len(met):
                        met = np.concatenate((met, np.empty(3 * n_met, np.int32)))
                        seen = np.full(4 * len(seen), -1, np.int32)
                        for k in range(n_met):
                            _is_new(seen, met[k])
                        _is_new(seen, neighbor[j])
                    met[n_met] = neighbor[j]
                    n_met += 1
        first = last
    return met[:n_met].copy()


@compiled
def _is_new(seen: Numbers, entity: int) -> bool:
    """Put an entity into a table of a power of two, and tell whether it was not there."""
    mask = np.uint64(len(seen) - 1)
    place = ((np.uint64(entity) * np.uint64(2654435769)) >> np.uint64(16)) & mask
    while seen[place] >= 0:
        if seen[place] == entity:
            return False
        place = (place + np.uint64(1)) & mask
    seen[place] = entity
    return True
