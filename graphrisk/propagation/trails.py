"""Trails: the strongest evidence path of every account, for each family of links."""

from __future__ import annotations

import numpy as np

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.decision import Trail
from graphrisk.propagation.carrying import Carrying
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights
from graphrisk.propagation.witness import Witness, search, strongest_by_family, trace


def find_trails(
    graph: LinkGraph,
    weights: Weights,
    seeds: Seeds,
    *,
    n_hops: int,
    part: Carrying | None = None,
    n_threads: int,
) -> tuple[Witness, tuple[Trail, ...]]:
    """Find the strongest path of each family from every account.

    Returns
    -------
    witness, trails
        What the search kept, for tracing whole paths later, and one trail for each family
        over which anything arrives.
    """
    witness = search(
        graph.offsets, graph.neighbor, graph.reverse, weights.out_prob, seeds.bad_strength,
        n_hops=n_hops, own_only=weights.own_only, part=part, n_threads=n_threads,
    )  # fmt: skip
    accounts = graph.accounts
    slot, prob = strongest_by_family(
        accounts, graph.offsets, graph.neighbor, graph.reverse, weights.out_prob,
        weights.family_in, len(weights.families), witness, seeds.bad_strength,
        n_threads=n_threads,
    )  # fmt: skip
    trails = []
    for i, family in enumerate(weights.families):
        if (slot[:, i] >= 0).any():
            paths = trace(accounts, slot[:, i], graph.neighbor, witness)
            arrives = paths.n_links > 0
            found = np.where(arrives, prob[:, i], 0.0)
            trails.append(Trail(family, paths.slots[:, 0].copy(), found, paths.seed))
    return witness.traced(), tuple(trails)
