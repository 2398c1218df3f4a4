"""What propagation brought to each entity, before it is made into terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.policy import Policy
from graphrisk.propagation.carrying import Carrying
from graphrisk.propagation.families import NONE_CLOSED, family_mass, family_nats
from graphrisk.propagation.pagerank import pagerank, transition
from graphrisk.propagation.reach import Reached, reach
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.shares import damped, undamped
from graphrisk.propagation.ties import Ties, find_ties, tie_share_by_family
from graphrisk.propagation.weights import Weights


@dataclass(frozen=True, slots=True)
class Propagated:
    """Both kernels from both sides.

    Attributes
    ----------
    bad_reach, good_reach
        Messages of the reach kernel.
    in_rate, standing_in_rate
        Damped share of the neighbour's mass that arrives over each slot, shape (n_slots,): of
        bad mass and of good; and of standing mass, which innocent sharing does not damp.
    unvouched
        Slots over which no good mass arrives, since nothing vouches, shape (n_slots,), bool.
    bad_mass, good_mass, standing_mass
        PageRank mass from bad seeds, from good ones, and from good ones and accounts without a
        label together, in units of 2**-40 of a seed, shape (n_entities,), int64.
    ties
        Uses of a thing that a confirmed bad account uses too.
    prevalence_prob
        How common bad accounts are known to be.
    """

    bad_reach: Reached
    good_reach: Reached
    in_rate: NDArray[np.float64]
    standing_in_rate: NDArray[np.float64]
    unvouched: NDArray[np.bool_]
    bad_mass: NDArray[np.int64]
    good_mass: NDArray[np.int64]
    standing_mass: NDArray[np.int64]
    ties: Ties
    prevalence_prob: float


@dataclass(frozen=True, slots=True)
class LinkedEvidence:
    """What links brought to chosen entities, before it is made into terms.

    Attributes
    ----------
    reach_nats
        Reach from bad seeds by family, uncapped, shape (n, n_families).
    bad_mass
        PageRank mass from bad seeds that arrived over links, by family, in seeds, same shape.
    reach_good_nats, good_mass
        The same from good seeds, over all families, shape (n,).
    standing_mass
        The same from good seeds and from accounts without a label, in seeds, shape (n,).
    tie_share, n_tied
        The strongest tie to a confirmed bad account by family, as a share of a whole one, and to
        how many it is, shape (n, n_families).
    prevalence_prob
        How common bad accounts are known to be.
    """

    reach_nats: NDArray[np.float64]
    bad_mass: NDArray[np.float64]
    reach_good_nats: NDArray[np.float64]
    good_mass: NDArray[np.float64]
    standing_mass: NDArray[np.float64]
    tie_share: NDArray[np.float64]
    n_tied: NDArray[np.float64]
    prevalence_prob: float


def propagate(
    graph: LinkGraph,
    weights: Weights,
    seeds: Seeds,
    policy: Policy,
    *,
    part: Carrying | None = None,
    n_threads: int,
) -> Propagated:
    """Run reach and PageRank from bad and from good seeds.

    Raises
    ------
    NotConverged
        If PageRank does not reach its fixed point.
    """
    rows = (graph.offsets, graph.neighbor)

    def told(out_prob: NDArray[np.float64], strength: NDArray[np.float64], n_hops: int) -> Reached:
        return reach(
            *rows, graph.reverse, out_prob, strength,
            n_hops=n_hops, message_floor_prob=policy.reach.message_floor_prob,
            own_only=weights.own_only, part=part, n_threads=n_threads,
        )  # fmt: skip

    # Each run takes as much memory as all slots: what lets go of most comes first.
    vouching_prob = weights.out_prob * weights.vouches
    good_reach = told(vouching_prob, seeds.good_strength, policy.reach.good_n_hops)
    del vouching_prob
    bad_reach = told(weights.out_prob, seeds.bad_strength, policy.reach.n_hops)
    # What innocent sharing damps is lost on the way: were it damped before mass is divided, all
    # of it would arrive nevertheless. What is to be expected of a place is not damped: else those
    # who share innocently would stand out from nobody, and a little bad mass would say more.
    passes = weights.sharing.passes
    passing_on = undamped(weights.out_prob, passes, weights.own_only, n_threads=n_threads)
    in_share = transition(
        *rows, graph.reverse, passing_on, is_identifier(graph), n_threads=n_threads
    )
    del passing_on
    # What somebody did to others says nothing good of him. What is to be expected of a place is
    # asked of all links: it takes away what PageRank would say against him, and no more.
    damped_share, unvouched = damped(
        in_share, graph.reverse, passes, weights.vouches, n_threads=n_threads
    )
    del passes
    bad, good = seeds.bad_strength > 0, seeds.good_strength > 0
    unlabelled = ~(bad | good | is_identifier(graph))
    # One run for all in good standing: a label on one of them leaves it exactly as it was.
    standing = np.where(good, 1.0, policy.pagerank.presumed_good_mass * unlabelled)

    def spread(share: NDArray[np.float64], seed_mass: NDArray[np.float64]) -> NDArray[np.int64]:
        return pagerank(
            *rows, share, seed_mass,
            damping=policy.pagerank.damping,
            max_sweeps=policy.pagerank.max_sweeps,
            n_threads=n_threads,
        )  # fmt: skip

    good_mass = spread(np.where(unvouched, 0.0, damped_share), good.astype(np.float64))
    standing_mass = spread(in_share, standing)
    bad_mass = spread(damped_share, bad.astype(np.float64))
    for share in (damped_share, in_share):
        np.multiply(share, policy.pagerank.damping, out=share)
    return Propagated(
        bad_reach, good_reach, damped_share, in_share, unvouched,
        bad_mass, good_mass, standing_mass,
        find_ties(graph, weights, seeds), seeds.prevalence_prob,
    )  # fmt: skip


def linked_evidence(
    rows: NDArray[np.int32], graph: LinkGraph, weights: Weights, propagated: Propagated
) -> LinkedEvidence:
    """Sum what arrived at each of ``rows``, by family."""
    n_families = len(weights.families)

    def nats(reached: Reached) -> NDArray[np.float64]:
        return family_nats(
            rows, graph.offsets, weights.family_in, reached.message_units, n_families
        )

    def mass(
        units: NDArray[np.int64],
        in_rate: NDArray[np.float64],
        closed: NDArray[np.bool_] = NONE_CLOSED,
    ) -> NDArray[np.float64]:
        return family_mass(
            rows, graph.offsets, graph.neighbor, weights.family_in,
            in_rate, units, n_families, closed,
        )  # fmt: skip

    tie_share, n_tied = tie_share_by_family(
        rows, graph, weights.family_in, propagated.ties, n_families
    )
    return LinkedEvidence(
        reach_nats=nats(propagated.bad_reach),
        bad_mass=mass(propagated.bad_mass, propagated.in_rate),
        reach_good_nats=nats(propagated.good_reach).sum(axis=1),
        good_mass=mass(propagated.good_mass, propagated.in_rate, propagated.unvouched).sum(axis=1),
        standing_mass=mass(propagated.standing_mass, propagated.standing_in_rate).sum(axis=1),
        tie_share=tie_share,
        n_tied=n_tied,
        prevalence_prob=propagated.prevalence_prob,
    )
