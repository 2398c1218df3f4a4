"""Each property of decisions fails for a decision that is wrong in the way it speaks of."""

from contextlib import contextmanager
from types import ModuleType
from unittest.mock import patch

import pytest
from oracles import accounts
from oracles.accounts import Account, Outcome, decide
from oracles.planted import is_caught
from oracles.verdicts import (
    ACCOUNTS,
    CLAIMED,
    SLANDERED,
    Decide,
    check_claims_never_pass_review,
    check_closing_is_earned,
    check_failure_means_review,
    check_more_against_lowers_no_tier,
    check_more_for_raises_no_tier,
    check_never_above_what_risk_asks_for,
    check_slander_never_passes_review,
    more_against,
    more_for,
)

from graphrisk.decisions import grounds, tiers
from graphrisk.model.kinds import Tier


def without(*left_out: str) -> Decide:
    """Planted: decide without some of the rules."""
    holds = tuple(hold for hold in tiers._HOLDS if hold.__name__ not in left_out)
    assert len(holds) == len(tiers._HOLDS) - len(left_out)
    return _patched(tiers, _HOLDS=holds)


def _patched(module: ModuleType, **changes) -> Decide:
    @contextmanager
    def changed():
        with patch.multiple(module, **changes):
            yield

    def wrong(account: Account) -> Outcome:
        with changed():
            return accounts.decide(account)

    return wrong


def unasked(families, backing):
    """Planted: what speaks is backed, whatever stands behind it."""
    return families


@pytest.mark.parametrize(
    "wrong",
    [without("_hold_close"), _patched(grounds, _backed=unasked),
     _patched(grounds, _own_confirmed=lambda terms, n: grounds._own_speaks(terms, n, 0.5))],
    ids=["no_rule", "nobody_asks_what_backs_it", "suspected_is_confirmed"],
)  # fmt: skip
def test_closing_that_is_not_earned_is_caught(wrong):
    assert is_caught(check_closing_is_earned, wrong, ACCOUNTS)


def test_slander_that_limits_is_caught():
    wrong = without("_hold_weak", "_hold_limit")
    assert is_caught(check_slander_never_passes_review, wrong, SLANDERED)


def test_claims_that_limit_are_caught():
    assert is_caught(check_claims_never_pass_review, without("_hold_claimable"), CLAIMED)


def fails_open(account: Account) -> Outcome:
    """Planted: a signal that failed has nothing to say."""
    return decide(account.but(signal_failed=False))


def counts_to_ten(account: Account) -> Outcome:
    """Planted: more than ten nats are surely a mistake."""
    outcome = decide(account)
    total = sum(account.reach.values()) + account.behaviour
    return Outcome(Tier.MONITOR, outcome.rule, outcome.by_risk) if total > 10 else outcome


def suspicious_of_praise(account: Account) -> Outcome:
    """Planted: whoever is praised much has something to hide."""
    outcome = decide(account)
    tier = max(outcome.tier, Tier.REVIEW) if account.good > 3 else outcome.tier
    return Outcome(tier, outcome.rule, outcome.by_risk)


@pytest.mark.parametrize(
    ("check", "wrong", "cases"),
    [
        (check_failure_means_review, fails_open, ACCOUNTS),
        (check_more_against_lowers_no_tier, counts_to_ten, more_against()),
        (check_more_for_raises_no_tier, suspicious_of_praise, more_for()),
        (
            check_never_above_what_risk_asks_for,
            suspicious_of_praise,
            more_for().map(lambda c: c[1]),
        ),
    ],
    ids=["fails_open", "counts_to_ten", "praise_raises", "praise_pushes"],
)
def test_wrong_decisions_are_caught(check, wrong, cases):
    assert is_caught(check, wrong, cases)
