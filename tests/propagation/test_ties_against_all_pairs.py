"""Ties, against looking at every pair of users of every thing."""

from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import given
from oracles.books import POLICY, RELATIONS, Book, books, graph_of, one_bad_label_more, seeds_in

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.policy import Policy
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.ties import (
    Ties,
    bad_spans,
    bad_users,
    find_ties,
    tie_share_by_family,
)
from graphrisk.propagation.weights import Weights, weigh

#: Every relation to a thing ties, also that to an address on the network.
ALL_TIE = replace(
    POLICY,
    relations={name: replace(rule, ties=True) for name, rule in POLICY.relations.items()},
)


def found_in(book: Book, policy: Policy = ALL_TIE) -> tuple[LinkGraph, Weights, Seeds, Ties]:
    graph = graph_of(book)
    weights, seeds = weigh(graph, policy), seeds_in(book, graph, policy)
    return graph, weights, seeds, find_ties(graph, weights, seeds)


def n_tied_by_pairs(book: Book) -> dict[tuple[str, str], int]:
    """For each account and thing, the confirmed bad accounts that use it at the same time."""
    counted: dict[tuple[str, str], int] = {}
    to_things = [tie for tie in book.ties if tie[1][0] != "account"]
    for one, other in product(to_things, to_things):
        label = book.labels.get(other[0], "good")
        bad = POLICY.labels[label].confirmed and not label.startswith("good")
        same = one[1] == other[1] and one[0] != other[0]
        if bad and same and abs(book.ties[one] - book.ties[other]) <= grace_of(one):
            pair = (one[0][1], one[1][1])
            counted[pair] = counted.get(pair, 0) + 1
    return counted


def grace_of(tie: tuple) -> float:
    rule = POLICY.relations[tie[2]]
    return rule.overlap_grace_days if rule.while_both_use else np.inf


@given(books(max_ties=30))
def test_every_tie_is_found_and_no_other(book):
    graph, _, _, ties = found_in(book)
    rows = np.searchsorted(graph.offsets, ties.slot, side="right") - 1
    found = {
        (graph.entity_id[int(row)], graph.entity_id[int(graph.neighbor[slot])]): int(n)
        for row, slot, n in zip(rows, ties.slot, ties.n_bad, strict=True)
    }
    assert found == n_tied_by_pairs(book)


@given(books(max_ties=30))
def test_a_tie_is_never_below_its_floor(book):
    *_, ties = found_in(book)
    floor = np.float32(POLICY.evidence.tie_floor)
    assert ((ties.share >= floor) & (ties.share <= 1.0)).all()


@given(one_bad_label_more())
def test_a_bad_label_weakens_no_tie(case):
    strongest = []
    for book in case:
        graph, weights, _, ties = found_in(book)
        n = len(weights.families)
        strongest.append(tie_share_by_family(graph.accounts, graph, weights.family_in, ties, n)[0])
    assert (strongest[1] >= strongest[0]).all()


USERS = tuple(("account", f"a{i:04}") for i in range(1_000))
DEVICE = ("device", "d")


def test_no_number_of_users_takes_a_tie_below_its_floor():
    relation = RELATIONS["device"][0]
    for n in (2, 5, 20, 200, 1_000):
        book = Book(
            (*USERS[:n], DEVICE),
            {(user, DEVICE, relation): 0.0 for user in USERS[:n]},
            {USERS[0]: "fraud_confirmed"},
        )
        ties = found_in(book, POLICY)[-1]
        least = np.float32(POLICY.evidence.tie_floor)
        assert len(ties.slot) == n - 1
        assert (ties.share == 1.0).all() if n <= 5 else (ties.share >= least).all()


def test_suspicions_tie_nobody():
    relation = RELATIONS["device"][0]
    ties = {(user, DEVICE, relation): 0.0 for user in USERS[:3]}
    for label in ("fraud_suspected", "blacklisted", "good_standing"):
        book = Book((*USERS[:3], DEVICE), ties, {USERS[0]: label})
        assert len(found_in(book, POLICY)[-1].slot) == 0


@given(books(max_ties=30))
def test_bad_users_are_counted_by_spans_that_are_told(book):
    """Of things whose users are not all in the graph, the spans of bad ones are told."""
    graph, weights, seeds, _ = found_in(book)
    spans = bad_spans(graph, weights, seeds)
    told = {int(thing): spans.of(int(thing)) for thing in spans.thing}
    nothing = bad_spans(graph, weights, seeds, np.zeros(graph.n_entities, dtype=bool))
    assert not len(nothing.thing)
    found = bad_users(graph, weights, seeds, nothing.with_those_of(told))
    assert found.tolist() == bad_users(graph, weights, seeds).tolist()
    twice = {thing: tuple(np.repeat(end, 2) for end in ends) for thing, ends in told.items()}
    more = bad_users(graph, weights, seeds, spans.with_those_of(twice))
    at_thing = found > 0
    assert (more[at_thing] > found[at_thing]).all()
