"""Shares of slots, worked out a column at a time instead of a slot at a time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.model.column import Column
from graphrisk.propagation.shares import damp, undamped, unvouched


@given(st.integers(0, 40), st.integers(0, 2**32), st.integers(1, 4))
def test_shares_are_undamped_and_damped_as_columns_are(n_pairs, seed, n_threads):
    drawn = np.random.default_rng(seed)
    n_slots = 2 * n_pairs
    reverse = np.empty(n_slots, dtype=np.int32)
    mixed = drawn.permutation(n_slots)
    reverse[mixed[::2]], reverse[mixed[1::2]] = mixed[1::2], mixed[::2]
    share, prob = drawn.random(n_slots), drawn.random(n_slots)
    passes = drawn.choice([0.1, 0.5, 1.0], n_slots)
    vouches, own_only = drawn.random((2, n_slots)) < 0.5

    for column in (Column.of(passes, usual=1.0), sparse(passes)):
        passing_on = undamped(prob, column, own_only)
        assert passing_on.tolist() == np.where(own_only, 0.0, prob / passes).tolist()
        in_share = share.copy()
        slot, before = damp(in_share, reverse, column)
        assert in_share.tolist() == (share * passes[reverse]).tolist()
        assert slot.tolist() == np.flatnonzero(in_share != share).tolist()
        assert before.tolist() == share[slot].tolist()
    marks = unvouched(reverse, vouches, n_threads=n_threads)
    assert marks.tolist() == (~vouches[reverse]).tolist()


def sparse(passes: np.ndarray) -> Column:
    """A column that is kept as long ones are."""
    place = np.flatnonzero(passes != 1.0).astype(np.int32)
    return Column(len(passes), 1.0, place, passes[place])


def test_what_passes_nothing_is_sent_nothing():
    nothing, open_to_all = np.zeros(1), np.zeros(1, dtype=bool)
    assert undamped(nothing, Column.of(nothing), open_to_all).tolist() == [0.0]
    assert undamped(np.ones(1), sparse(nothing), open_to_all).tolist() == [0.0]
