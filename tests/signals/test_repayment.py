"""Payments that come later and later, and first ones that never came."""

import polars as pl
import pytest

from .tables import book, repayments, values


def worsening(*rows, **settings):
    given = {"least_instalments": 4, "most_days_late": 90, **settings}
    return values("REPAYMENT_WORSENING", book(repayments=repayments(*rows)), **given)[0]


def paid_late(*days_late):
    """One instalment a month, each so many days late."""
    n = len(days_late)
    return [("A", 30 * (n - i), 30 * (n - i) - late) for i, late in enumerate(days_late)]


@pytest.mark.parametrize(
    "days_late, worse_by",
    [
        ((0, 0, 10, 20), 15),
        ((10, 20, 0, 0), -15),
        ((6, 6, 6, 6), 0),
        ((0, 0, 3, 6, 9), 6),  # the middle one belongs to the later half
        ((-20, -20, -20, -20), 0),  # early is punctual
    ],
)
def test_later_half_against_the_earlier(days_late, worse_by):
    assert worsening(*paid_late(*days_late)) == worse_by


def test_how_much_worse_does_not_depend_on_who_else_is_in_the_book():
    """Sevenths and thirteenths of days, for one row and for many: the same to the last bit."""
    rows = {
        name: [(name, due, paid) for _, due, paid in paid_late(0, 1 / 7, late, 2, 5)]
        for name, late in zip("ABC", (1 / 13, 5 / 7, 3 / 11), strict=True)
    }
    settings = {"least_instalments": 4, "most_days_late": 90}

    def seen(*names):
        every = [row for name in names for row in rows[name]]
        return values("REPAYMENT_WORSENING", book(repayments=repayments(*every)), **settings)

    assert seen("A", "B", "C") == [seen(name)["ABC".index(name)] for name in "ABC"]


def test_unpaid_is_as_late_as_it_is_old_up_to_a_limit():
    rows = [("A", 400, 400), ("A", 370, 370), ("A", 40, None), ("A", 20, None)]
    assert worsening(*rows) == 30
    assert worsening(*rows, most_days_late=30) == 25


def test_too_few_instalments_are_unknown_and_those_ahead_do_not_count():
    assert worsening(*paid_late(0, 0, 9)) is None
    assert worsening(*paid_late(0, 0, 9), ("A", -5, None)) is None


def test_a_payment_after_the_analysis_was_not_made():
    assert worsening(*paid_late(0, 0), ("A", 20, -7), ("A", 22, -9)) == 21


def defaults(*rows):
    return values("FIRST_PAYMENT_DEFAULT", book(repayments=repayments(*rows)), grace_days=35)


def test_first_instalments_never_paid_or_far_too_late_count_by_lender():
    rows = [
        ("A", 90, None, "L1"), ("A", 60, 60, "L1"),  # never paid, the next one was
        ("A", 90, 50, "L2"),  # forty days late
        ("A", 90, 60, "L3"), ("A", 60, None, "L3"),  # late, but within grace
        ("B", 90, 91, "L1"),
    ]  # fmt: skip
    assert defaults(*rows) == [2, 0, None]


def test_a_first_instalment_whose_grace_still_runs_is_unknown():
    assert defaults(("A", 30, None)) == [None, None, None]


def test_two_first_instalments_at_one_moment_default_if_either_does():
    rows = repayments(("A", 90, 91, "L1"), ("A", 90, None, "L1"))
    rows = rows.with_columns(amount_due_minor=pl.Series([1, 2]), currency=pl.lit("CNY"))
    assert values("FIRST_PAYMENT_DEFAULT", book(repayments=rows), grace_days=35)[0] == 1
