"""A column gives back the numbers it was made of, to the last bit, however it keeps them."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.model.column import FEWEST, Column, kept_as_columns

ODD = np.array([0.0, -0.0, np.nan, -np.nan, np.inf, -np.inf, 5e-324, 1.0])


@given(
    st.integers(0, 2**32),
    st.sampled_from([10, FEWEST, 3 * FEWEST]),
    st.sampled_from([0.0, 0.01, 0.4, 1.0]),
    st.sampled_from([0.0, 1.0, np.nan, None]),
)
def test_numbers_come_back_to_the_last_bit(seed, n, share, usual):
    drawn = np.random.default_rng(seed)
    numbers = np.full(n, 0.0 if usual is None else usual)
    other = drawn.random(n) < share
    numbers[other] = drawn.choice(ODD, int(other.sum()))
    kept = Column.of(numbers, usual)
    assert (kept.all().view(np.int64) == numbers.view(np.int64)).all()
    for rows in (drawn.integers(0, n, 5), slice(3, 7), slice(n - 2, n + 9), slice(7, 3),
                 slice(None, None, 3), np.arange(n), other):  # fmt: skip
        assert (kept[rows].view(np.int64) == numbers[rows].view(np.int64)).all()


@pytest.mark.parametrize("usual", [0.0, np.nan])
def test_a_column_of_one_number_takes_no_room(usual):
    kept = Column.of(np.full(10**6, usual))
    assert kept.place is not None
    assert kept.place.nbytes + kept.others.nbytes == 0


def test_a_row_of_a_table_of_columns_is_kept_too():
    table = np.arange(4.0 * FEWEST).reshape(-1, 2)
    assert (Column.of(table[:, 1]).all() == table[:, 1]).all()


@given(
    st.integers(0, 2**32),
    st.sampled_from([10, 3 * FEWEST]),
    st.sampled_from(["int64", "int32", "int8", "float32", "bool"]),
    st.sampled_from([0.0, 0.01, 0.7]),
)
def test_numbers_of_any_type_come_back_as_they_were(seed, n, kind, share):
    drawn = np.random.default_rng(seed)
    usual = drawn.choice([0] if kind == "bool" else [0, 1, -2] if kind != "float32" else [0])
    numbers = np.full(n, usual).astype(kind)
    other = drawn.random(n) < share
    numbers[other] = drawn.integers(-2, 3, int(other.sum())).astype(kind)
    kept = Column.of(numbers)
    assert kept.all().dtype == numbers.dtype
    assert kept.all().tolist() == numbers.tolist()
    assert kept[n // 3 : n // 2].tolist() == numbers[n // 3 : n // 2].tolist()
    place = np.flatnonzero(other)
    assert Column.beside(n, usual, place, numbers[other]).all().tolist() == numbers.tolist()


@kept_as_columns("much", "little")
@dataclass(frozen=True)
class Pair:
    much: np.ndarray
    little: np.ndarray
    name: str


def test_a_field_that_is_kept_as_a_column_is_read_as_an_array():
    little = np.zeros(10**6)
    little[[3, 77]] = 1.5, -0.0
    pair = Pair(np.arange(10.0**6), little, "a")
    assert (pair.little.view(np.int64) == little.view(np.int64)).all()
    assert (pair.much == np.arange(10.0**6)).all()
    other = replace(pair, name="b", much=little)
    assert (other.much == little).all()
    assert (other.little == little).all()
    assert sum(column.others.nbytes for column in vars(other).values() if column != "b") == 32
