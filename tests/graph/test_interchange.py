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
    bare = nx.MultiDiGraph()
    for (kind, entity_id), _ in network.nodes(data=True):
        bare.add_node(entity_id, kind=kind)
    for (_, source), (_, target), data in network.edges(data=True):
        bare.add_edge(
            source,
            target,
            relation=data["relation"],
            weight=data["weight"],
            **({"observed_at": data["last_seen_at"]} if data["last_seen_at"] else {}),
        )
    second = LinkGraph.from_networkx(bare)
    assert np.array_equal(first.neighbor, second.neighbor)
    assert np.array_equal(first.links.confidence, second.links.confidence)
    assert np.array_equal(first.links.last_seen_at, second.links.last_seen_at)


def test_a_graph_without_an_account_is_refused() -> None:
    graph = nx.Graph()
    graph.add_node("D1", kind="device")
    with pytest.raises(InputRefused, match="account"):
        LinkGraph.from_networkx(graph)
