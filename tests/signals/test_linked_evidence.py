"""What links brought to some entities is what they brought to them among all."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.books import Analysed, analyse, books

from graphrisk.model import column
from graphrisk.signals.arrived import linked_evidence


def kept_short(book) -> Analysed:
    """Analyse a book with all columns kept as on a large one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(column, "FEWEST", 0)
        return analyse(book)


@given(books())
def test_columns_change_no_byte_of_an_analysis(book):
    assert kept_short(book).to_bytes() == analyse(book).to_bytes()


@given(books(), st.integers(0, 2**32))
def test_some_entities_hear_what_they_hear_among_all(book, seed):
    found = kept_short(book)
    n = found.graph.n_entities
    every = np.arange(n, dtype=np.int32)
    some = every[np.random.default_rng(seed).random(n) < 0.5]
    of_all, of_some = (
        linked_evidence(rows, found.graph, found.weights, found.propagated)
        for rows in (every, some)
    )
    for one in fields(of_all):
        whole, part = getattr(of_all, one.name), getattr(of_some, one.name)
        assert np.array_equal(part, whole if np.isscalar(whole) else whole[some]), one.name
