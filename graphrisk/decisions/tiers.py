"""From risk to tier, and the rules that hold a tier back.

Risk alone proposes a tier. Each rule then asks what the tier would be without the evidence that
may not carry it; an account is never lifted higher by that evidence than the rule allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.model.decision import Backing, Decisions, Rule
from graphrisk.model.evidence import OWN_FACTS, PREVALENCE, Group, State, Strength, Term
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Guards, Policy
from graphrisk.risk.additive import Risk, add_up, probability_of

REACH, LABEL = "REACH_", "LABEL_"
Mask = NDArray[np.bool_]


def decide(
    terms: Sequence[Term],
    risk: Risk,
    backing: Backing,
    policy: Policy,
    witness: Sequence[Term] | None = None,
) -> Decisions:
    """Decide every account.

    Parameters
    ----------
    terms
        All terms of the model; shapes (n_accounts,).
    risk
        What the terms add up to.
    backing
        What closing may rest on, by family.
    policy
        Thresholds and guards.
    witness
        The policy's own terms, which the rules ask what a family brings. None takes ``terms``;
        a fitted model, which may learn any weights, can't move what closing rests on.

    Returns
    -------
    Decisions
    """
    case = _Case(terms, risk, backing, policy, terms if witness is None else witness)
    by_risk = case.tier_of(risk.log_odds)
    rule = np.where(by_risk == Tier.CLEAR, Rule.BELOW_MONITOR, Rule.BY_RISK).astype(np.int8)
    tier = by_risk.copy()
    for hold in _HOLDS:
        hold(case, tier, rule)
    closing = tier == Tier.CLOSE
    rule[closing] = Rule.LET_THROUGH_CLOSE
    failed = np.zeros(len(tier), dtype=bool)
    for term in (*terms, *case.witness):
        failed |= term.state == State.ERROR
    raised = failed & (tier < Tier.REVIEW)
    tier[raised], rule[raised] = Tier.REVIEW, Rule.RAISED_SIGNAL_FAILED
    return Decisions(tier, by_risk, rule)


@dataclass(frozen=True, slots=True)
class _Case:
    """All that the rules look at."""

    terms: Sequence[Term]
    risk: Risk
    backing: Backing
    policy: Policy
    witness: Sequence[Term]

    @property
    def guards(self) -> Guards:
        return self.policy.guards

    def tier_of(self, log_odds: NDArray[np.float64]) -> NDArray[np.int8]:
        """Give the tier that a risk asks for, shape (n_accounts,), int8."""
        ladder = np.array(self.policy.tiers.ladder())
        return np.searchsorted(ladder, probability_of(log_odds), side="right").astype(np.int8)

    def tier_without(self, left_out: Callable[[Term], bool]) -> NDArray[np.int8]:
        """Give the tier if some terms had brought nothing."""
        n_accounts = len(self.risk.risk_prob)
        return self.tier_of(self.risk.log_odds - add_up(filter(left_out, self.terms), n_accounts))

    def speaking(self, *, strength: Strength | None = None) -> dict[str, Mask]:
        """Say for each two-sided family of links where reach brought enough to count."""
        least = self.guards.family_min_nats
        return {
            term.reason.family: term.nats >= least
            for term in self.witness
            if term.reason.code.startswith(REACH)
            and term.reason.group == Group.LINKED
            and term.reason.strength != Strength.ONE_SIDED
            and strength in (None, term.reason.strength)
        }

    def own_nats(self) -> NDArray[np.float64]:
        """Add up the account's own evidence, shape (n_accounts,)."""
        own = (term for term in self.witness if term.reason.group == Group.OWN)
        return add_up(own, len(self.risk.risk_prob))

    def own_speaks(self) -> Mask:
        """Say where the account's own labels and behaviour, one family, brought enough."""
        own = (
            term
            for term in self.witness
            if term.reason.group == Group.OWN and term.reason.family == OWN_FACTS
        )
        nats = add_up(own, len(self.risk.risk_prob))
        return np.asarray(nats >= self.guards.family_min_nats)


def _any(masks: dict[str, Mask], n_accounts: int) -> Mask:
    found = np.zeros(n_accounts, dtype=bool)
    for mask in masks.values():
        found |= mask
    return found


def _count(masks: dict[str, Mask], n_accounts: int) -> NDArray[np.int64]:
    count = np.zeros(n_accounts, dtype=np.int64)
    for mask in masks.values():
        count += mask
    return count


def _hold(
    where: Mask,
    at: NDArray[np.int8] | Tier,
    because: Rule,
    tier: NDArray[np.int8],
    rule: NDArray[np.int8],
) -> None:
    """Lower the tier to ``at`` in the accounts of ``where`` that stand above it."""
    held = where & (tier > at)
    tier[held] = np.broadcast_to(np.asarray(at, dtype=np.int8), tier.shape)[held]
    rule[held] = because


