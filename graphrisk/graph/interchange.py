"""To and from networkx, the graph library users bring their graphs in."""

from __future__ import annotations

from datetime import datetime

import networkx as nx

from graphrisk.graph.build import build_graph
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.read import read_dataset
from graphrisk.model.times import from_microseconds


def to_networkx(graph: LinkGraph) -> nx.MultiDiGraph:
    """Return the graph as a networkx multigraph.

    Nodes are ``(kind, id)`` pairs with attribute ``kind``; edges carry ``relation``,
    ``first_seen_at``, ``last_seen_at`` (datetimes or None), ``weight`` and ``source``.
    """
    ids = graph.entity_id.to_list()
    kinds = [graph.kinds[code] for code in graph.kind_code.tolist()]
    nodes = list(zip(kinds, ids, strict=True))
    out = nx.MultiDiGraph()
    out.add_nodes_from((node, {"kind": node[0]}) for node in nodes)
    links = graph.links
    columns = zip(
        links.source.tolist(),
        links.target.tolist(),
        links.relation.tolist(),
        links.first_seen_at.tolist(),
        links.last_seen_at.tolist(),
        links.confidence.tolist(),
        links.origin.tolist(),
        strict=True,
    )
    for source, target, relation, first, last, confidence, origin in columns:
        out.add_edge(
            nodes[source],
            nodes[target],
            key=graph.relations[relation],
            relation=graph.relations[relation],
            first_seen_at=from_microseconds(first),
            last_seen_at=from_microseconds(last),
            weight=confidence,
            source=graph.origins[origin],
        )
    return out


def from_networkx(graph: nx.Graph, *, as_of: datetime | None = None) -> LinkGraph:
    """Build a graph from a networkx one.

    Node attribute ``kind`` (``account`` if absent) and edge attributes ``relation`` (``link``
    if absent), ``weight`` and ``observed_at`` are read; ids are taken as text.

    Raises
    ------
    InputRefused
        If the graph holds no account.
    """
    return build_graph(read_dataset(graph), as_of=as_of)
