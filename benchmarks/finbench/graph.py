"""A FinBench graph as plain dicts and lists: what the oracle reads and the writes change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

#: Kinds of nodes; the key of each is its kind and ``_id``.
NODES = ("person", "company", "account", "loan", "medium")
#: Kinds of edges: relationship type, kind of node where it begins, and where it ends.
EDGES = {
    "person_own_account": ("OWN", "person", "account"),
    "company_own_account": ("OWN", "company", "account"),
    "person_apply_loan": ("APPLY", "person", "loan"),
    "company_apply_loan": ("APPLY", "company", "loan"),
    "person_invest_company": ("INVEST", "person", "company"),
    "company_invest_company": ("INVEST", "company", "company"),
    "person_guarantee_person": ("GUARANTEE", "person", "person"),
    "company_guarantee_company": ("GUARANTEE", "company", "company"),
    "account_transfer_account": ("TRANSFER", "account", "account"),
    "account_withdraw_account": ("WITHDRAW", "account", "account"),
    "account_repay_loan": ("REPAY", "account", "loan"),
    "loan_deposit_account": ("DEPOSIT", "loan", "account"),
    "medium_sign_in_account": ("SIGN_IN", "medium", "account"),
}


class Edge(NamedTuple):
    """One edge. ``at_us`` are microseconds since 1970; amount and ratio where it has one."""

    source: int
    target: int
    at_us: int
    amount: float | None = None
    ratio: float | None = None

    def properties(self) -> dict[str, Any]:
        """What is kept of it beside its ends."""
        held = {"at_us": self.at_us, "amount": self.amount, "ratio": self.ratio}
        return {name: value for name, value in held.items() if value is not None}


@dataclass
class Graph:
    """Nodes by kind and id, edges by kind; changed through its methods only."""

    nodes: dict[str, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: {kind: {} for kind in NODES}
    )
    edges: dict[str, list[Edge]] = field(default_factory=lambda: {kind: [] for kind in EDGES})
    _beside: dict[tuple[str, bool], dict[int, list[Edge]]] = field(default_factory=dict)

    def add_node(self, kind: str, key: int, **properties: Any) -> None:
        """Put in a node that is not there yet."""
        assert key not in self.nodes[kind], (kind, key)
        self.nodes[kind][key] = properties

    def add_edge(self, kind: str, edge: Edge) -> bool:
        """Put in an edge, if both its ends are there; say whether they were."""
        _, begins, ends = EDGES[kind]
        there = edge.source in self.nodes[begins] and edge.target in self.nodes[ends]
        if there:
            self.edges[kind].append(edge)
            self._beside.clear()
        return there

    def remove_nodes(self, kind: str, keys: Iterable[int]) -> None:
        """Take out nodes and every edge that touches them."""
        gone = set(keys)
        for key in gone:
            del self.nodes[kind][key]
        for name, (_, begins, ends) in EDGES.items():
            self.edges[name] = [
                edge
                for edge in self.edges[name]
                if not (begins == kind and edge.source in gone)
                and not (ends == kind and edge.target in gone)
            ]
        self._beside.clear()

    def out(self, kind: str, key: int) -> list[Edge]:
        """Edges of a kind that begin at a node."""
        return self._at(kind, key, outward=True)

    def into(self, kind: str, key: int) -> list[Edge]:
        """Edges of a kind that end at a node."""
        return self._at(kind, key, outward=False)

    def _at(self, kind: str, key: int, *, outward: bool) -> list[Edge]:
        if (kind, outward) not in self._beside:
            found = defaultdict(list)
            for edge in self.edges[kind]:
                found[edge.source if outward else edge.target].append(edge)
            self._beside[kind, outward] = dict(found)
        return self._beside[kind, outward].get(key, [])

    def copy(self) -> Graph:
        """Return a graph that can be changed without changing this one."""
        nodes = {
            kind: {key: dict(values) for key, values in some.items()}
            for kind, some in self.nodes.items()
        }
        return Graph(nodes, {kind: list(some) for kind, some in self.edges.items()})

    def export(self) -> tuple[list[Any], list[Any]]:
        """Everything it holds, sorted: nodes, and edges with parallel ones as often as they are."""
        nodes = [
            (kind, key, sorted(values.items()))
            for kind, some in self.nodes.items()
            for key, values in some.items()
        ]
        edges = [
            (EDGES[kind][0], EDGES[kind][1], edge.source, EDGES[kind][2], edge.target,
             sorted(edge.properties().items()))
            for kind, some in self.edges.items()
            for edge in some
        ]  # fmt: skip
        return sorted(nodes), sorted(edges)