def _hold_prevalence(case: _Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """What is said of all accounts is said of none: the tier is what it would be without it."""
    without = case.tier_without(lambda term: term.reason.code == PREVALENCE)
    _hold(np.ones(len(tier), dtype=bool), without, Rule.HELD_PREVALENCE, tier, rule)


def _hold_one_sided(case: _Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    without = case.tier_without(lambda term: term.reason.strength == Strength.ONE_SIDED)
    allowed = np.maximum(without, np.int8(Tier.MONITOR))
    _hold(np.ones(len(tier), dtype=bool), allowed, Rule.HELD_ONE_SIDED, tier, rule)


def _hold_weak(case: _Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """Weak links lift to review at most, and a single family of them to monitor."""
    n = len(tier)
    without = case.tier_without(
        lambda term: term.reason.group == Group.LINKED and term.reason.strength != Strength.STRONG
    )
    n_weak = _count(case.speaking(strength=Strength.WEAK), n)
    others = _any(case.speaking(strength=Strength.STRONG), n) | case.own_speaks()
    alone = (n_weak <= 1) & ~others
    _hold(
        alone,
        np.maximum(without, np.int8(Tier.MONITOR)),
        Rule.HELD_ONE_WEAK_FAMILY,
        tier,
        rule,
    )
    _hold(~alone, np.maximum(without, np.int8(Tier.REVIEW)), Rule.HELD_WEAK_FAMILIES, tier, rule)


def _hold_limit(case: _Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """An adverse tier needs strong reach, or the account's own facts, behind it."""
    n = len(tier)
    strong = add_up(
        (
            term
            for term in case.witness
            if term.reason.code.startswith(REACH)
            and term.reason.group == Group.LINKED
            and term.reason.strength == Strength.STRONG
        ),
        n,
    )
    lacking = strong + case.own_nats() < case.guards.limit_min_strong_nats
    _hold(lacking, Tier.REVIEW, Rule.HELD_LIMIT_NEEDS_STRONG, tier, rule)


def _hold_claimable(case: _Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """What others can bring to an account lifts it to review at most.

    Anyone can say that a device, a number or a card is his, and anyone can file a report. So a
    tier above review rests on the account's own behaviour and confirmed labels, on two things that
    it came to itself, or on one of each.
    """
    own_facts_alone = case.tier_without(lambda term: not _is_proven(term) and _raises(term))
    proven = add_up(filter(_is_proven, case.witness), len(tier)) >= case.guards.family_min_nats
    n_things = case.backing.n_things
    earned = (n_things >= case.guards.limit_min_things) | ((n_things > 0) & proven)
    allowed = np.maximum(own_facts_alone, np.int8(Tier.REVIEW))
    _hold(~earned, allowed, Rule.HELD_LIMIT_CLAIMABLE, tier, rule)


def _raises(term: Term) -> bool:
    return term.reason.group != Group.GOOD


def _is_proven(term: Term) -> bool:
    """Say whether a term is of the account's own behaviour, or a label somebody stands behind."""
    reason = term.reason
    own = reason.group == Group.OWN and reason.family == OWN_FACTS
    return own and reason.strength == Strength.STRONG


def _hold_unconfirmed(case: _Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """A label that nobody has confirmed lifts to review at most: anyone can file a report.

    It is left out together with links that are not strong, or each would carry the other.
    """
    reported = _own_labels(case, len(tier), confirmed=False)
    without = case.tier_without(
        lambda term: (
            term.reason.strength != Strength.STRONG
            and (term.reason.group == Group.LINKED or _is_own_label(term))
        )
    )
    held = reported & (without <= Tier.REVIEW)
    _hold(held, Tier.REVIEW, Rule.HELD_LIMIT_NEEDS_STRONG, tier, rule)


def _hold_close(case: _Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """Closing needs two families, one strong, near and fresh, and a confirmed seed."""
    n = len(tier)
    own, own_confirmed = case.own_speaks(), _own_confirmed(case, n)
    strong_names = case.speaking(strength=Strength.STRONG)
    speaking = case.speaking()
    near = _backed(speaking, case.backing.near)
    fresh = _backed(near, case.backing.fresh)
    confirmed = _backed(fresh, case.backing.confirmed)

    def enough(families: dict[str, Mask]) -> Mask:
        return _count(families, n) + own >= case.guards.close_min_families

    def one_strong(families: dict[str, Mask]) -> Mask:
        strong = {name: mask for name, mask in families.items() if name in strong_names}
        return _any(strong, n) | own_confirmed

    for holds, because in (
        (enough(speaking), Rule.HELD_CLOSE_NEEDS_FAMILIES),
        (one_strong(speaking), Rule.HELD_CLOSE_NEEDS_STRONG),
        (enough(near) & one_strong(near), Rule.HELD_CLOSE_TOO_FAR),
        (enough(fresh) & one_strong(fresh), Rule.HELD_CLOSE_STALE),
        (_any(confirmed, n) | own_confirmed, Rule.HELD_CLOSE_UNCONFIRMED),
    ):
        _hold(~holds, Tier.LIMIT, because, tier, rule)


def _backed(families: dict[str, Mask], backing: Mapping[str, Mask]) -> dict[str, Mask]:
    """Keep where a family speaks and has what stands behind it."""
    return {name: mask & backing[name] for name, mask in families.items() if name in backing}


def _own_confirmed(case: _Case, n_accounts: int) -> Mask:
    """Say where the account's own label is one that a human or a court stands behind."""
    return _own_labels(case, n_accounts, confirmed=True)


def _is_own_label(term: Term) -> bool:
    return term.reason.code.startswith(LABEL) and term.reason.group == Group.OWN


def _own_labels(case: _Case, n_accounts: int, *, confirmed: bool) -> Mask:
    """Say where the account has a bad label of its own that somebody stands behind, or nobody."""
    return _any(
        {
            term.reason.code: term.nats > 0
            for term in case.witness
            if _is_own_label(term) and (term.reason.strength == Strength.STRONG) == confirmed
        },
        n_accounts,
    )


_HOLDS = (
    _hold_prevalence,
    _hold_one_sided,
    _hold_weak,
    _hold_limit,
    _hold_claimable,
    _hold_unconfirmed,
    _hold_close,
)
