"""From label to tier, through the whole analysis."""

from hypothesis import given
from oracles.books import Book, analyse, one_bad_label_more, one_good_label_more

from graphrisk.model.kinds import Tier


@given(one_bad_label_more())
def test_a_bad_label_lowers_no_tier(case):
    before, after = (analyse(book).tier_of() for book in case)
    assert not {name for name, tier in before.items() if after[name] < tier}


@given(one_good_label_more())
def test_a_good_label_raises_no_tier(case):
    before, after = (analyse(book).tier_of() for book in case)
    assert not {name for name, tier in before.items() if after[name] > tier}


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


def test_a_suspicion_more_does_not_hide_a_confirmed_default():
    suspected = analyse(ring().with_label(LISTED, "blacklisted"))
    assert suspected.tier_of()["victim"] == Tier.CLOSE
