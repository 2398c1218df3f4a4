"""Connected components by union-find, smallest number as the name.

Trees are spliced as they are climbed (Rem, in Dijkstra 1976; Patwary, Blair and Manne 2010).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Numbers, compiled, read_ahead
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
    parent = np.arange(graph.n_entities, dtype=np.int32)
    _union(source, target, parent)
    return parent


#: Links whose ends are asked for ahead of use.
_AHEAD = 32


@compiled
def _union(source: Numbers, target: Numbers, parent: Numbers) -> None:
    n_links = len(source)
    for k in range(n_links):
        ahead = min(k + _AHEAD, n_links - 1)
        read_ahead(parent, np.uint64(source[ahead]))
        read_ahead(parent, np.uint64(target[ahead]))
        a, b = source[k], target[k]
        # The end under the higher parent climbs, and is hung under the lower one on its way.
        while parent[a] != parent[b]:
            if parent[a] < parent[b]:
                a, b = b, a
            above = parent[a]
            parent[a] = parent[b]
            if a == above:
                break
            a = above
    for v in range(len(parent)):
        # Parents are never larger than their children, so one rising pass flattens the trees.
        parent[v] = parent[parent[v]]
