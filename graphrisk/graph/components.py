"""Connected components by union-find (Tarjan 1975), smallest number as the name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Numbers, compiled
from graphrisk.graph.linkgraph import LinkGraph


def components(graph: LinkGraph, keep: NDArray[np.bool_] | None = None) -> NDArray[np.int32]:
    """Name each entity's component by the smallest entity number in it.

    Parameters
    ----------
    graph
        The graph.
    keep
        Which links count, shape (n_links,); all by default. Leaving out links to lenders and
        protected hubs gives the groups an investigator means.

    Returns
    -------
    numpy.ndarray
        Shape (n_entities,), int32.
    """
    source, target = graph.links.source, graph.links.target
    if keep is not None:
        source, target = source[keep], target[keep]
    return _union_find(source, target, graph.n_entities)


@compiled
def _union_find(source: Numbers, target: Numbers, n_entities: int) -> Numbers:
    parent = np.arange(n_entities).astype(np.int32)
    for k in range(len(source)):
        a, b = source[k], target[k]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    for v in range(n_entities):
        # Parents are never larger than their children, so one rising pass flattens the trees.
        parent[v] = parent[parent[v]]
    return parent
