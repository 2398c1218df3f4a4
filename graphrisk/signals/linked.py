"""Evidence that propagation brought: each kernel, by family, from bad and from good seeds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.evidence import PREVALENCE, Group, Reason, State, Strength, Term, whole
from graphrisk.model.policy import Policy
from graphrisk.propagation.weights import Weights
from graphrisk.risk.additive import add_up
from graphrisk.signals.arrived import LinkedEvidence, Propagated, linked_evidence
from graphrisk.threads import over_parts

#: Entities scored at a time: few enough for their numbers to stay in the cache.
AT_ONCE = 1 << 15
NETWORK_OF_GOOD = "good_neighbours"
COMMON = Reason(
    PREVALENCE, Group.LINKED, "prevalence", Strength.ONE_SIDED,
    "bad accounts are known to be more common than the prior says", "probability",
)  # fmt: skip
TIE_TEXT = "uses the same thing as a confirmed bad account, at the same time"


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
    silent = np.zeros(len(tied))
    for i, (family, rule) in enumerate(policy.families.items()):
        strength = Strength(rule.strength)
        reached, capped = evidence.reach_nats[:, i], silent
        if reached.any():
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


def terms_of_accounts(
    graph: LinkGraph, weights: Weights, propagated: Propagated, policy: Policy, *, n_threads: int
) -> tuple[Term, ...]:
    """Make terms of what links brought to all accounts, some accounts at a time."""

    def terms_of(rows: NDArray[np.int32]) -> tuple[Term, ...]:
        has_links = np.diff(graph.offsets)[rows] > 0
        return linked_terms(linked_evidence(rows, graph, weights, propagated), has_links, policy)

    parts = list(over_parts(terms_of, graph.accounts, AT_ONCE, n_threads))
    return tuple(Term.joined(of_term) for of_term in zip(*parts, strict=True))


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
    shares = np.zeros(bad_mass.shape, order="F")
    mass, nats = np.zeros(len(bad_mass)), np.zeros(len(bad_mass))
    # Over most families nothing arrives at entities that lie close together.
    arrives = bad_mass.any(axis=0)
    for strength in (Strength.STRONG, Strength.WEAK, Strength.ONE_SIDED):
        if strength not in strengths:
            continue
        chosen = (strengths == strength) & arrives
        rising = np.cumsum(bad_mass[:, chosen], axis=1)
        mass = mass + (rising[:, -1] if chosen.any() else 0.0)
        worth = whole(policy.evidence.pagerank_weight * np.log1p(mass / bad_unit))
        with_these = np.maximum(worth - known_nats, 0.0)
        if chosen.any():
            of_all = rising[:, -1:]
            part = np.divide(rising, of_all, out=np.zeros_like(rising), where=of_all > 0)
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
    state = np.where(has_links, np.int8(State.MISS), np.int8(State.UNKNOWN))
    state[nats != 0] = State.HIT
    return Term(reason, nats, value, state)
