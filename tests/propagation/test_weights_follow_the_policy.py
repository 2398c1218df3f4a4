"""What a link carries, each way: relation and direction, hub, age, confidence, protection."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from oracles.books import AS_OF_US, Book, graph_of

from graphrisk.graph.encode import IdIndex
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.links import Links
from graphrisk.graph.rows import build_rows
from graphrisk.model.policy import Policy
from graphrisk.model.times import NO_TIME
from graphrisk.propagation.reach import reach, total_nats
from graphrisk.propagation.weights import MAX_PROB, weigh
from graphrisk.propagation.witness import search, strongest_by_family, trace

POLICY = Policy.from_mapping(
    {
        "relations": {
            "guarantees": {
                "toward_target_prob": 0.2,
                "toward_source_prob": 0.6,
                "half_life_days": 100.0,
                "age_floor": 0.25,
                "hub_free_links": 2.0,
                "hub_exponent": 1.0,
                "hub_floor": 0.4,
            }
        }
    }
)
A, B, C = (("account", name) for name in "abc")
DEVICE = ("device", "d")


def star(n_leaves: int, *, age_days: float = 0.0) -> Book:
    """One account that guarantees for many."""
    leaves = [("account", f"leaf{i}") for i in range(n_leaves)]
    return Book((A, *leaves), {(A, leaf, "guarantees"): age_days for leaf in leaves})


def carried(graph: LinkGraph, start: tuple[str, str], end: tuple[str, str]) -> float:
    """What the only link between two entities carries from one to the other."""
    u, v = graph.number_of(*start), graph.number_of(*end)
    slots = np.arange(graph.offsets[u], graph.offsets[u + 1])
    (slot,) = slots[graph.neighbor[slots] == v]
    return float(weigh(graph, POLICY).out_prob[slot])


def test_each_direction_carries_what_the_relation_says():
    graph = graph_of(star(1))
    assert carried(graph, A, ("account", "leaf0")) == 0.2
    assert carried(graph, ("account", "leaf0"), A) == 0.6


def test_each_end_receives_in_its_own_family():
    graph = graph_of(star(1))
    weights = weigh(graph, POLICY)
    received = [weights.families[f] for f in weights.family_in[graph.row_of_slot().argsort()]]
    assert received == ["named", "social"]  # the guarantor is named, the borrower is social


@pytest.mark.parametrize(("n_links", "factor"), [(1, 1.0), (2, 1.0), (4, 0.5), (5, 0.4), (50, 0.4)])
def test_a_sender_with_many_links_is_damped_down_to_the_floor(n_links, factor):
    graph = graph_of(star(n_links))
    assert carried(graph, A, ("account", "leaf0")) == pytest.approx(0.2 * factor)
    assert carried(graph, ("account", "leaf0"), A) == 0.6


@pytest.mark.parametrize(
    ("age_days", "factor"), [(0, 1.0), (100, 0.5), (200, 0.25), (300, 0.25), (9000, 0.25)]
)
def test_a_link_is_worth_half_after_its_half_life_and_never_less_than_its_floor(age_days, factor):
    graph = graph_of(star(1, age_days=age_days))
    assert carried(graph, A, ("account", "leaf0")) == pytest.approx(0.2 * factor)


def test_a_link_seen_after_the_moment_of_the_analysis_is_no_stronger_than_a_fresh_one():
    graph = graph_of(star(1, age_days=-50))
    assert carried(graph, A, ("account", "leaf0")) == 0.2


def test_links_without_a_date_keep_their_whole_weight():
    graph = graph_of(star(1, age_days=5000))
    undated = replace(graph.links, last_seen_at=np.full(graph.n_links, NO_TIME))
    assert carried(replace(graph, links=undated), A, ("account", "leaf0")) == 0.2
    assert carried(replace(graph, as_of_us=NO_TIME), A, ("account", "leaf0")) == 0.2


def test_confidence_scales_what_a_link_carries():
    graph = graph_of(star(1))
    unsure = replace(graph.links, confidence=np.array([0.5]))
    assert carried(replace(graph, links=unsure), A, ("account", "leaf0")) == 0.1


def test_a_protected_hub_carries_nothing():
    graph = graph_of(Book((A, B, DEVICE), {(A, DEVICE, "uses_device"): 0.0,
                                           (B, DEVICE, "uses_device"): 0.0}))  # fmt: skip
    kiosk = {"kind": "device", "entity_id": "d", "hub_class": "kiosk"}
    policy = Policy.from_mapping({"protection": {"hubs": [kiosk]}})
    weights = weigh(graph, policy)
    assert (weights.out_prob == 0).all()
    assert weights.protected[graph.number_of(*DEVICE)] >= 0
    assert (weigh(graph, Policy.default()).out_prob > 0).all()


def test_no_link_is_quite_certain():
    sure = {"toward_target_prob": 0.999, "toward_source_prob": 0.999}
    policy = Policy.from_mapping({"relations": {"guarantees": sure}})
    assert weigh(graph_of(star(1)), policy).out_prob.max() <= MAX_PROB < 1


def test_an_unknown_relation_is_read_as_that_of_the_identifier_at_its_end():
    known = graph_of(Book((A, DEVICE), {(A, DEVICE, "uses_device"): 0.0}))
    unknown = graph_of(Book((A, DEVICE), {(A, DEVICE, "logged_in_from"): 0.0}))
    other = graph_of(Book((A, B), {(A, B, "plays_chess_with"): 0.0}))
    policy = Policy.default()
    assert (weigh(known, policy).out_prob == weigh(unknown, policy).out_prob).all()
    assert weigh(other, policy).out_prob[0] == policy.relations["other"].toward_target_prob


def test_weights_cannot_be_written_to():
    weights = weigh(graph_of(star(2)), POLICY)
    assert not weights.out_prob.flags.writeable
    assert not weights.family_in.flags.writeable


def test_the_books_of_these_tests_are_dated():
    assert graph_of(star(1)).as_of_us == AS_OF_US


def phones(first: tuple[int, int], second: tuple[int, int]):
    """Two accounts on one phone, each over a span of days."""
    day = 86_400_000_000
    source, target = np.array([0, 1], dtype=np.int32), np.array([2, 2], dtype=np.int32)
    offsets, neighbor, link, reverse = build_rows(source, target, 3)
    kinds = IdIndex.of({"account": [pl.Series(["a", "b"])], "phone": [pl.Series(["p"])]})
    spans = np.array([first, second], dtype=np.int64) * day
    links = Links(
        source, target, np.zeros(2, np.int16), spans[:, 0], spans[:, 1],
        np.ones(2), np.ones(2, np.int32), np.zeros(2, np.int16),
    )  # fmt: skip
    return LinkGraph(
        kinds, kinds.kind_codes(), (), np.full(3, -1, np.int16), ("uses_phone",), ("",),
        links, offsets, neighbor, link, reverse, 1000 * day,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [((0, 50), (40, 90), True), ((0, 50), (55, 90), True), ((0, 50), (70, 90), False)],
    ids=["together", "within_grace", "taken_over"],
)
def test_a_number_taken_over_tells_its_new_holder_its_own_label_alone(first, second, shared):
    graph = phones(first, second)
    weights = weigh(graph, Policy.default())
    assert weights.own_only[graph.reverse[:2]].tolist() == [not shared, not shared]
    assert not weights.own_only[:2].any()

    def reached(seed: int) -> np.ndarray:
        strength = np.zeros(3)
        strength[seed] = 0.9
        told = reach(
            graph.offsets, graph.neighbor, graph.reverse, weights.out_prob, strength,
            n_hops=4, own_only=weights.own_only,
        )  # fmt: skip
        return total_nats(graph.offsets, told)

    former_holder, phone = 0, 2
    assert (reached(former_holder)[1] > 0) == shared
    assert reached(phone)[1] > 0


@pytest.mark.parametrize(("taken_over", "path"), [(False, [1, 0]), (True, [1])])
def test_the_path_ends_at_the_phone_if_the_phone_alone_is_to_blame(taken_over, path):
    graph = phones((0, 50), (70, 90) if taken_over else (40, 90))
    weights = weigh(graph, Policy.default())
    strength = np.array([0.99, 0.0, 0.05])
    witness = search(
        graph.offsets, graph.neighbor, graph.reverse, weights.out_prob, strength,
        n_hops=4, own_only=weights.own_only,
    )  # fmt: skip
    slot, _ = strongest_by_family(
        np.array([1], dtype=np.int32), graph.offsets, graph.neighbor, graph.reverse,
        weights.out_prob, np.zeros(4, np.int8), 1, witness, strength,
    )  # fmt: skip
    traced = trace(np.array([1]), slot[:, 0], graph.neighbor, witness)
    assert traced.n_links.tolist() == [len(path)]
    assert traced.seed.tolist() == [2 if taken_over else 0]
