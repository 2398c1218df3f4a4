"""PageRank by solving its equations, and strongest paths by walking all of them."""

from __future__ import annotations

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from oracles.nets import Net, Rows


def solved(
    rows: Rows, leads_nowhere: NDArray[np.bool_], seed_mass: NDArray[np.float64], damping: float
) -> NDArray[np.float64]:
    """Solve x = (1 - d) s + d P' x; mass meant for nobody is lost."""
    n = len(rows.offsets) - 1
    weight = np.zeros((n, n))
    for u, v, prob in zip(rows.row, rows.neighbor, rows.out_prob, strict=True):
        if not leads_nowhere[v]:
            weight[u, v] += prob
    sent = weight.sum(axis=1, keepdims=True)
    share = np.divide(weight, sent, out=np.zeros_like(weight), where=sent > 0)
    return np.linalg.solve(np.eye(n) - damping * share.T, (1.0 - damping) * seed_mass)


def by_networkx(net: Net, damping: float) -> NDArray[np.float64]:
    """Personalised PageRank of networkx, whose seeds share a mass of one among them."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(net.n_entities))
    for link in net.links:
        for u, v, prob in (
            (link.source, link.target, link.there),
            (link.target, link.source, link.back),
        ):
            before = graph.get_edge_data(u, v, {"weight": 0.0})["weight"]
            graph.add_edge(u, v, weight=before + prob)
    seeds = {i: float(strength > 0) for i, strength in enumerate(net.seeds)}
    google = nx.google_matrix(graph, alpha=damping, personalization=seeds)
    # Its stationary distribution: x (M - 1) = 0 with one equation replaced by sum(x) = 1.
    n = net.n_entities
    equations = google.T - np.eye(n)
    equations[0] = 1.0
    return np.linalg.solve(equations, np.eye(n)[0])


def best_walks(rows: Rows, n_hops: int) -> dict[tuple[int, int], float]:
    """Best product over all walks of 1 to ``n_hops`` links that never turn straight back.

    Keyed by the entity a walk ends at and the slot it arrives over.
    """
    best: dict[tuple[int, int], float] = {}

    def walk(here: int, before: int, prob: float, left: int) -> None:
        for j in range(rows.offsets[here], rows.offsets[here + 1]):
            onward = int(rows.neighbor[j])
            if onward == before:
                continue
            arrived = prob * float(rows.out_prob[j])
            key = (onward, int(rows.reverse[j]))
            best[key] = max(best.get(key, 0.0), arrived)
            if left > 1:
                walk(onward, here, arrived, left - 1)

    for seed, strength in enumerate(rows.seeds.tolist()):
        if strength > 0:
            walk(seed, -1, strength, n_hops)
    return best
