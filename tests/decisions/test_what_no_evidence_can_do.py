"""Whatever the evidence: what the rules never let through, and what they never turn around."""

from hypothesis import assume, given
from hypothesis import strategies as st
from oracles.accounts import Account, decide
from oracles.verdicts import (
    ACCOUNTS,
    CLAIMED,
    SLANDERED,
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

from graphrisk.model.decision import Rule
from graphrisk.model.kinds import Tier


@given(ACCOUNTS)
def test_rules_hold_back_and_never_push(account):
    check_never_above_what_risk_asks_for(decide, account)


@given(more_against())
def test_more_bad_evidence_lowers_no_tier(case):
    check_more_against_lowers_no_tier(decide, case)


@given(more_for())
def test_more_good_evidence_raises_no_tier(case):
    check_more_for_raises_no_tier(decide, case)


@given(SLANDERED)
def test_weak_and_one_sided_links_never_take_anyone_past_review(account):
    check_slander_never_passes_review(decide, account)


@given(CLAIMED)
def test_things_that_others_claim_never_take_anyone_past_review(account):
    check_claims_never_pass_review(decide, account)


@given(ACCOUNTS)
def test_closing_is_always_earned(account):
    check_closing_is_earned(decide, account)


@given(ACCOUNTS)
def test_a_failed_signal_means_at_least_a_review(account):
    check_failure_means_review(decide, account)


@given(st.floats(0.0, 50.0), st.sampled_from(["", "default", "fraud_suspected"]))
def test_own_facts_alone_never_close(behaviour, label):
    outcome = decide(Account(behaviour=behaviour, label=label))
    assert outcome.tier < Tier.CLOSE
    assume(outcome.by_risk == Tier.CLOSE)
    if outcome.tier == Tier.LIMIT:
        assert outcome.rule == Rule.HELD_CLOSE_NEEDS_FAMILIES
    else:  # what is left without the report asks for no more than a review
        assert (label, outcome.rule) == ("fraud_suspected", Rule.HELD_LIMIT_NEEDS_STRONG)
        assert decide(Account(behaviour=behaviour)).tier <= Tier.REVIEW
