"""A neighbourhood is what networkx finds within the same hops, hubs not walked through."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.books import Book, books, graph_of

from graphrisk.graph.walk import around


def by_networkx(graph, start, n_hops, most_links):
    """The slow oracle: links out of hubs are taken away, and shortest paths counted."""
    ends = list(zip(graph.links.source.tolist(), graph.links.target.tolist(), strict=True))
    n_links = np.bincount(np.ravel(ends).astype(int), minlength=graph.n_entities)
    slow = nx.DiGraph()
    slow.add_nodes_from(range(graph.n_entities))
    for a, b in ends:
        for one, other in ((a, b), (b, a)):
            if one == start or n_links[one] <= most_links:
                slow.add_edge(one, other)
    return sorted(nx.single_source_shortest_path_length(slow, start, cutoff=n_hops))


@given(books(), st.integers(0, 5), st.integers(0, 6), st.data())
def test_within_some_hops_and_not_through_hubs(book, n_hops, most_links, data):
    graph = graph_of(book)
    start = data.draw(st.integers(0, graph.n_entities - 1))
    met = graph.neighbourhood(start, n_hops=n_hops, most_links=most_links)
    assert met.tolist() == by_networkx(graph, start, n_hops, most_links)


@given(books(), st.data())
def test_a_walk_over_some_slots_follows_no_other(book, data):
    graph = graph_of(book)
    start = data.draw(st.integers(0, graph.n_entities - 1))
    follows = np.array([data.draw(st.booleans()) for _ in graph.neighbor], dtype=bool)
    slow = nx.DiGraph()
    slow.add_nodes_from(range(graph.n_entities))
    slow.add_edges_from(
        zip(graph.row_of_slot()[follows].tolist(), graph.neighbor[follows].tolist(), strict=True)
    )
    expected = sorted(nx.single_source_shortest_path_length(slow, start, cutoff=2))
    met = around(graph.offsets, graph.neighbor, start, follows, n_hops=2, most=10**6)
    assert met.tolist() == expected


def star(n):
    """One device that many accounts use."""
    accounts = [("account", f"{i:06}") for i in range(n)]
    device = ("device", "D")
    return Book((*accounts, device), {(a, device, "uses_device"): 0.0 for a in accounts})


@pytest.mark.parametrize("n", [62, 63, 64, 65, 1000, 20_000])
def test_everybody_around_a_hub_is_met_once(n):
    graph = graph_of(star(n))
    hub = graph.number_of("device", "D")
    assert graph.neighbourhood(hub, n_hops=1).tolist() == list(range(n + 1))
    assert graph.neighbourhood(0, most_links=n).tolist() == list(range(n + 1))
    assert graph.neighbourhood(0, most_links=n - 1).tolist() == [0, hub]


def test_a_walk_ends_at_the_most_with_the_nearest():
    graph = graph_of(star(500))
    assert len(graph.neighbourhood(0, most=100)) == 100
    assert graph.neighbourhood(7, most=2).tolist() == [7, graph.number_of("device", "D")]
    assert graph.neighbourhood(7, most=1).tolist() == [7]
