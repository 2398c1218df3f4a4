"""Sources that contradict each other, and sources gone stale."""

import polars as pl
import pytest

from .tables import applications, assessments, book, identifiers, repayments, values


def apart(*rows):
    return values("SOURCE_CONTRADICTION", book(assessments=assessments(*rows)), stale_days=365)


@pytest.mark.parametrize(
    "measure, one, other, percent",
    [
        ("income_monthly", 10_000, 25_000, 150),
        ("repayment_capacity", 400, 500, 25),
        ("income_monthly", 0, 500, 1000),
        ("income_monthly", 0, 0, 0),
        ("income_monthly", 1, 900_000, 1000),
        ("credit_score", 640, 700, 60),
    ],
)
def test_how_far_two_sources_lie_apart(measure, one, other, percent):
    rows = [("A", "bureau", measure, one, 9), ("A", "applicant", measure, other, 9)]
    assert apart(*rows) == [percent, None, None]


def test_the_measure_that_disagrees_most_speaks():
    rows = [("A", source, "credit_score", 600, 9) for source in ("x", "y")]
    rows += [("A", "x", "income_monthly", 100, 9), ("A", "y", "income_monthly", 140, 9)]
    assert apart(*rows)[0] == 40


def test_only_the_newest_belief_of_a_source_counts():
    rows = [("A", "x", "income_monthly", v, d) for v, d in ((100, 9), (900, 99))]
    assert apart(*rows, ("A", "y", "income_monthly", 100, 50))[0] == 0


def test_stale_and_later_beliefs_and_one_source_alone_are_unknown():
    fresh = ("A", "x", "income_monthly", 100, 9)
    for other in (400, -1):
        assert apart(fresh, ("A", "y", "income_monthly", 900, other))[0] is None
    assert apart(fresh)[0] is None
    assert apart(fresh, ("A", "y", "credit_score", 900, 9))[0] is None


def test_an_undated_belief_is_fresh():
    rows = [("A", "x", "income_monthly", 100, None), ("A", "y", "income_monthly", 200, 9)]
    assert apart(*rows)[0] == 100


def test_stale_sources_are_counted_by_their_newest_record():
    seen = book(
        identifiers=identifiers(
            ("A", "phone", "+8613912345671", 900, 800, "form"),
            ("A", "device", "D2", 900, 10, "app"),
            ("A", "email", "li@bank.cn", 500, 400, "app"),
            ("B", "phone", "+8613912345674", 900, -5, "app"),
            ("C", "phone", "+8613912345675", None, None, "app"),
        ),
        assessments=assessments(("A", "bureau", "credit_score", 600, 700)),
    )  # fmt: skip
    assert values("STALE_SOURCES", seen, stale_days=365) == [2, 0, None]


def test_a_record_after_the_analysis_does_not_freshen_its_source():
    seen = book(
        applications=applications(("A", "L1", 10)),
        repayments=repayments(("A", 500, -3)).with_columns(source=pl.lit("own")),
    )
    assert values("STALE_SOURCES", seen, stale_days=365)[0] == 1
