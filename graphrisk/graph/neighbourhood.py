"""The part of a graph around an entity, as a graph of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Ints, Numbers, compiled
from graphrisk.graph.encode import IdIndex
from graphrisk.graph.linkgraph import LinkGraph, Links
from graphrisk.graph.rows import build_rows


def around(
    graph: LinkGraph,
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
    graph, start
        Where to walk, and from which entity.
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
    met = _walk(graph.offsets, graph.neighbor, follows, start, n_hops, most, most_links)
    met.sort()
    return met


_ALL, _ANY = np.zeros(0, dtype=bool), 2**62


def part_of(
    graph: LinkGraph, entities: NDArray[np.int32]
) -> tuple[LinkGraph, NDArray[np.int64], NDArray[np.int64]]:
    """Cut out some entities and the links among them; their order stays.

    Parameters
    ----------
    graph
        The whole.
    entities
        Entity numbers, rising, shape (n,).

    Returns
    -------
    part, slots, links
        The graph of the part; for each of its slots, and of its links, the one it was in the
        whole, int64.
    """
    place = np.full(graph.n_entities, -1, dtype=np.int32)
    place[entities] = np.arange(len(entities), dtype=np.int32)
    whole = graph.links
    kept = np.flatnonzero((place[whole.source] >= 0) & (place[whole.target] >= 0))
    links = Links(
        source=place[whole.source[kept]],
        target=place[whole.target[kept]],
        relation=whole.relation[kept],
        first_seen_at=whole.first_seen_at[kept],
        last_seen_at=whole.last_seen_at[kept],
        confidence=whole.confidence[kept],
        n_records=whole.n_records[kept],
        origin=whole.origin[kept],
    )
    is_kept = np.zeros(graph.n_links, dtype=bool)
    is_kept[kept] = True
    offsets, neighbor, link, reverse = build_rows(links.source, links.target, len(entities))
    part = replace(
        graph,
        index=_part_of_index(graph.index, entities),
        kind_code=graph.kind_code[entities],
        usage_code=graph.usage_code[entities],
        links=links,
        offsets=offsets,
        neighbor=neighbor,
        link=link,
        reverse=reverse,
    )
    # Entities and links keep their order, hence slots do too.
    return part, np.flatnonzero(is_kept[graph.link]), kept


def _part_of_index(index: IdIndex, entities: NDArray[np.int32]) -> IdIndex:
    cuts = np.searchsorted(entities, index.starts)
    ids = tuple(
        column.gather(entities[first:last] - start)
        for column, start, first, last in zip(
            index.ids, index.starts[:-1], cuts[:-1], cuts[1:], strict=True
        )
    )
    return IdIndex(index.kinds, ids, cuts.astype(np.int64))


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
