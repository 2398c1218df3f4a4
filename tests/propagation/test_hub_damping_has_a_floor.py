"""How far a link more can lower anybody, when the links of one relation crowd each other.

A sender with many links of a relation carries less over each of them, never less than the
relation's ``hub_floor``. So a link more of relation R lowers nobody's reach below what the graph
without it gives when every link of R stands at its floor; links of other relations are not
touched at all.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.books import AGES, Book, books, graph_of, seeds_in, ties_among
from oracles.planted import is_caught

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.policy import Policy
from graphrisk.propagation.reach import reach, total_nats
from graphrisk.propagation.weights import Weights, weigh

FLOOR = 0.4


def policy_of(**changes) -> Policy:
    """The default policy with the same hub damping, early and strong, in every relation."""
    base = Policy.default()
    relations = {name: replace(rule, **changes) for name, rule in base.relations.items()}
    return replace(base, relations=relations)


CROWDING = policy_of(hub_free_links=1.0, hub_exponent=1.0, hub_floor=FLOOR)
UNDAMPED = policy_of(hub_exponent=0.0)
FLOORLESS = policy_of(hub_free_links=1.0, hub_exponent=1.0, hub_floor=0.0)


def at_floor(relation: str) -> Policy:
    """The crowding policy with every link of one relation at its floor."""
    rule = replace(CROWDING.relations[relation], hub_free_links=1e-300)
    return replace(CROWDING, relations={**CROWDING.relations, relation: rule})


@st.composite
def one_tie_more(draw) -> tuple[Book, Book, str]:
    """A book, the same with a link more, and the relation of that link."""
    book = draw(books())
    tie = draw(ties_among(book.entities).filter(lambda tie: tie not in book.ties))
    return book, book.with_tie(tie, draw(AGES)), tie[2]


Weigh = Callable[[LinkGraph, Policy], Weights]


def nats_of(book: Book, policy: Policy, weigh: Weigh) -> np.ndarray:
    graph = graph_of(book)
    seeds = seeds_in(book, graph, policy)
    reached = reach(
        graph.offsets, graph.neighbor, graph.reverse, weigh(graph, policy).out_prob,
        seeds.bad_strength, n_hops=5,
    )  # fmt: skip
    return total_nats(graph.offsets, reached)


def check_floor_holds(weigh: Weigh, case: tuple[Book, Book, str]) -> None:
    """Nobody's reach falls below that of the old graph with the relation at its floor."""
    book, more, relation = case
    assert (nats_of(more, CROWDING, weigh) >= nats_of(book, at_floor(relation), weigh)).all()


def check_nobody_falls(weigh: Weigh, case: tuple[Book, Book, str]) -> None:
    """Without damping nobody's reach falls; parallel links may cost a unit for each round."""
    book, more, _ = case
    fallen = nats_of(book, UNDAMPED, weigh) - nats_of(more, UNDAMPED, weigh)
    assert (fallen <= 30 * 2.0**-48).all()


@given(one_tie_more())
def test_a_link_more_lowers_nobody_below_the_floor(case):
    check_floor_holds(weigh, case)


@given(one_tie_more())
def test_without_damping_a_link_more_lowers_nobody(case):
    check_nobody_falls(weigh, case)


def floorless(graph: LinkGraph, policy: Policy) -> Weights:
    """Planted: damp on and on, without a floor."""
    return weigh(graph, FLOORLESS if policy is CROWDING else policy)


def all_relations_crowd(graph: LinkGraph, policy: Policy) -> Weights:
    """Planted: count a sender's links of every relation together."""
    found = weigh(graph, policy)
    n_links = np.diff(graph.offsets)[graph.row_of_slot()]
    return replace(found, out_prob=found.out_prob / np.maximum(n_links, 1))


@pytest.mark.parametrize("bug", [floorless, all_relations_crowd], ids=lambda bug: bug.__name__)
def test_damping_without_a_floor_is_caught(bug):
    assert is_caught(check_floor_holds, bug, one_tie_more())


def test_damping_that_counts_all_relations_is_caught_where_there_should_be_none():
    assert is_caught(check_nobody_falls, all_relations_crowd, one_tie_more())
