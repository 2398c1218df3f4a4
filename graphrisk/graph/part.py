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

    Looks at the rows of these entities alone: a part is mostly small, and the whole is not.

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
    # Entities and links keep their order, hence slots do too.
    slots = _slots_of(graph.offsets, entities)
    slots = slots[place[graph.neighbor[slots]] >= 0]
    kept = np.unique(graph.link[slots]).astype(np.int64)
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
    return part, slots, kept


def _slots_of(offsets: NDArray[np.int64], entities: NDArray[np.int32]) -> NDArray[np.int64]:
    """List the slots of some entities, row by row."""
    begins, lengths = offsets[entities], offsets[entities + 1] - offsets[entities]
    before = np.cumsum(lengths) - lengths
    slots: NDArray[np.int64] = np.arange(lengths.sum()) + np.repeat(begins - before, lengths)
    return slots


def _part_of_index(index: IdIndex, entities: NDArray[np.int32]) -> IdIndex:
    cuts = np.searchsorted(entities, index.starts)
    ids = tuple(
        column.gather(entities[first:last] - start)
        for column, start, first, last in zip(
            index.ids, index.starts[:-1], cuts[:-1], cuts[1:], strict=True
        )
    )
    return IdIndex(index.kinds, ids, cuts.astype(np.int64))
