"""What the oracle of every read shares: the window, what a step keeps, and how figures round.

The readings are those of docs/finbench.md; the ways of computing are not those of the Cypher.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from math import fsum
from typing import Any

from benchmarks.finbench.graph import Edge, Graph

Values = dict[str, Any]
Row = tuple[Any, ...]
ORDERS = ("TIMESTAMP_ASCENDING", "TIMESTAMP_DESCENDING")
TRANSFER = "account_transfer_account"


def in_window(edge: Edge, p: Values) -> bool:
    """Both ends of the window are outside it."""
    return bool(p["startTime"] < edge.at_us < p["endTime"])


def over(edges: Iterable[Edge], p: Values, threshold: float | None = None) -> list[Edge]:
    """Keep edges in the window and, where there is a threshold, larger than it."""
    return [
        edge
        for edge in edges
        if in_window(edge, p) and (threshold is None or (edge.amount or 0.0) > threshold)
    ]


def step(edges: Iterable[Edge], p: Values, *, outward: bool) -> list[Edge]:
    """Keep the first ``truncationLimit`` edges by time; ties by the far end, then the amount."""
    newest_first = p["truncationOrder"] == "TIMESTAMP_DESCENDING"
    ordered = sorted(
        edges,
        key=lambda edge: (
            -edge.at_us if newest_first else edge.at_us,
            edge.target if outward else edge.source,
            edge.amount or 0.0,
        ),
    )
    return ordered[: p["truncationLimit"]]


def rising_walks(
    graph: Graph, start: int, p: Values, *, outward: bool, n_most: int = 3
) -> Iterator[tuple[Edge, ...]]:
    """Walk along every chain of transfers, edge by edge, whose time rises in their direction."""

    def onward(walk: tuple[Edge, ...], at: int) -> Iterator[tuple[Edge, ...]]:
        beside = graph.out(TRANSFER, at) if outward else graph.into(TRANSFER, at)
        for edge in step(over(beside, p), p, outward=outward):
            if walk and (edge.at_us <= walk[-1].at_us if outward else edge.at_us >= walk[-1].at_us):
                continue
            longer = (*walk, edge)
            yield longer
            if len(longer) < n_most:
                yield from onward(longer, edge.target if outward else edge.source)

    return onward((), start)


def owned(graph: Graph, person: int) -> set[int]:
    """Accounts of a person."""
    return {edge.target for edge in graph.out("person_own_account", person)}


def total(edges: Iterable[Edge]) -> float:
    """Sum of amounts."""
    return fsum(edge.amount or 0.0 for edge in edges)


def rounded(figure: float) -> float:
    """To three decimal places, halves away from zero, as the figure is written."""
    return float(Decimal(repr(float(figure))).quantize(Decimal("0.001"), ROUND_HALF_UP))


def ratio(above: float, below: float) -> float:
    """A rounded ratio; -1 over nothing."""
    return -1.0 if below == 0 else rounded(above / below)
