"""NetworkX graphs as the tables of the long layout. What is given is never changed."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import polars as pl

from graphrisk.errors import InputRefused

if TYPE_CHECKING:
    import networkx as nx

#: What an edge may carry besides its relation.
_OF_LINKS = ("weight", "observed_at", "first_seen_at", "last_seen_at", "source")


def graph_tables(graph: nx.Graph) -> dict[str, pl.DataFrame]:
    """Return the long tables of a NetworkX graph: entities, links and labels.

    Nodes may carry ``kind`` (default ``account``), ``label`` and numeric attributes; a node that
    is a pair of its kind and its id, as in ``LinkGraph.to_networkx``, goes by its id. Edges may
    carry ``relation`` (default ``link``), ``weight``, ``observed_at``, ``first_seen_at``,
    ``last_seen_at`` and ``source``. Weights of links lie between 0 and 1, those of edges may be
    of any size: where one is above 1, all are divided by the largest.

    Raises
    ------
    InputRefused
        If two nodes are the same text.
    """
    name = {node: _named(node, given) for node, given in graph.nodes(data=True)}
    if len(set(name.values())) < len(name):
        raise InputRefused(
            "graph: two nodes are the same text, such as 1 and '1'",
            expected="every node to be told apart by its text",
            hint="relabel the nodes",
        )
    nodes = [
        {**given, "entity_id": name[node][1], "kind": name[node][0]}
        for node, given in graph.nodes(data=True)
    ]
    links = [
        {
            "source_kind": name[source][0],
            "source_id": name[source][1],
            "target_kind": name[target][0],
            "target_id": name[target][1],
            "relation": given.get("relation", "link"),
            **{column: given[column] for column in _OF_LINKS if given.get(column) is not None},
        }
        for source, target, given in graph.edges(data=True)
    ]
    _scale(links)
    entities = _table(nodes, ("entity_id", "kind"))
    tables = {
        "entities": entities.drop("label", strict=False),
        "links": _table(links, ("source_id", "target_id", "relation")),
    }
    if "label" in entities.columns:
        labels = entities.select("entity_id", entity_kind="kind", label="label")
        tables["labels"] = labels.filter(pl.col("label").is_not_null())
    return tables


def _named(node: Hashable, given: dict[str, Any]) -> tuple[str, str]:
    """Return the kind and the id of a node."""
    kind = str(given.get("kind", "account"))
    match node:
        case (first, entity_id) if "kind" in given and first == kind:
            return kind, str(entity_id)
    return kind, str(node)


def _scale(links: list[dict[str, Any]]) -> None:
    """Divide all weights by the largest where that is above 1; what is no number stays."""
    numbers = [w for link in links if isinstance(w := link.get("weight"), int | float)]
    largest = max((w for w in numbers if math.isfinite(w)), default=0.0)
    if largest > 1.0:
        for link in links:
            if isinstance(link.get("weight"), int | float):
                link["weight"] /= largest


def _table(records: list[dict[str, Any]], required: tuple[str, ...]) -> pl.DataFrame:
    """Build a frame from records of differing keys, with the required columns at least."""
    if not records:
        return pl.DataFrame(schema=dict.fromkeys(required, pl.String))
    return pl.DataFrame(records, infer_schema_length=None, strict=False)
