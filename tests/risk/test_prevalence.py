"""Risk starts from how common bad accounts are known to be, and no tier does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from oracles.books import POLICY, Book, analyse, books, one_bad_label_more, one_good_label_more

from graphrisk.model.evidence import PREVALENCE
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy
from graphrisk.risk.additive import probability_of


def counted_without_doubt(**prior: float) -> Policy:
    """The default policy, where a handful of labels already says how common bad accounts are."""
    changes = {"doubt_accounts": 0, "most_prob": 0.9, **prior}
    return replace(POLICY, prior=replace(POLICY.prior, **changes))


COMMON = counted_without_doubt()


@given(one_bad_label_more())
def test_a_bad_label_lowers_no_risk_and_no_tier(case):
    before, after = (analyse(book, COMMON) for book in case)
    for of in ("risk_of", "tier_of"):
        was, now = getattr(before, of)(), getattr(after, of)()
        assert {name for name in was if now[name] < was[name]} == set()


@given(one_good_label_more())
def test_a_good_label_raises_no_risk_and_no_tier(case):
    before, after = (analyse(book, COMMON) for book in case)
    for of in ("risk_of", "tier_of"):
        was, now = getattr(before, of)(), getattr(after, of)()
        assert {name for name in was if now[name] > was[name]} == set()


@given(books())
def test_it_lowers_nobody_and_lifts_no_tier(book):
    common = analyse(book, COMMON)
    added = next(term.nats for term in common.terms if term.reason.code == PREVALENCE)
    without = common.risk.log_odds - added
    assert (added >= 0).all()
    asked = np.searchsorted(POLICY.tiers.ladder(), probability_of(without), side="right")
    assert (common.decided.tier <= asked).all()


def book_of(n_bad: int, n_all: int) -> Book:
    accounts = tuple(("account", f"a{i:03}") for i in range(n_all))
    return Book(accounts, {}, dict.fromkeys(accounts[:n_bad], "default"))


@pytest.mark.parametrize(("n_bad", "known"), [(0, 0.02), (1, 0.02), (30, 0.3), (95, 0.9)])
def test_an_unlinked_account_starts_from_the_prior_or_the_prevalence(n_bad, known):
    policy = replace(COMMON, evidence=replace(COMMON.evidence, pagerank_weight=1.0))
    found = analyse(book_of(n_bad, 100), policy)
    expected = np.log(0.02 / 0.98) + np.log(known / 0.02)
    assert found.risk.log_odds[-1] == pytest.approx(expected, abs=1e-9)
    assert found.tier_of()["a099"] == Tier.CLEAR


def test_by_default_a_small_book_says_nothing_of_how_common_bad_accounts_are():
    assert analyse(book_of(15, 16)).risk.risk_prob[-1] == pytest.approx(0.02, abs=1e-12)
