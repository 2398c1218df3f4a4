"""Adding a bad label lowers nobody's risk, adding a good one raises nobody's: exactly."""

from collections.abc import Callable

import pytest
from hypothesis import given
from oracles import wrong_books as wrong
from oracles.books import (
    Analysed,
    Book,
    analyse,
    one_bad_label_more,
    one_good_label_more,
)
from oracles.planted import is_caught

Analyse = Callable[[Book], Analysed]
Case = tuple[Book, Book]


def check_no_risk_falls(analyse: Analyse, case: Case) -> None:
    before, after = (analyse(book).risk_of() for book in case)
    assert {name: risk for name, risk in before.items() if after[name] < risk} == {}


def check_no_risk_rises(analyse: Analyse, case: Case) -> None:
    before, after = (analyse(book).risk_of() for book in case)
    assert {name: risk for name, risk in before.items() if after[name] > risk} == {}


@given(one_bad_label_more())
def test_a_bad_label_lowers_nobody(case):
    check_no_risk_falls(analyse, case)


@given(one_good_label_more())
def test_a_good_label_raises_nobody(case):
    check_no_risk_rises(analyse, case)


@pytest.mark.parametrize(
    "bug", [wrong.seeds_share_one_mass, wrong.prior_from_the_labels, wrong.mean_over_families]
)
def test_bad_labels_that_lower_somebody_are_caught(bug):
    assert is_caught(check_no_risk_falls, bug, one_bad_label_more())


@pytest.mark.parametrize(
    "bug", [wrong.seeds_share_one_mass, wrong.prior_from_the_labels, wrong.good_feeds_bad]
)
def test_good_labels_that_raise_somebody_are_caught(bug):
    assert is_caught(check_no_risk_rises, bug, one_good_label_more())
