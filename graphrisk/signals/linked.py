"""Evidence that propagation brought: each kernel, by family, from bad and from good seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.evidence import PREVALENCE, Group, Reason, State, Strength, Term, whole
from graphrisk.model.policy import Policy
from graphrisk.propagation.carrying import Carrying
from graphrisk.propagation.families import family_mass, family_nats
from graphrisk.propagation.pagerank import pagerank, transition
from graphrisk.propagation.reach import Reached, reach
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.shares import damped, undamped
from graphrisk.propagation.ties import Ties, find_ties, tie_share_by_family
from graphrisk.propagation.weights import Weights
from graphrisk.risk.additive import add_up

NETWORK_OF_GOOD = "good_neighbours"
COMMON = Reason(
    PREVALENCE, Group.LINKED, "prevalence", Strength.ONE_SIDED,
    "bad accounts are known to be more common than the prior says", "probability",
)  # fmt: skip
TIE_TEXT = "uses the same thing as a confirmed bad account, at the same time"


@dataclass(frozen=True, slots=True)
class Propagated:
    """Both kernels from both sides.

    Attributes
    ----------
    bad_reach, good_reach
        Messages of the reach kernel.
    in_rate, good_in_rate, standing_in_rate
        Damped share of the neighbour's mass that arrives over each slot, shape (n_slots,): of
        bad mass; of good mass, which does not arrive where nothing vouches; and of standing mass,
        which neither that nor innocent sharing damps.
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
    good_in_rate: NDArray[np.float64]
    standing_in_rate: NDArray[np.float64]
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
    floor = policy.reach.message_floor_prob
    bad_reach, good_reach = (
        reach(
            *rows, graph.reverse, out_prob, strength,
            n_hops=n_hops, message_floor_prob=floor, own_only=weights.own_only,
            part=part, n_threads=n_threads,
        )
        for out_prob, strength, n_hops in (
            (weights.out_prob, seeds.bad_strength, policy.reach.n_hops),
            (weights.out_prob * weights.vouches, seeds.good_strength, policy.reach.good_n_hops),
        )
    )  # fmt: skip
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
    damped_share, vouched_share = damped(
        in_share, graph.reverse, passes, weights.vouches, n_threads=n_threads
    )
    bad, good = seeds.bad_strength > 0, seeds.good_strength > 0
    unlabelled = ~(bad | good | is_identifier(graph))
    # One run for all in good standing: a label on one of them leaves it exactly as it was.
    standing = np.where(good, 1.0, policy.pagerank.presumed_good_mass * unlabelled)
    bad_mass, good_mass, standing_mass = (
        pagerank(
            *rows, share, seed_mass,
            damping=policy.pagerank.damping,
            max_sweeps=policy.pagerank.max_sweeps,
            n_threads=n_threads,
        )
        for share, seed_mass in (
            (damped_share, bad.astype(np.float64)),
            (vouched_share, good.astype(np.float64)),
            (in_share, standing),
        )
    )  # fmt: skip
    for share in (damped_share, vouched_share, in_share):
        np.multiply(share, policy.pagerank.damping, out=share)
    return Propagated(
        bad_reach, good_reach, damped_share, vouched_share, in_share,
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

    def mass(units: NDArray[np.int64], in_rate: NDArray[np.float64]) -> NDArray[np.float64]:
        return family_mass(
            rows, graph.offsets, graph.neighbor, weights.family_in,
            in_rate, units, n_families,
        )  # fmt: skip

    tie_share, n_tied = tie_share_by_family(
        rows, graph, weights.family_in, propagated.ties, n_families
    )
    return LinkedEvidence(
        reach_nats=nats(propagated.bad_reach),
        bad_mass=mass(propagated.bad_mass, propagated.in_rate),
        reach_good_nats=nats(propagated.good_reach).sum(axis=1),
        good_mass=mass(propagated.good_mass, propagated.good_in_rate).sum(axis=1),
        standing_mass=mass(propagated.standing_mass, propagated.standing_in_rate).sum(axis=1),
        tie_share=tie_share,
        n_tied=n_tied,
        prevalence_prob=propagated.prevalence_prob,
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

    Where bad accounts are known to be more common than the prior says, an account of which links
    say little is more likely bad too. PREVALENCE is what that adds to PageRank's bad term; it lifts
    no tier, since it is nothing that is known of the account.

    A tie is worth up to ``tie_nats``; PageRank's bad term is what it says beyond the ties. Where
    there is a tie, good evidence takes away no more than would leave ties and strong reach: what
    an account can add to itself lowers it no further.
    """
    worth, prior = policy.evidence, policy.prior.risk_prob
    good_unit = policy.pagerank.smoothing_mass * (1.0 - prior)
    # Where bad accounts are common, smoothing stands for so many more of them, and fewer good.
    more = policy.pagerank.smoothing_mass * (evidence.prevalence_prob - prior)
    good_rank, standing = (
        whole(worth.pagerank_weight * np.log1p(np.maximum(mass - more, 0.0) / good_unit))
        for mass in (evidence.good_mass, evidence.standing_mass)
    )
    tie_nats = whole(worth.tie_nats * evidence.tie_share)
    tied = tie_nats.sum(axis=1)
    rank_nats, common_nats = _rank_nats(
        evidence.bad_mass, standing - good_rank + tied, more, policy
    )
    terms = []
    floor = tied.copy()
    for i, (family, rule) in enumerate(policy.families.items()):
        strength = Strength(rule.strength)
        reached = evidence.reach_nats[:, i]
        capped = whole(worth.reach_weight * np.minimum(reached, rule.cap_nats))
        floor += capped * (strength == Strength.STRONG)
        if family in families_of_ties(policy):
            terms.append(
                _term(
                    Reason(
                        f"TIE_{family.upper()}", Group.LINKED, family, strength, TIE_TEXT,
                        "accounts",
                    ),
                    tie_nats[:, i], evidence.n_tied[:, i], has_links,
                )
            )  # fmt: skip
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
    # PREVALENCE is the last to be added, so that without it all is as if it were not there.
    against = add_up(terms, len(tied))
    left = against - good_reach - good_rank
    most = np.where(tied > 0, against - floor, np.inf)
    good_reach = np.minimum(good_reach, most)
    good_rank = np.minimum(good_rank, most - good_reach)
    with_common = np.where(tied > 0, np.maximum(left + common_nats, floor), left + common_nats)
    common_nats = with_common - (against - good_reach - good_rank)
    prevalence = np.full(len(tied), evidence.prevalence_prob)
    terms.append(_term(COMMON, common_nats, prevalence, np.ones(len(tied), dtype=bool)))
    for code, text, unit, nats, value in (
        ("REACH_GOOD", "links to accounts in good standing", "nats",
         -good_reach, evidence.reach_good_nats),
        ("RANK_GOOD", "close to accounts in good standing", "seeds",
         -good_rank, evidence.good_mass),
    ):  # fmt: skip
        reason = Reason(code, Group.GOOD, NETWORK_OF_GOOD, Strength.WEAK, text, unit)
        terms.append(_term(reason, nats, value, has_links))
    return tuple(terms)


def families_of_ties(policy: Policy) -> frozenset[str]:
    """Name the families in which an account can be tied to a bad one."""
    rules = [rule for rule in policy.relations.values() if rule.ties]
    return frozenset(f for rule in rules for f in (rule.source_family, rule.target_family))


def _rank_nats(
    bad_mass: NDArray[np.float64], known_nats: NDArray[np.float64], more: float, policy: Policy
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share the bad term of PageRank, beyond what is known without it, among families.

    ``known_nats`` is what was to be expected, and what ties say already; ``more`` is the mass that
    everybody has because bad accounts are common. What it adds comes last, apart from the families.

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
        with_these = np.maximum(worth - known_nats, 0.0)
        shares[:, chosen] = np.diff(whole((with_these - nats)[:, None] * part), prepend=0.0)
        nats = with_these
    worth = whole(policy.evidence.pagerank_weight * np.log1p((mass + more) / bad_unit))
    return shares, np.maximum(worth - known_nats, 0.0) - nats


def _term(
    reason: Reason,
    nats: NDArray[np.float64],
    value: NDArray[np.float64],
    has_links: NDArray[np.bool_],
) -> Term:
    state = np.where(nats != 0, State.HIT, np.where(has_links, State.MISS, State.UNKNOWN))
    return Term(reason, nats, value, state.astype(np.int8))
