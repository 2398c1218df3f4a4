"""Evidence that propagation brought: each kernel, by family, from bad and from good seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.evidence import Group, Reason, State, Strength, Term, whole
from graphrisk.model.policy import Policy
from graphrisk.propagation.carrying import Carrying
from graphrisk.propagation.families import family_mass, family_nats
from graphrisk.propagation.pagerank import pagerank, transition
from graphrisk.propagation.reach import Reached, reach
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights

NETWORK_OF_GOOD = "good_neighbours"


@dataclass(frozen=True, slots=True)
class Propagated:
    """Both kernels from both sides.

    Attributes
    ----------
    bad_reach, good_reach
        Messages of the reach kernel.
    in_rate, standing_in_rate
        Damped share of the neighbour's mass that arrives over each slot, shape (n_slots,): of
        bad and of good mass, and of standing mass, which innocent sharing does not damp.
    bad_mass, good_mass, standing_mass
        PageRank mass from bad seeds, from good ones, and from good ones and accounts without a
        label together, in units of 2**-40 of a seed, shape (n_entities,), int64.
    """

    bad_reach: Reached
    good_reach: Reached
    in_rate: NDArray[np.float64]
    standing_in_rate: NDArray[np.float64]
    bad_mass: NDArray[np.int64]
    good_mass: NDArray[np.int64]
    standing_mass: NDArray[np.int64]


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
    """

    reach_nats: NDArray[np.float64]
    bad_mass: NDArray[np.float64]
    reach_good_nats: NDArray[np.float64]
    good_mass: NDArray[np.float64]
    standing_mass: NDArray[np.float64]


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
    floor = policy.reach.message_floor_prob
    bad_reach, good_reach = (
        reach(
            *rows, graph.reverse, weights.out_prob, strength,
            n_hops=n_hops, message_floor_prob=floor, own_only=weights.own_only,
            part=part, n_threads=n_threads,
        )
        for strength, n_hops in (
            (seeds.bad_strength, policy.reach.n_hops),
            (seeds.good_strength, policy.reach.good_n_hops),
        )
    )  # fmt: skip
    # What innocent sharing damps is lost on the way: were it damped before mass is divided, all
    # of it would arrive nevertheless. What is to be expected of a place is not damped: else those
    # who share innocently would stand out from nobody, and a little bad mass would say more.
    passes = weights.sharing.passes
    passing_on = np.where(weights.own_only, 0.0, weights.out_prob / passes)
    in_share = transition(*rows, graph.reverse, passing_on, is_identifier(graph))
    damped_share = in_share * passes[graph.reverse]
    bad, good = seeds.bad_strength > 0, seeds.good_strength > 0
    unlabelled = ~(bad | good | is_identifier(graph))
    # One run for all in good standing: a label on one of them leaves it exactly as it was.
    standing = np.where(good, 1.0, policy.pagerank.presumed_good_mass * unlabelled)
    masses = (
        pagerank(
            *rows, share, seed_mass,
            damping=policy.pagerank.damping,
            max_sweeps=policy.pagerank.max_sweeps,
            n_threads=n_threads,
        )
        for share, seed_mass in (
            (damped_share, bad.astype(np.float64)),
            (damped_share, good.astype(np.float64)),
            (in_share, standing),
        )
    )  # fmt: skip
    damping = policy.pagerank.damping
    return Propagated(
        bad_reach, good_reach, damping * damped_share, damping * in_share, *masses
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

    def mass(units: NDArray[np.int64], in_rate: NDArray[np.float64]) -> NDArray[np.float64]:
        return family_mass(
            rows, graph.offsets, graph.neighbor, weights.family_in,
            in_rate, units, n_families,
        )  # fmt: skip

    return LinkedEvidence(
        reach_nats=nats(propagated.bad_reach),
        bad_mass=mass(propagated.bad_mass, propagated.in_rate),
        reach_good_nats=nats(propagated.good_reach).sum(axis=1),
        good_mass=mass(propagated.good_mass, propagated.in_rate).sum(axis=1),
        standing_mass=mass(propagated.standing_mass, propagated.standing_in_rate).sum(axis=1),
    )


def linked_terms(
    evidence: LinkedEvidence, has_links: NDArray[np.bool_], policy: Policy
) -> tuple[Term, ...]:
    """Make terms of the additive model out of linked evidence.

    PageRank's smoothed ratio (B + mu * pi) / (G + mu * (1 - pi)), in log-odds over the prior, is
    log(1 + B / (mu * pi)) - log(1 + G / (mu * (1 - pi))): one term for bad and one for good.

    Accounts without a label are presumed good, a little: their mass P takes from the bad term
    what it would add to the good one, log(1 + P / (G + mu * (1 - pi))), and never more than the
    bad term has. So a crowd of unlabelled accounts says that bad mass is no surprise there, but
    lowers nobody below what reach and the account's own facts say. Adding a bad label still
    lowers nobody, and adding a good one raises nobody, to the last bit: P is G + P less G, and
    what leaves the good term in whole units arrives in the bad one.
    """
    worth, prior = policy.evidence, policy.prior.risk_prob
    good_unit = policy.pagerank.smoothing_mass * (1.0 - prior)
    good_rank = whole(worth.pagerank_weight * np.log1p(evidence.good_mass / good_unit))
    standing = whole(worth.pagerank_weight * np.log1p(evidence.standing_mass / good_unit))
    rank_nats = _rank_nats(evidence.bad_mass, standing - good_rank, policy)
    terms = []
    for i, (family, rule) in enumerate(policy.families.items()):
        strength = Strength(rule.strength)
        reached = evidence.reach_nats[:, i]
        capped = whole(worth.reach_weight * np.minimum(reached, rule.cap_nats))
        terms.append(
            _term(
                Reason(
                    f"REACH_{family.upper()}", Group.LINKED, family, strength,
                    f"risk of a bad account can have arrived over {family} links", "nats",
                ),
                capped, reached, has_links,
            )
        )  # fmt: skip
        terms.append(
            _term(
                Reason(
                    f"RANK_{family.upper()}", Group.LINKED, family, strength,
                    f"close to bad accounts over {family} links", "seeds",
                ),
                rank_nats[:, i], evidence.bad_mass[:, i], has_links,
            )
        )  # fmt: skip
    good_reach = whole(
        worth.reach_good_weight * np.minimum(evidence.reach_good_nats, worth.reach_good_cap_nats)
    )
    for code, text, unit, nats, value in (
        ("REACH_GOOD", "links to accounts in good standing", "nats",
         -good_reach, evidence.reach_good_nats),
        ("RANK_GOOD", "close to accounts in good standing", "seeds",
         -good_rank, evidence.good_mass),
    ):  # fmt: skip
        reason = Reason(code, Group.GOOD, NETWORK_OF_GOOD, Strength.WEAK, text, unit)
        terms.append(_term(reason, nats, value, has_links))
    return tuple(terms)


def _rank_nats(
    bad_mass: NDArray[np.float64], expected_nats: NDArray[np.float64], policy: Policy
) -> NDArray[np.float64]:
    """Share the bad term of PageRank among families, shape of ``bad_mass``.

    Strong families come first, then weak, then one-sided ones: without the terms of the weaker,
    what is left is the evidence as it would be had their mass never arrived. So weak mass takes
    nothing from strong. Families of one strength share in proportion to the mass each brought.
    """
    bad_unit = policy.pagerank.smoothing_mass * policy.prior.risk_prob
    strengths = np.array([rule.strength for rule in policy.families.values()])
    shares = np.zeros_like(bad_mass)
    mass, nats = np.zeros(len(bad_mass)), np.zeros(len(bad_mass))
    for strength in (Strength.STRONG, Strength.WEAK, Strength.ONE_SIDED):
        chosen = strengths == strength
        if not chosen.any():
            continue
        rising = np.cumsum(bad_mass[:, chosen], axis=1)
        of_all = rising[:, -1:]
        part = np.divide(rising, of_all, out=np.zeros_like(rising), where=of_all > 0)
        mass = mass + of_all[:, 0]
        worth = whole(policy.evidence.pagerank_weight * np.log1p(mass / bad_unit))
        with_these = np.maximum(worth - expected_nats, 0.0)
        shares[:, chosen] = np.diff(whole((with_these - nats)[:, None] * part), prepend=0.0)
        nats = with_these
    return shares


def _term(
    reason: Reason,
    nats: NDArray[np.float64],
    value: NDArray[np.float64],
    has_links: NDArray[np.bool_],
) -> Term:
    state = np.where(nats != 0, State.HIT, np.where(has_links, State.MISS, State.UNKNOWN))
    return Term(reason, nats, value, state.astype(np.int8))
