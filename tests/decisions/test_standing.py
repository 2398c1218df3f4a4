"""Tiers between two runs: they rise when it is clear or lasting, fall at once, never exceed."""

import dataclasses
import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.decisions.standing import NEVER, Before, Guard, stand
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy

POLICY = Policy.default()
LADDER = [math.log(p / (1 - p)) for p in POLICY.tiers.ladder()]
MARGIN = POLICY.batch.rise_margin_nats


def asked_for(log_odds):
    return Tier(sum(log_odds >= rung for rung in LADDER))


def one(log_odds, before, *, asking=0, protected=False, unknown=False, stale=False, policy=POLICY):
    """Where one account stands, its guard, and how long it has been asking."""
    found = stand(
        np.array([asked_for(log_odds)], dtype=np.int8),
        np.array([log_odds]),
        Before(np.array([before], dtype=np.int8), np.array([asking], dtype=np.int32)),
        protected=np.array([protected]),
        status_unknown=np.array([unknown]),
        is_stale=stale,
        policy=policy,
    )
    return Tier(found.tier[0]), Guard(found.guard[0]), int(found.n_asking[0])


NEAR, FAR = LADDER[2] + MARGIN / 2, LADDER[2] + 2 * MARGIN


def test_a_tier_rises_at_once_when_the_risk_is_clearly_past_the_threshold():
    assert one(FAR, Tier.REVIEW) == (Tier.LIMIT, Guard.NONE, 0)


def test_near_the_threshold_it_rises_at_the_third_run_in_a_row():
    assert one(NEAR, Tier.REVIEW) == (Tier.REVIEW, Guard.HELD_NEAR_THRESHOLD, 1)
    assert one(NEAR, Tier.REVIEW, asking=1) == (Tier.REVIEW, Guard.HELD_NEAR_THRESHOLD, 2)
    assert one(NEAR, Tier.REVIEW, asking=2) == (Tier.LIMIT, Guard.NONE, 0)


def test_it_falls_at_once():
    below = LADDER[2] - 1e-9
    assert one(below, Tier.LIMIT) == (Tier.REVIEW, Guard.NONE, 0)


def test_it_stays_where_it_is_near_the_threshold():
    assert one(NEAR, Tier.LIMIT) == (Tier.LIMIT, Guard.NONE, 0)


def test_a_new_account_stands_where_its_analysis_says():
    assert one(NEAR, NEVER) == (Tier.LIMIT, Guard.NONE, 0)


def test_a_stale_source_lets_no_adverse_tier_rise():
    assert one(5.0, Tier.CLEAR, stale=True) == (Tier.REVIEW, Guard.HELD_STALE_SOURCE, 0)
    assert one(5.0, NEVER, stale=True)[0] == Tier.REVIEW
    assert one(5.0, Tier.LIMIT, stale=True) == (Tier.LIMIT, Guard.HELD_STALE_SOURCE, 0)
    assert one(5.0, Tier.CLOSE, stale=True) == (Tier.CLOSE, Guard.NONE, 0)
    assert one(-5.0, Tier.CLOSE, stale=True) == (Tier.CLEAR, Guard.NONE, 0)


def test_protected_states_never_stand_above_review():
    for before in (NEVER, *Tier):
        assert one(5.0, before, protected=True)[:2] == (Tier.REVIEW, Guard.HELD_PROTECTED_STATUS)
        assert one(5.0, before, unknown=True)[:2] == (Tier.REVIEW, Guard.HELD_UNKNOWN_STATUS)
    rule = dataclasses.replace(POLICY.batch, unknown_status_is_protected=False)
    lax = dataclasses.replace(POLICY, batch=rule)
    assert one(5.0, Tier.CLOSE, unknown=True, policy=lax)[0] == Tier.CLOSE


states = st.tuples(
    st.floats(-8, 8), st.sampled_from([NEVER, *Tier]), st.integers(0, 5), st.booleans(),
    st.booleans(), st.booleans(),
)  # fmt: skip


@given(states)
def test_no_account_stands_higher_than_its_analysis(state):
    log_odds, before, asking, protected, unknown, stale = state
    tier, guard, _ = one(
        log_odds, before, asking=asking, protected=protected, unknown=unknown, stale=stale
    )
    assert tier <= asked_for(log_odds)
    assert (guard == Guard.NONE) == (tier == asked_for(log_odds))


@given(states, st.floats(0, 4))
def test_more_risk_never_means_a_lower_tier(state, more):
    log_odds, before, asking, protected, unknown, stale = state
    kept = {"asking": asking, "protected": protected, "unknown": unknown, "stale": stale}
    assert one(log_odds + more, before, **kept)[0] >= one(log_odds, before, **kept)[0]


@given(st.floats(-MARGIN / 2.01, MARGIN / 2.01), st.sampled_from(Tier))
def test_noise_smaller_than_the_margin_does_not_flap(noise, before):
    """A risk that swings about a threshold changes the tier once, not at every run."""
    middle = LADDER[2] + MARGIN / 2
    seen, tier, asking = [], before, 0
    for swing in (noise, -noise) * 6:
        tier, _, asking = one(middle + swing, tier, asking=asking)
        seen.append(tier)
    changes = sum(a != b for a, b in itertools.pairwise(seen))
    assert changes <= 1
