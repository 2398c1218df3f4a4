"""Trails: the strongest evidence path of every account, for each family of links."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.decision import Trail
from graphrisk.model.times import NO_TIME
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights
from graphrisk.propagation.witness import Paths, Witness, search, strongest_by_family, trace


def find_trails(
    graph: LinkGraph, weights: Weights, seeds: Seeds, *, n_hops: int, n_threads: int
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
        n_hops=n_hops, n_threads=n_threads,
    )  # fmt: skip
    accounts = graph.accounts
    slot, prob = strongest_by_family(
        accounts, graph.offsets, graph.neighbor, graph.reverse, weights.out_prob,
        weights.family_in, len(weights.families), witness,
    )  # fmt: skip
    confirmed = _confirmed(graph, seeds)
    trails = []
    for i, family in enumerate(weights.families):
        if (slot[:, i] >= 0).any():
            paths = trace(accounts, slot[:, i], graph.neighbor, witness)
            trails.append(_trail(family, paths, prob[:, i], graph, confirmed))
    return witness, tuple(trails)


def _trail(
    family: str,
    paths: Paths,
    prob: NDArray[np.float64],
    graph: LinkGraph,
    confirmed: NDArray[np.bool_],
) -> Trail:
    on_path = paths.slots >= 0
    slots = np.where(on_path, paths.slots, 0)
    accounts = graph.accounts
    entity = graph.neighbor[slots]
    is_account = (entity >= accounts[0]) & (entity <= accounts[-1]) & on_path
    last_seen_at = graph.links.last_seen_at[graph.link[slots]]
    latest = np.iinfo(np.int64).max
    stalest_at = np.where(on_path, last_seen_at, latest).min(axis=1)
    return Trail(
        family=family,
        slot=paths.slots[:, 0],
        prob=np.where(on_path[:, 0], prob, 0.0),
        seed=paths.seed,
        n_account_steps=is_account.sum(axis=1).astype(np.int32),
        stalest_at=np.where(on_path[:, 0], stalest_at, NO_TIME),
        confirmed=(paths.seed >= 0) & confirmed[np.maximum(paths.seed, 0)],
    )


def _confirmed(graph: LinkGraph, seeds: Seeds) -> NDArray[np.bool_]:
    """Mark the entities whose ruling label a human or a court stands behind."""
    mask = np.zeros(graph.n_entities, dtype=bool)
    ruled = seeds.ruling >= 0
    mask[ruled] = seeds.labels["confirmed"].to_numpy()[seeds.ruling[ruled]]
    return mask
