"""Rows of slots are what one would write down by hand, link by link."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.errors import InputRefused
from graphrisk.graph import rows
from graphrisk.graph.rows import build_rows


@st.composite
def multigraphs(draw):
    """Pairs of ends, with parallel links in both directions and no link to itself."""
    n = draw(st.integers(1, 12))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1])
    pairs = draw(st.lists(ends, max_size=40 if n > 1 else 0))
    return n, pairs


def built(n, pairs):
    source = np.array([s for s, _ in pairs], dtype=np.int32)
    target = np.array([t for _, t in pairs], dtype=np.int32)
    return build_rows(source, target, n)


@given(multigraphs())
def test_each_row_lists_neighbours_and_their_links_in_order(graph):
    n, pairs = graph
    offsets, neighbor, link, _ = built(n, pairs)
    by_hand = [
        sorted(
            [(t, k) for k, (s, t) in enumerate(pairs) if s == v]
            + [(s, k) for k, (s, t) in enumerate(pairs) if t == v]
        )
        for v in range(n)
    ]
    assert offsets.tolist() == np.cumsum([0, *map(len, by_hand)]).tolist()
    slots = [slot for row in by_hand for slot in row]
    assert list(zip(neighbor.tolist(), link.tolist(), strict=True)) == slots


@given(multigraphs())
def test_reverse_pairs_the_two_slots_of_each_link(graph):
    n, pairs = graph
    offsets, neighbor, link, reverse = built(n, pairs)
    row = np.repeat(np.arange(n), np.diff(offsets))
    slots = np.arange(2 * len(pairs))
    assert (reverse[reverse] == slots).all()
    assert (reverse != slots).all()
    assert (link[reverse] == link).all()
    assert (row[reverse] == neighbor).all()


@given(multigraphs(), st.integers(2, 5))
def test_threads_lay_out_the_same_rows(graph, n_threads):
    n, pairs = graph
    ends = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    source, target = ends[:, 0].copy(), ends[:, 1].copy()
    together = build_rows(source, target, n, n_threads=n_threads)
    for found, alone in zip(together, built(n, pairs), strict=True):
        assert found.tobytes() == alone.tobytes()


@given(multigraphs(), st.randoms(use_true_random=False))
def test_the_order_of_links_only_renames_them(graph, random):
    n, pairs = graph
    order = list(range(len(pairs)))
    random.shuffle(order)
    offsets, neighbor, _, _ = built(n, pairs)
    other_offsets, other_neighbor, _, _ = built(n, [pairs[i] for i in order])
    assert other_offsets.tobytes() == offsets.tobytes()
    assert other_neighbor.tobytes() == neighbor.tobytes()


def test_types_are_those_that_the_kernels_take():
    kinds = [array.dtype for array in built(3, [(0, 1), (2, 1)])]
    assert kinds == [np.int64, np.int32, np.int32, np.int32]


@pytest.mark.parametrize("position", range(4))
def test_no_array_can_be_written_to(position):
    array = built(2, [(0, 1)])[position]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


@pytest.mark.parametrize("n_entities", [0, 1, 5])
def test_a_graph_without_links_has_empty_rows(n_entities):
    offsets, neighbor, link, reverse = built(n_entities, [])
    assert offsets.tolist() == [0] * (n_entities + 1)
    assert len(neighbor) == len(link) == len(reverse) == 0


def test_more_slots_than_can_be_numbered_are_refused_before_any_work(monkeypatch):
    monkeypatch.setattr(rows, "MAX_SLOTS", 3)
    with pytest.raises(InputRefused, match="the graph has 2 links") as refused:
        built(3, [(0, 1), (1, 2)])
    assert "at most 1 links" in refused.value.expected
    assert len(built(2, [(0, 1)])[1]) == 2
