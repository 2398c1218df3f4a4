"""A column gives back the numbers it was made of, to the last bit, however it keeps them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.model.column import FEWEST, Column

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
    for rows in (drawn.integers(0, n, 5), slice(3, 7), np.arange(n), other):
        assert (kept[rows].view(np.int64) == numbers[rows].view(np.int64)).all()


@pytest.mark.parametrize("usual", [0.0, np.nan])
def test_a_column_of_one_number_takes_no_room(usual):
    kept = Column.of(np.full(10**6, usual))
    assert kept.place is not None
    assert kept.place.nbytes + kept.others.nbytes == 0


def test_a_row_of_a_table_of_columns_is_kept_too():
    table = np.arange(4.0 * FEWEST).reshape(-1, 2)
    assert (Column.of(table[:, 1]).all() == table[:, 1]).all()
