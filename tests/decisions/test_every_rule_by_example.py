"""What the rules do, account by account.

At the thresholds and the prior of ``oracles.accounts``, 1.2 nats are monitored, 2.6 reviewed, 3.8
limited and 5.1 closed, if risk alone decides.
"""

import pytest
from oracles.accounts import Account, Path, decide

from graphrisk.model.decision import Rule
from graphrisk.model.kinds import Tier

NEAR = Path()
FAR = Path(n_steps=4)
STALE = Path(age_days=400.0)
UNDATED = Path(age_days=None)
UNCONFIRMED = Path(confirmed=False)

TWO_STRONG = Account(reach={"device": 2.8, "identity": 2.8})
LATE_AND_DEVICE = Account(behaviour=2.6, reach={"device": 2.8})


def both(path: Path) -> Account:
    return TWO_STRONG.but(paths={"device": path, "identity": path})


def one(path: Path) -> Account:
    return TWO_STRONG.but(paths={"device": path})


EXAMPLES = [
    # Risk alone
    (Account(), "clear", "below_monitor"),
    (Account(behaviour=1.0), "clear", "below_monitor"),
    (Account(behaviour=1.2), "monitor", "by_risk"),
    (Account(behaviour=2.6), "review", "by_risk"),
    (Account(behaviour=3.8), "limit", "by_risk"),
    (Account(reach={"device": 3.8}), "limit", "by_risk"),
    (Account(reach={"device": 3.8}, good=2.0), "monitor", "by_risk"),
    # How common bad accounts are says nothing of one of them
    (Account(common=9.0), "clear", "held_prevalence"),
    (Account(common=9.0, reach={"device": 2.6}), "review", "held_prevalence"),
    # One-sided links: anyone can name you
    (Account(reach={"named": 1.2}), "monitor", "by_risk"),
    (Account(reach={"named": 99.0}), "monitor", "held_one_sided"),
    (Account(rank={"named": 99.0}), "monitor", "held_one_sided"),
    (Account(reach={"named": 9.0}, behaviour=2.6), "review", "held_one_sided"),
    (Account(reach={"named": 9.0, "device": 2.8}), "review", "held_one_sided"),
    # One weak family, whatever it brings
    (Account(reach={"money": 2.6}), "monitor", "held_one_weak_family"),
    (Account(reach={"money": 99.0}), "monitor", "held_one_weak_family"),
    (Account(rank={"money": 99.0}), "monitor", "held_one_weak_family"),
    (Account(rank={"money": 9.0}, reach={"money": 9.0}), "monitor", "held_one_weak_family"),
    (Account(reach={"money": 9.0, "place": 0.5}), "monitor", "held_one_weak_family"),
    (Account(rank={"money": 9.0, "place": 9.0}), "monitor", "held_one_weak_family"),
    # Two weak families, or one beside something else
    (Account(reach={"money": 1.4, "place": 1.4}), "review", "by_risk"),
    (Account(reach={"money": 9.0, "place": 9.0}), "review", "held_weak_families"),
    (Account(reach={"money": 9.0, "place": 9.0, "social": 9.0}), "review", "held_weak_families"),
    (Account(reach={"money": 9.0, "device": 1.0}), "review", "held_weak_families"),
    (Account(reach={"money": 9.0}, behaviour=1.0), "review", "held_weak_families"),
    # An adverse tier needs strong reach, or own facts
    (Account(rank={"device": 9.0}), "review", "held_limit_needs_strong"),
    (Account(rank={"device": 9.0}, reach={"device": 0.4}), "review", "held_limit_needs_strong"),
    (Account(rank={"device": 3.4}, reach={"device": 0.6}), "limit", "by_risk"),
    (Account(rank={"device": 3.4}, behaviour=0.6), "limit", "by_risk"),
    # ... and what others can't have brought: two things it came to, or one and its own facts
    (Account(reach={"device": 4.0}, things=2), "limit", "by_risk"),
    (Account(reach={"device": 4.0}, things=1), "review", "held_limit_claimable"),
    (Account(reach={"device": 4.0}, things=1, behaviour=0.5), "review", "held_limit_claimable"),
    (Account(reach={"device": 3.4}, things=1, behaviour=0.6), "limit", "by_risk"),
    (Account(reach={"device": 3.4}, things=0, behaviour=0.6), "review", "held_limit_claimable"),
    (Account(behaviour=4.0, things=0), "limit", "by_risk"),
    (
        Account(label="fraud_suspected", reach={"device": 4.0}, things=1),
        "review",
        "held_limit_claimable",
    ),
    # A label that nobody confirmed is no ground for an adverse tier: anyone can file a report
    (Account(label="fraud_suspected"), "review", "held_limit_needs_strong"),
    (Account(label="blacklisted"), "review", "held_limit_needs_strong"),
    (Account(label="blacklisted", reach={"device": 0.9}), "review", "held_limit_needs_strong"),
    (
        Account(label="blacklisted", reach={"named": 9.0, "money": 9.0, "place": 9.0}),
        "review",
        "held_limit_needs_strong",
    ),
    (Account(label="blacklisted", behaviour=3.8), "limit", "held_close_needs_families"),
    # Closing: two families
    (Account(behaviour=99.0), "limit", "held_close_needs_families"),
    (Account(label="default"), "limit", "held_close_needs_families"),
    (Account(label="default", behaviour=9.0), "limit", "held_close_needs_families"),
    (Account(reach={"device": 99.0}), "limit", "held_close_needs_families"),
    (Account(reach={"device": 9.0, "identity": 0.5}), "limit", "held_close_needs_families"),
    (Account(reach={"device": 5.5, "named": 9.0}), "limit", "held_close_needs_families"),
    # Closing: one of them strong, or a confirmed label of its own
    (Account(behaviour=9.0, reach={"money": 1.0}), "limit", "held_close_needs_strong"),
    (
        Account(label="blacklisted", behaviour=9.0, reach={"money": 1.0}),
        "limit",
        "held_close_needs_strong",
    ),
    (Account(label="default", reach={"money": 1.0}), "close", "let_through_close"),
    # Closing: near
    (both(FAR), "limit", "held_close_too_far"),
    (one(FAR), "limit", "held_close_too_far"),
    (both(Path(n_steps=3)), "close", "let_through_close"),
    # Closing: fresh
    (both(STALE), "limit", "held_close_stale"),
    (one(STALE), "limit", "held_close_stale"),
    (both(UNDATED), "limit", "held_close_stale"),
    (both(Path(age_days=364.0)), "close", "let_through_close"),
    (TWO_STRONG.but(dated=False), "limit", "held_close_stale"),
    # Closing: at least one confirmed seed
    (both(UNCONFIRMED), "limit", "held_close_unconfirmed"),
    (one(UNCONFIRMED), "close", "let_through_close"),
    (both(UNCONFIRMED).but(label="default"), "close", "let_through_close"),
    (both(UNCONFIRMED).but(label="blacklisted"), "limit", "held_close_unconfirmed"),
    # Closing: all of it
    (TWO_STRONG, "close", "let_through_close"),
    (LATE_AND_DEVICE, "close", "let_through_close"),
    (Account(reach={"device": 5.2, "money": 0.7}), "close", "let_through_close"),
    (TWO_STRONG.but(good=1.0), "limit", "by_risk"),
    # A signal that failed asks for a human, and changes nothing for those who have one
    (Account(signal_failed=True), "review", "raised_signal_failed"),
    (Account(signal_failed=True, behaviour=1.2), "review", "raised_signal_failed"),
    (Account(signal_failed=True, reach={"named": 99.0}), "review", "raised_signal_failed"),
    (Account(signal_failed=True, behaviour=2.6), "review", "by_risk"),
    (Account(signal_failed=True, behaviour=3.8), "limit", "by_risk"),
    (TWO_STRONG.but(signal_failed=True), "close", "let_through_close"),
]


@pytest.mark.parametrize(("account", "tier", "rule"), EXAMPLES)
def test_account(account, tier, rule):
    outcome = decide(account)
    assert (outcome.tier.word, outcome.rule.word) == (tier, rule)


def test_every_rule_has_an_example():
    assert {rule for _, _, rule in EXAMPLES} == {rule.word for rule in Rule}


def test_every_tier_has_an_example():
    assert {tier for _, tier, _ in EXAMPLES} == {tier.word for tier in Tier}


def test_a_strong_family_that_is_only_far_is_not_called_old():
    """Own facts and a near weak family make two, and the strong one is too far away."""
    account = Account(behaviour=2.6, reach={"device": 2.8, "money": 0.7}, paths={"device": FAR})
    assert decide(account).rule == Rule.HELD_CLOSE_TOO_FAR
    assert decide(account.but(paths={"device": STALE})).rule == Rule.HELD_CLOSE_STALE


@pytest.mark.parametrize("rule", list(Rule), ids=lambda rule: rule.word)
def test_every_rule_says_in_words_what_it_did(rule):
    assert len(rule.text) > 20
    assert rule.word == rule.name.lower()
