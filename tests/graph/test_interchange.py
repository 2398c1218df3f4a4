"""A graph goes to networkx and comes back as it was."""

import networkx as nx
import numpy as np
import pytest

from graphrisk import LinkGraph
from graphrisk.errors import InputRefused


def small() -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_node("A1")
    graph.add_node("A2", kind="account")
    graph.add_node("D1", kind="device")
    graph.add_edge("A1", "D1", relation="uses_device", weight=0.5, observed_at="2026-01-02T00:00Z")
    graph.add_edge("A2", "D1", relation="uses_device")
    graph.add_edge("A1", "A2", relation="transfer")
    return graph


def test_kinds_relations_and_confidence_are_read() -> None:
    graph = LinkGraph.from_networkx(small())
    assert graph.kinds == ("account", "device")
    assert graph.relations == ("transfer", "uses_device")
    assert sorted(graph.links.confidence.tolist()) == [0.5, 1.0, 1.0]


def test_there_and_back_again() -> None:
    first = LinkGraph.from_networkx(small())
    network = first.to_networkx()
    assert network.number_of_nodes() == first.n_entities
    assert network.number_of_edges() == first.n_links
    second = LinkGraph.from_networkx(network)
    assert second.kinds == first.kinds
    assert second.entity_id.to_list() == first.entity_id.to_list()
    assert np.array_equal(first.neighbor, second.neighbor)
    assert np.array_equal(first.links.confidence, second.links.confidence)
    assert np.array_equal(first.links.last_seen_at, second.links.last_seen_at)


def test_a_graph_without_an_account_is_refused() -> None:
    graph = nx.Graph()
    graph.add_node("D1", kind="device")
    with pytest.raises(InputRefused, match="account"):
        LinkGraph.from_networkx(graph)


def test_weights_of_any_size_are_divided_by_the_largest() -> None:
    club = nx.karate_club_graph()  # weights from 1 to 7
    graph = LinkGraph.from_networkx(club)
    assert graph.n_links == club.number_of_edges() == 78
    largest = max(weight for _, _, weight in club.edges(data="weight"))
    assert graph.links.confidence.max() == 1.0
    assert graph.links.confidence.min() == pytest.approx(1 / largest)


def test_an_edge_that_is_set_aside_is_told() -> None:
    graph = small()
    graph.add_edge("A1", "A1")
    graph.add_edge("A1", "A2", relation="transfer", weight=-0.5)
    with pytest.warns(UserWarning, match="2 records were set aside: .*self_link"):
        assert LinkGraph.from_networkx(graph).n_links == 3


def test_a_graph_says_in_a_line_what_it_holds() -> None:
    said = str(LinkGraph.from_networkx(small()))
    assert said == "LinkGraph(2 account, 1 device; 3 links; as of None)"
