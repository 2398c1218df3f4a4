"""Components are those of networkx, named by their smallest number."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from oracles.books import Book, books, graph_of

from graphrisk.graph.components import components


def by_networkx(graph, keep) -> list[int]:
    slow = nx.Graph()
    slow.add_nodes_from(range(graph.n_entities))
    ends = zip(graph.links.source[keep].tolist(), graph.links.target[keep].tolist(), strict=True)
    slow.add_edges_from(ends)
    name = [-1] * graph.n_entities
    for members in nx.connected_components(slow):
        for member in members:
            name[member] = min(members)
    return name


@given(books())
def test_each_entity_is_named_by_the_smallest_number_it_can_reach(book):
    graph = graph_of(book)
    everything = np.ones(graph.n_links, dtype=bool)
    assert components(graph).tolist() == by_networkx(graph, everything)


@given(books(), st.randoms(use_true_random=False))
def test_links_left_out_join_nothing(book, random):
    graph = graph_of(book)
    keep = np.array([random.random() < 0.5 for _ in range(graph.n_links)], dtype=bool)
    assert components(graph, keep).tolist() == by_networkx(graph, keep)


def chain(n: int) -> Book:
    """Accounts that each guarantee for the one before: the worst order for a union of trees."""
    accounts = [("account", f"{i:05}") for i in range(n)]
    pairs = zip(accounts[1:], accounts, strict=False)
    return Book(tuple(accounts), {(a, b, "guarantees"): 0.0 for a, b in pairs})


def test_a_long_chain_is_one_component():
    assert (components(graph_of(chain(5000))) == 0).all()


def test_without_links_everybody_is_alone():
    graph = graph_of(Book(tuple(("account", name) for name in "abc")))
    assert components(graph).tolist() == [0, 1, 2]
