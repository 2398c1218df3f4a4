"""From label to tier, through the whole analysis."""

import pytest
from hypothesis import given
from oracles.books import Book, analyse, one_bad_label_more, one_good_label_more

from graphrisk.model.decision import Rule
from graphrisk.model.kinds import Tier

#: What a stronger path to another seed may change about a tier that stood at close.
STRONGEST_PATH = {Rule.HELD_CLOSE_TOO_FAR, Rule.HELD_CLOSE_STALE, Rule.HELD_CLOSE_UNCONFIRMED}


@given(one_bad_label_more())
def test_a_bad_label_lowers_no_tier_but_from_close_to_limit(case):
    before, after = (analyse(book) for book in case)
    now = dict(zip(after.tier_of(), after.decided.rule.tolist(), strict=True))
    for name, tier in before.tier_of().items():
        lower = after.tier_of()[name] < tier
        assert not lower or (tier == Tier.CLOSE and Rule(now[name]) in STRONGEST_PATH)


@given(one_good_label_more())
def test_a_good_label_raises_no_tier_but_from_limit_to_close(case):
    before, after = (analyse(book).tier_of() for book in case)
    assert not {n for n, tier in before.items() if tier != Tier.LIMIT and after[n] > tier}


VICTIM, LATE, LISTED = (("account", name) for name in ("victim", "late", "listed"))
SHARED = (("device", "d"), ("phone", "p"), ("id_document", "i"))
RELATION = {"device": "uses_device", "phone": "uses_phone", "id_document": "has_id_document"}


def ring() -> Book:
    """A defaulter seen a year ago, and two accounts seen today, on the same things."""
    ages = {VICTIM: 0.0, LATE: 360.0, LISTED: 0.0}
    ties = {
        (account, thing, RELATION[thing[0]]): age
        for account, age in ages.items()
        for thing in SHARED
    }
    return Book((VICTIM, LATE, LISTED, *SHARED), ties, {LATE: "default"})


def test_the_ring_is_closed_on_its_confirmed_default():
    assert analyse(ring()).tier_of()["victim"] == Tier.CLOSE


@pytest.mark.xfail(
    reason="closing looks only at the strongest path of each family: a stronger path to an "
    "unconfirmed seed hides the confirmed one",
    strict=True,
)
def test_a_suspicion_more_does_not_hide_a_confirmed_default():
    suspected = analyse(ring().with_label(LISTED, "blacklisted"))
    assert suspected.tier_of()["victim"] == Tier.CLOSE
