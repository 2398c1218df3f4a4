"""From risk to tier, and the rules that hold a tier back.

Risk alone proposes a tier. Each rule then asks what the tier would be without the evidence that
may not carry it; an account is never lifted higher by that evidence than the rule allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from graphrisk.decisions.grounds import Grounds, Mask, failed, is_own_label, is_proven
from graphrisk.model.decision import Backing, Decisions, Rule
from graphrisk.model.evidence import PREVALENCE, Group, Reason, Strength, Term
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy
from graphrisk.risk.additive import Risk, add_up, probability_of


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
    tier = _tier_of(risk.log_odds, policy)
    rule = np.full(len(tier), Rule.BELOW_MONITOR, dtype=np.int8)
    by_risk = tier.copy()
    # Rules only hold back: an account that is clear by its risk stays so, unless a signal failed.
    rows = np.flatnonzero((tier > Tier.CLEAR) | failed((*terms, *(witness or ())), len(tier)))
    some = Case.of(terms, risk.log_odds, backing, policy, witness, rows).decisions()
    tier[rows], rule[rows] = some.tier, some.rule
    return Decisions(tier, by_risk, rule)


def _tier_of(log_odds: NDArray[np.float64], policy: Policy) -> NDArray[np.int8]:
    """Give the tier that a risk asks for, any shape, int8."""
    ladder = np.array(policy.tiers.ladder())
    return np.searchsorted(ladder, probability_of(log_odds), side="right").astype(np.int8)


class Sum(IntEnum):
    """The sums of nats that a decision is made from: of all terms, and of what rules leave out."""

    ALL = 0
    PREVALENCE = 1
    ONE_SIDED = 2
    WEAK = 3
    CLAIMABLE = 4
    UNCONFIRMED = 5


_IN_SUM: Mapping[Sum, Callable[[Reason], bool]] = {
    Sum.PREVALENCE: lambda reason: reason.code == PREVALENCE,
    Sum.ONE_SIDED: lambda reason: reason.strength == Strength.ONE_SIDED,
    Sum.WEAK: lambda reason: reason.group == Group.LINKED and reason.strength != Strength.STRONG,
    Sum.CLAIMABLE: lambda reason: reason.group != Group.GOOD and not is_proven(reason),
    Sum.UNCONFIRMED: lambda reason: (
        reason.strength != Strength.STRONG
        and (reason.group == Group.LINKED or is_own_label(reason))
    ),
}


def sums_with(reason: Reason) -> list[Sum]:
    """List the sums that the nats of a reason are in."""
    return [Sum.ALL, *(name for name, holds in _IN_SUM.items() if holds(reason))]


@dataclass(frozen=True, slots=True)
class Case:
    """All that the rules look at, of some accounts.

    Attributes
    ----------
    sums
        Log-odds, and the nats of what each rule leaves out, a row for each ``Sum``, shape
        (n_sums, n_accounts). Sums are exact: what a term brought can be taken out again.
    grounds
        What the witness says.
    failed
        Where something could not be measured, shape (n_accounts,).
    policy
        Thresholds and guards.
    """

    sums: NDArray[np.float64]
    grounds: Grounds
    failed: Mask
    policy: Policy

    @classmethod
    def of(
        cls,
        terms: Sequence[Term],
        log_odds: NDArray[np.float64],
        backing: Backing,
        policy: Policy,
        witness: Sequence[Term] | None,
        rows: NDArray[np.integer],
    ) -> Case:
        """Lay out the case of some accounts, by their places; see :func:`decide`."""
        n_accounts = len(log_odds)
        sums = np.array(
            [
                log_odds[rows],
                *(
                    add_up((t for t in terms if holds(t.reason)), n_accounts)[rows]
                    for holds in _IN_SUM.values()
                ),
            ]
        )
        grounds = Grounds.of(terms if witness is None else witness, backing, policy.guards)
        broken = failed((*terms, *(witness or ())), n_accounts)
        return cls(sums, grounds.at(rows), broken[rows], policy)

    def at(self, rows: NDArray[np.integer], less: NDArray[np.float64]) -> Case:
        """Keep some accounts, and take from their sums what ``less`` says, (n_sums, n_rows)."""
        return replace(
            self,
            sums=self.sums[:, rows] - less,
            grounds=self.grounds.at(rows),
            failed=self.failed[rows],
        )

    def tier_without(self, left_out: Sum) -> NDArray[np.int8]:
        """Give the tier if some terms had brought nothing."""
        return _tier_of(self.sums[Sum.ALL] - self.sums[left_out], self.policy)

    def decisions(self) -> Decisions:
        """Decide every account of the case."""
        by_risk = _tier_of(self.sums[Sum.ALL], self.policy)
        rule = np.where(by_risk == Tier.CLEAR, Rule.BELOW_MONITOR, Rule.BY_RISK).astype(np.int8)
        tier = by_risk.copy()
        for hold in _HOLDS:
            hold(self, tier, rule)
        closing = tier == Tier.CLOSE
        rule[closing] = Rule.LET_THROUGH_CLOSE
        raised = self.failed & (tier < Tier.REVIEW)
        tier[raised], rule[raised] = Tier.REVIEW, Rule.RAISED_SIGNAL_FAILED
        return Decisions(tier, by_risk, rule)


def _hold(
    where: Mask | bool,
    at: NDArray[np.int8] | Tier,
    because: Rule,
    tier: NDArray[np.int8],
    rule: NDArray[np.int8],
) -> None:
    """Lower the tier to ``at`` in the accounts of ``where`` that stand above it."""
    held = np.flatnonzero(where & (tier > at))
    tier[held] = at[held] if isinstance(at, np.ndarray) else at
    rule[held] = because


def _hold_prevalence(case: Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """What is said of all accounts is said of none: the tier is what it would be without it."""
    _hold(True, case.tier_without(Sum.PREVALENCE), Rule.HELD_PREVALENCE, tier, rule)


def _hold_one_sided(case: Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    allowed = np.maximum(case.tier_without(Sum.ONE_SIDED), np.int8(Tier.MONITOR))
    _hold(True, allowed, Rule.HELD_ONE_SIDED, tier, rule)


def _hold_weak(case: Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """Weak links lift to review at most, and a single family of them to monitor."""
    without, alone = case.tier_without(Sum.WEAK), case.grounds.is_alone
    at_most = np.maximum(without, np.int8(Tier.MONITOR))
    _hold(alone, at_most, Rule.HELD_ONE_WEAK_FAMILY, tier, rule)
    at_most = np.maximum(without, np.int8(Tier.REVIEW))
    _hold(~alone, at_most, Rule.HELD_WEAK_FAMILIES, tier, rule)


def _hold_limit(case: Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """An adverse tier needs strong reach, or the account's own facts, behind it."""
    _hold(case.grounds.lacks_strong, Tier.REVIEW, Rule.HELD_LIMIT_NEEDS_STRONG, tier, rule)


