"""What stands behind a family of links when an account may be closed on it.

Reach is run again over what closing may rest on: near seeds, then fresh links only, then
confirmed seeds only. Because reach never falls when a label or a link is added, neither does
what stands behind a family: a stronger path to a suspected or distant seed can't hide a
confirmed one that is near.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.decision import Backing
from graphrisk.model.evidence import whole
from graphrisk.model.policy import Policy
from graphrisk.model.times import DAY_US, NO_TIME
from graphrisk.propagation.carrying import Carrying
from graphrisk.propagation.families import family_nats
from graphrisk.propagation.reach import reach_in_steps
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights


def find_backing(
    graph: LinkGraph,
    weights: Weights,
    seeds: Seeds,
    policy: Policy,
    *,
    part: Carrying | None = None,
    n_threads: int,
) -> Backing:
    """Say, for each family and account, whether enough reaches it that closing may rest on.

    Near means within the account-to-account steps that closing allows.
    """
    is_account = ~is_identifier(graph)
    fresh_prob = np.where(fresh_links(graph, policy)[graph.link], weights.out_prob, 0.0)
    confirmed_strength = np.where(seeds.is_confirmed(), seeds.bad_strength, 0.0)

    def speaking(
        out_prob: NDArray[np.float64], strength: NDArray[np.float64]
    ) -> dict[str, NDArray[np.bool_]]:
        reached = reach_in_steps(
            graph.offsets, graph.neighbor, graph.reverse, out_prob, strength, is_account,
            n_steps=policy.guards.close_max_account_steps,
            message_floor_prob=policy.reach.message_floor_prob,
            own_only=weights.own_only,
            part=part,
            n_threads=n_threads,
        )  # fmt: skip
        nats = family_nats(
            graph.accounts, graph.offsets, weights.family_in, reached.message_units,
            len(weights.families),
        )  # fmt: skip
        return {
            family: _brings_enough(nats[:, i], policy.families[family].cap_nats, policy)
            for i, family in enumerate(weights.families)
        }

    return Backing(
        near=speaking(weights.out_prob, seeds.bad_strength),
        fresh=speaking(fresh_prob, seeds.bad_strength),
        confirmed=speaking(fresh_prob, confirmed_strength),
    )


def fresh_links(graph: LinkGraph, policy: Policy) -> NDArray[np.bool_]:
    """Mark the links seen lately enough to close on; a link without a date is not fresh."""
    last_seen_at = graph.links.last_seen_at
    if graph.as_of_us == NO_TIME:
        return np.zeros(len(last_seen_at), dtype=bool)
    oldest_allowed = graph.as_of_us - policy.guards.close_max_age_days * DAY_US
    return np.asarray((last_seen_at != NO_TIME) & (last_seen_at >= oldest_allowed))


def _brings_enough(nats: NDArray[np.float64], cap_nats: float, policy: Policy) -> NDArray[np.bool_]:
    """Compare with what a family must bring, weighed as the risk model weighs it."""
    weighed = whole(policy.evidence.reach_weight * np.minimum(nats, cap_nats))
    return np.asarray(weighed >= policy.guards.family_min_nats)
