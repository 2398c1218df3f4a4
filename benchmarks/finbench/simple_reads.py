"""The six simple reads, over plain lists."""

from __future__ import annotations

from collections import defaultdict

from benchmarks.finbench.graph import Edge, Graph
from benchmarks.finbench.spec import TRANSFER, Row, Values, over, rounded, total


def tsr01(graph: Graph, p: Values) -> list[Row]:
    """An account."""
    found = graph.nodes["account"].get(p["id"])
    if found is None:
        return []
    return [(found.get("created_at_us"), found["is_blocked"], found["account_type"])]


def tsr02(graph: Graph, p: Values) -> list[Row]:
    """Transfers out, then in."""
    if p["id"] not in graph.nodes["account"]:
        return []
    row: list[float] = []
    for edges in (over(graph.out(TRANSFER, p["id"]), p), over(graph.into(TRANSFER, p["id"]), p)):
        largest = max((edge.amount or 0.0 for edge in edges), default=-1.0)
        row += [rounded(total(edges)), rounded(largest), len(edges)]
    return [tuple(row)]


def tsr03(graph: Graph, p: Values) -> list[Row]:
    """Share of transfers in that came from blocked accounts."""
    if p["id"] not in graph.nodes["account"]:
        return []
    edges = over(graph.into(TRANSFER, p["id"]), p, p["threshold"])
    n_blocked = sum(graph.nodes["account"][edge.source]["is_blocked"] for edge in edges)
    return [(rounded(n_blocked / len(edges)) if edges else -1.0,)]


def tsr04(graph: Graph, p: Values) -> list[Row]:
    """Whom an account paid."""
    edges = over(graph.out(TRANSFER, p["id"]), p, p["threshold"])
    return _by_end([(edge.target, edge) for edge in edges])


def tsr05(graph: Graph, p: Values) -> list[Row]:
    """Who paid an account."""
    edges = over(graph.into(TRANSFER, p["id"]), p, p["threshold"])
    return _by_end([(edge.source, edge) for edge in edges])


def tsr06(graph: Graph, p: Values) -> list[Row]:
    """Blocked accounts with a common source."""
    found = {
        paid.target
        for edge in over(graph.into(TRANSFER, p["id"]), p)
        for paid in over(graph.out(TRANSFER, edge.source), p)
        if paid.target != p["id"] and graph.nodes["account"][paid.target]["is_blocked"]
    }
    return [(account,) for account in sorted(found)]


def _by_end(edges: list[tuple[int, Edge]]) -> list[Row]:
    groups = defaultdict(list)
    for end, edge in edges:
        groups[end].append(edge)
    rows = [(end, len(some), rounded(total(some))) for end, some in groups.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


SIMPLE = {f.__name__: f for f in (tsr01, tsr02, tsr03, tsr04, tsr05, tsr06)}
