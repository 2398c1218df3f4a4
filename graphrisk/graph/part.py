"""A part of a graph, as a graph of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.encode import IdIndex
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.links import Links
from graphrisk.graph.rows import build_rows


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
