"""To and from networkx, the graph library users bring their graphs in."""

from __future__ import annotations

import warnings
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

    What is read is said in :mod:`graphrisk.intake.networks`; ids are taken as text.

    Raises
    ------
    InputRefused
        If the graph holds no account.

    Warns
    -----
    UserWarning
        If edges were set aside, such as one from a node to itself: how many, and why.
    """
    dataset = read_dataset(graph)
    if len(dataset.quarantine):
        counts = dataset.quarantine["code"].value_counts(sort=True)
        warnings.warn(
            f"{len(dataset.quarantine):,} records were set aside: "
            + ", ".join(f"{n:,} for {code}" for code, n in zip(*counts.get_columns(), strict=True))
            + "; read_dataset(graph).quarantine lists them",
            stacklevel=3,
        )
    return build_graph(dataset, as_of=as_of)
