"""Counts, windows, averages and triangles against what is slow and obvious."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.learn.grouped import gaps, grouped, most_within
from graphrisk.learn.spread import Neighborhood, triangles

dated = st.lists(st.tuples(st.integers(0, 4), st.floats(0, 50)), max_size=30)


def arrays(rows):
    entity = np.array([e for e, _ in rows], dtype=np.int64)
    return entity, np.array([x for _, x in rows], dtype=np.float64)


def neighborhood(graph: nx.Graph) -> Neighborhood:
    rows = [sorted(set(graph[v]) - {v}) for v in sorted(graph)]
    offsets = np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)
    return Neighborhood(offsets, np.array([u for row in rows for u in row], dtype=np.int32))


graphs = st.builds(
    lambda n, p, seed: nx.gnp_random_graph(n, p, seed=seed),
    st.integers(1, 14), st.floats(0.05, 0.8), st.integers(0, 99),
)  # fmt: skip


@given(dated)
def test_summaries(rows):
    entity, value = arrays(rows)
    found = grouped(entity, value, 5)
    for e in range(5):
        mine = value[entity == e]
        assert found.count[e] == len(mine)
        if len(mine):
            told = (found.total[e], found.mean[e], found.lowest[e], found.highest[e])
            assert np.allclose(told, (mine.sum(), mine.mean(), mine.min(), mine.max()))
            assert np.isclose(found.spread[e], mine.std(), atol=1e-4)
        else:
            assert np.isnan(found.mean[e])


@given(dated, st.sampled_from((1.0, 7.0)))
def test_bursts(rows, days):
    entity, at = arrays(rows)
    found = most_within(entity, at, 5, days)
    for e in range(5):
        mine = at[entity == e]
        slow = max((int(((mine <= t) & (mine >= t - days)).sum()) for t in mine), default=0)
        assert found[e] == slow


@given(dated)
def test_gaps(rows):
    entity, at = arrays(rows)
    found = gaps(entity, at, 5)
    for e in range(5):
        between = np.diff(np.sort(at[entity == e]))
        assert found.count[e] == len(between)
        if len(between):
            assert np.isclose(found.lowest[e], between.min())


@given(graphs, st.sampled_from((1, 3)))
def test_triangles(graph, n_threads):
    slow = nx.triangles(graph)
    found = triangles(neighborhood(graph), n_threads)
    assert found.tolist() == [slow[v] for v in sorted(graph)]


@given(graphs, st.integers(0, 99))
def test_averages_leave_the_unknown_out(graph, seed):
    values = np.random.default_rng(seed).normal(size=(len(graph), 2))
    values[::3, 0] = np.nan
    found = neighborhood(graph).mean(values, 1)
    for v in sorted(graph):
        for c in range(2):
            known = [values[u, c] for u in graph[v] if u != v and not np.isnan(values[u, c])]
            same = np.isnan(found[v, c]) if not known else np.isclose(found[v, c], np.mean(known))
            assert same
