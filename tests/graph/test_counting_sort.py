"""Sorting by digits is sorting, stably, however many keys there are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.graph.order import in_order


@given(st.data(), st.sampled_from([1, 2, 60, 4_096, 4_097, 1 << 20, (1 << 31) - 1]))
def test_places_are_sorted_by_key_and_equal_keys_stay_in_order(data, n_keys):
    drawn = st.lists(st.integers(0, n_keys - 1) | st.integers(0, min(n_keys, 3) - 1), max_size=40)
    key = np.array(data.draw(drawn), dtype=np.int32)
    some = data.draw(st.permutations(range(len(key))))[: data.draw(st.integers(0, len(key)))]
    order = np.array(some, dtype=np.int32)
    found = in_order(key, n_keys, order)
    assert found.tolist() == sorted(some, key=lambda place: key[place])
    assert found.dtype == np.int32
