"""Adding a bad label lowers nobody's risk, adding a good one raises nobody's: exactly."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import wrong_books as wrong
from oracles.books import BAD_LABELS, GOOD_LABELS, POLICY, Analysed, Book, analyse, books
from oracles.planted import is_caught

from graphrisk.model.policy import is_good

Analyse = Callable[[Book], Analysed]
Case = tuple[Book, Book]


@st.composite
def one_bad_label_more(draw) -> Case:
    """A book, and the same where one entity is now known to be bad, or known to be worse."""
    book = draw(books())
    entity = draw(st.sampled_from(book.entities))
    label = draw(st.sampled_from(BAD_LABELS))
    before = book.labels.get(entity)
    if before is not None and not is_good(before):
        label = max(before, label, key=lambda name: POLICY.labels[name].own_nats)
    return book, book.with_label(entity, label)


@st.composite
def one_good_label_more(draw) -> Case:
    """A book, and the same where one entity is now known to be good, whatever it was before."""
    book = draw(books())
    entity = draw(st.sampled_from(book.entities))
    if is_good(book.labels.get(entity, "bad")):
        return book, book
    return book, book.with_label(entity, draw(st.sampled_from(GOOD_LABELS)))


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
