"""From graph to tier: ids, order, strangers and what was taken back change no byte."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import wrong_books as wrong
from oracles.books import AGES, BAD_LABELS, Analysed, Book, analyse, books, ties_among
from oracles.planted import is_caught

from graphrisk.signals.arrived import propagate


@st.composite
def renamed(draw) -> tuple[Book, Book, dict[str, str]]:
    """A book; the same under other ids and in another order; and the new id of each account."""
    book = draw(books())
    ids = [e for _, e in book.entities]
    new = dict(zip(ids, draw(st.permutations(ids)), strict=True))
    return book, book.renamed(lambda entity: (entity[0], new[entity[1]])), new


@st.composite
def changed(draw) -> tuple[Book, Book]:
    """A book, and the same after a link and a label."""
    book = draw(books())
    after = book.with_tie(draw(ties_among(book.entities)), draw(AGES))
    if draw(st.booleans()):
        entity, label = draw(st.sampled_from(book.entities)), draw(st.sampled_from(BAD_LABELS))
        after = after.with_label(entity, label)
    return book, after


#: The ids of the second book fall between those of the first.
strangers = st.tuples(books(max_accounts=5), books(prefix="0", max_accounts=4, max_ties=12))


def check_names_do_not_matter(analyse, case) -> None:
    book, other, new = case
    before, after = analyse(book).to_bytes(), analyse(other).to_bytes()
    assert {new[name]: row for name, row in before.items()} == after


def check_strangers_do_not_matter(analyse, case) -> None:
    book, others = case
    alone, beside = analyse(book).to_bytes(), analyse(book.beside(others)).to_bytes()
    assert {name: beside[name] for name in alone} == alone


def check_taking_back_restores(begin, case) -> None:
    book, after = case
    analyse = begin()
    before = analyse(book).to_bytes()
    analyse(after)
    assert analyse(book).to_bytes() == before


@given(renamed())
def test_names_and_order_change_no_byte(case):
    check_names_do_not_matter(analyse, case)


@given(strangers)
def test_an_unrelated_component_changes_no_byte(case):
    check_strangers_do_not_matter(analyse, case)


@given(changed())
def test_what_is_taken_back_leaves_no_byte(case):
    check_taking_back_restores(lambda: analyse, case)


def _float_mass(graph, weights, seeds, policy, *, n_threads):
    """Planted: sum good mass in floating point over the entities before this one."""
    found = propagate(graph, weights, seeds, policy, n_threads=n_threads)
    drift = np.cumsum(found.good_mass / 3.0) * 1e-9
    return replace(found, good_mass=found.good_mass + drift.astype(np.int64))


drifting = partial(analyse, propagate=_float_mass)


def remembers() -> Callable[[Book], Analysed]:
    """Planted: labels that were once known are never forgotten."""
    seen: dict[str, str] = {}

    def run(book: Book) -> Analysed:
        seen.update({e: label for e, label in book.labels.items() if label in BAD_LABELS})
        known = {e: label for e, label in seen.items() if e in book.entities}
        return analyse(Book(book.entities, book.ties, {**book.labels, **known}))

    return run


def test_an_analysis_that_depends_on_names_is_caught():
    assert is_caught(check_names_do_not_matter, drifting, renamed())


@pytest.mark.parametrize("bug", [wrong.seeds_share_one_mass, wrong.prior_from_the_labels])
def test_an_analysis_that_looks_at_strangers_is_caught(bug):
    assert is_caught(check_strangers_do_not_matter, bug, strangers)


def test_an_analysis_that_never_forgets_is_caught():
    assert is_caught(check_taking_back_restores, remembers, changed())
