"""Whole months to test: how they are chosen, and what is put together."""

from datetime import UTC, datetime

import polars as pl
import pytest

from graphrisk import read_dataset
from graphrisk.errors import UsageError
from graphrisk.evaluate.cuts import months_of

UTC_US = pl.Datetime("us", "UTC")


def book(*known_at, good=20):
    """One bad account for each moment, and some good ones."""
    ids = [f"A{i:03d}" for i in range(len(known_at) + good)]
    return read_dataset(
        {
            "accounts": pl.DataFrame({"account_id": ids}),
            "labels": pl.DataFrame(
                {
                    "entity_kind": ["account"] * len(ids),
                    "entity_id": ids,
                    "label": ["bad"] * len(known_at) + ["good"] * good,
                    "known_at": pl.Series([*known_at, *[None] * good], dtype=UTC_US),
                }
            ),
        }
    )


def days(month, *numbers):
    return [datetime(2026, month, day, tzinfo=UTC) for day in numbers]


def everyone(moment):
    return pl.Series([f"A{i:03d}" for i in range(100)])


def test_each_of_the_last_months_is_a_test():
    known = [*days(1, *range(2, 10)), *days(2, *range(2, 8)), *days(3, *range(2, 8))]
    assert months_of(book(*known), 2, everyone) == [*days(2, 1), *days(3, 1), *days(4, 1)]


def test_a_month_with_too_few_is_tested_with_those_before_it():
    known = [*days(1, *range(2, 10)), *days(2, 2, 3, 4), *days(3, 5, 6), *days(4, *range(2, 8))]
    assert months_of(book(*known), 2, everyone) == [*days(2, 1), *days(4, 1), *days(5, 1)]


def test_what_is_known_when_a_month_begins_belongs_to_the_one_before():
    known = [*days(1, *range(2, 10)), *days(2, *range(2, 8)), *days(3, 1)]
    assert months_of(book(*known), 1, everyone) == [*days(2, 1), *days(3, 1)]


def test_accounts_that_could_not_be_seen_do_not_count():
    known = [*days(1, *range(2, 10)), *days(2, *range(2, 8)), *days(3, *range(2, 8))]
    unseen = pl.Series([f"A{i:03d}" for i in range(14)])
    dataset = book(*known)
    cuts = months_of(dataset, 1, lambda moment: unseen)
    assert cuts == [*days(2, 1), *days(4, 1)]


def test_too_few_months_are_refused_with_what_was_found():
    known = [*days(1, *range(2, 10)), *days(2, *range(2, 8))]
    with pytest.raises(UsageError, match="14 bad labels say when they became known, in 2 months"):
        months_of(book(*known), 5, everyone)
