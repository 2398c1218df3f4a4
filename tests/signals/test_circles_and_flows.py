"""Guarantees that come back around, and money that leaves as it comes."""

import networkx as nx
import numpy as np
import pytest

from graphrisk.signals.circles import _on_circle, rows_of, strong_components

from .tables import book, guarantees, transfers, values


def circle(*pairs, names="ABCDEFGH", **settings):
    return values("GUARANTEE_CIRCLE", book(names, guarantees=guarantees(*pairs)), **settings)


def test_a_circle_and_those_who_only_lead_to_it():
    assert circle("AB", "BC", "CA", "DA", "CE") == [3, 3, 3, 0, 0, None, None, None]


def test_two_who_guarantee_each_other_are_a_circle_of_two():
    assert circle("AB", "BA", names="ABC") == [2, 2, None]


def test_two_circles_that_touch_are_one_component():
    assert circle("AB", "BA", "BC", "CB", names="ABC") == [3, 3, 3]


def test_a_circle_longer_than_the_limit_is_none():
    around = ("AB", "BC", "CD", "DE", "EA")
    assert circle(*around, names="ABCDE", most_links=4) == [0] * 5
    assert circle(*around, names="ABCDE", most_links=5) == [5] * 5


def test_guarantor_of_how_many():
    seen = book("ABCD", guarantees=guarantees("AB", "AC", "BC"))
    assert values("GUARANTEE_EXPOSURE", seen) == [2, 1, 0, None]


@pytest.mark.parametrize("seed", range(30))
def test_components_and_circles_against_networkx(seed):
    rng = np.random.default_rng(seed)
    n, m = 40, int(rng.integers(10, 120))
    source, target = rng.integers(0, n, m), rng.integers(0, n, m)
    arrows = {(a, b) for a, b in zip(source.tolist(), target.tolist(), strict=True) if a != b}
    graph = nx.DiGraph(arrows)
    graph.add_nodes_from(range(n))
    a, b = np.array(sorted(arrows), dtype=np.int64).T
    rows = rows_of(a, b, n)
    component = strong_components(*rows)
    found = {frozenset(np.flatnonzero(component == c).tolist()) for c in set(component.tolist())}
    assert found == {frozenset(c) for c in nx.strongly_connected_components(graph)}
    back = [min((nx.shortest_path_length(graph, u, v) + 1 for u in graph[v]
                 if nx.has_path(graph, u, v)), default=99) for v in range(n)]  # fmt: skip
    assert _on_circle(*rows, 4, 10**6).tolist() == [length <= 4 for length in back]


def passed(*rows, **settings):
    given = {"window_hours": 24, "passed_on_share": 0.8, **settings}
    return values("FAST_IN_FAST_OUT", book("ABC", transfers=transfers(*rows)), **given)


def test_money_that_leaves_within_the_window_passed_through():
    assert passed(("A", "B", 50, 1000), ("B", "C", 40, 950)) == [0, 1, 0]


def test_too_little_or_too_late_did_not():
    assert passed(("A", "B", 50, 1000), ("B", "C", 40, 799))[1] == 0
    assert passed(("A", "B", 50, 1000), ("B", "C", 40, 800))[1] == 1
    assert passed(("A", "B", 50, 1000), ("B", "C", 25, 950))[1] == 0


def test_what_left_before_it_came_did_not():
    assert passed(("A", "B", 40, 1000), ("B", "C", 41, 1000))[1] == 0


def test_no_amount_is_matched_twice():
    rows = [("A", "B", 50, 1000), ("C", "B", 49, 1000), ("B", "C", 40, 1000)]
    assert passed(*rows)[1] == 1
    assert passed(*rows, ("B", "A", 39, 1000))[1] == 2


def test_several_payments_add_up():
    rows = [("B", "C", hours, 300) for hours in (40, 41, 42)]
    assert passed(("A", "B", 50, 1000), *rows)[1] == 1


def test_a_transfer_after_the_analysis_is_not_known_and_none_is_unknown():
    assert passed(("A", "B", 5, 1000), ("B", "C", -1, 1000)) == [0, 0, None]