def _hold_claimable(case: Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """What others can bring to an account lifts it to review at most.

    Anyone can say that a device, a number or a card is his, and anyone can file a report. So a
    tier above review rests on the account's own behaviour and confirmed labels, on two things that
    it came to itself, or on one of each.
    """
    own_facts_alone = case.tier_without(Sum.CLAIMABLE)
    allowed = np.maximum(own_facts_alone, np.int8(Tier.REVIEW))
    _hold(~case.grounds.is_earned, allowed, Rule.HELD_LIMIT_CLAIMABLE, tier, rule)


def _hold_unconfirmed(case: Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """A label that nobody has confirmed lifts to review at most: anyone can file a report.

    It is left out together with links that are not strong, or each would carry the other.
    """
    held = case.grounds.is_reported & (case.tier_without(Sum.UNCONFIRMED) <= Tier.REVIEW)
    _hold(held, Tier.REVIEW, Rule.HELD_LIMIT_NEEDS_STRONG, tier, rule)


def _hold_close(case: Case, tier: NDArray[np.int8], rule: NDArray[np.int8]) -> None:
    """Closing needs two families, one strong, near and fresh, and a confirmed seed."""
    for because, holds in case.grounds.may_close.items():
        _hold(~holds, Tier.LIMIT, because, tier, rule)


_HOLDS = (
    _hold_prevalence,
    _hold_one_sided,
    _hold_weak,
    _hold_limit,
    _hold_claimable,
    _hold_unconfirmed,
    _hold_close,
)
