"""Rate shopping against distress, and one loan paid with the next."""

import pytest

from .tables import applications, book, repayments, values


def tour(*outcomes: str, amount=10_000, step=0, account="A"):
    """One application a day, each to another lender."""
    return [
        (account, f"L{i}", 20 - i, outcome, amount + i * step) for i, outcome in enumerate(outcomes)
    ]


def burst(*rows, **settings):
    given = {"rate_shopping_weight": 0.5, "forgiven_declines": 0, "free_count": 3, **settings}
    return values("LENDER_BURST", book(applications=applications(*rows)), **given)[0]


SHOPPING = ("withdrawn",) * 5 + ("approved",)


def test_comparing_offers_counts_less():
    assert burst(*tour(*SHOPPING)) == 3


def test_words_of_other_sources_are_understood():
    assert burst(*tour("Cancelled", " canceled", "WITHDRAWN", "withdrawn", "accepted")) == 2.5


@pytest.mark.parametrize(
    "rows",
    [
        tour(*SHOPPING[1:], "approved"),  # several approvals
        tour("declined", *SHOPPING[1:]),  # turned down, and went on
        tour(*SHOPPING, step=1_000),  # ever more
        tour(*SHOPPING[:-1], "pending"),  # a word nobody knows
        [row[:3] for row in tour(*SHOPPING)],  # outcome and amount not known
        [(*row[:4], None) for row in tour(*SHOPPING)],
    ],
)
def test_distress_counts_in_full(rows):
    assert burst(*rows) == 6


def test_a_decline_that_ended_the_tour_or_is_forgiven_is_no_distress():
    assert burst(*tour(*SHOPPING, "declined")) == 3.5
    assert burst(*tour("declined", *SHOPPING), forgiven_declines=1) == 3.5


def test_an_application_after_the_analysis_makes_no_distress():
    assert burst(*tour(*SHOPPING), ("A", "L9", -1, "approved", 90_000)) == 3


def hops(applied, paid, **settings):
    seen = book(applications=applications(*applied), repayments=repayments(*paid))
    return values("LENDER_HOPPING", seen, window_days=7, **settings)


def test_paying_one_lender_right_after_another_one_lent_is_a_hop():
    applied = [("A", "L2", 30, "approved"), ("B", "L2", 30, "approved")]
    assert hops(applied, [("A", 40, 25, "L1"), ("B", 40, 22, "L1")]) == [1, 0, None]


def test_paying_the_lender_that_lent_is_no_hop():
    applied = [("A", "L1", 30, "approved")]
    assert hops(applied, [("A", 40, 25, "L1")])[0] == 0
    assert hops(applied, [("A", 40, 27, "L1"), ("A", 41, 27, "L0"), ("A", 42, 27, "L3")])[0] == 1


def test_each_approval_counts_once_and_a_decline_never():
    applied = [
        ("A", "L2", 30, "approved"),
        ("A", "L3", 29, "approved"),
        ("A", "L4", 29, "declined"),
    ]
    assert hops(applied, [("A", 40, 25, "L1"), ("A", 40, 26, "L1")])[0] == 2


def test_without_an_approval_or_a_payment_hopping_is_unknown():
    assert hops([("A", "L2", 30, "declined")], [("A", 40, 25, "L1")])[0] is None
    assert hops([("A", "L2", 30, "approved")], [("A", 40, None, "L1")])[0] is None


def test_a_payment_after_the_analysis_is_no_hop():
    applied = [("A", "L2", 3, "approved")]
    assert hops(applied, [("A", 40, 20, "L1"), ("A", 10, -1, "L1")])[0] == 0
