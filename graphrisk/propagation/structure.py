"""What weights ask of whole rows: how many links, who came when, what is shared innocently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers, Shorts, compiled
from graphrisk.graph.hubs import protected_hubs
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.overlap import alone_in_time, came_first
from graphrisk.graph.sharing import Sharing, recognise
from graphrisk.model.policy import Policy
from graphrisk.threads import side_by_side


@dataclass(frozen=True, slots=True)
class Structure:
    """Facts about links and entities, each found in the whole row of an entity.

    Attributes
    ----------
    n_at_source, n_at_target
        Links of the same relation at each end of a link, shape (n_links,), int64.
    protected
        Positions in ``graphrisk.graph.hubs.HUB_CLASSES``, ``-1`` for none, shape
        (n_entities,), int8.
    alone
        Links to identifiers that nobody else used at the same time, shape (n_links,), bool.
    had_first
        Links of accounts that had an identifier long before anybody else, same shape, bool.
    sharing
        What is recognised as shared innocently.
    """

    n_at_source: Ints
    n_at_target: Ints
    protected: NDArray[np.int8]
    alone: NDArray[np.bool_]
    had_first: NDArray[np.bool_]
    sharing: Sharing


def structure_of(
    graph: LinkGraph, policy: Policy, grace_days: NDArray[np.float64], *, n_threads: int = 1
) -> Structure:
    """Find the facts of a graph that holds all rows; threads change no byte.

    ``grace_days`` is that of ``Weights``, shape (n_links,).
    """
    protected = protected_hubs(graph, policy.protection)
    tasks: tuple[Callable[[], Any], ...] = (
        lambda: recognise(graph, protected, policy.innocent_sharing),
        lambda: alone_in_time(graph, grace_days),
        lambda: links_of_relation(graph),
        lambda: came_first(graph, policy.guards.limit_owner_days),
    )
    sharing, alone, (n_at_source, n_at_target), had_first = side_by_side(n_threads, *tasks)
    return Structure(n_at_source, n_at_target, protected, alone, had_first, sharing)


def links_of_relation(graph: LinkGraph) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count, for each link, its source's and its target's links of the same relation."""
    at_source = np.zeros(graph.n_links, dtype=np.int64)
    at_target = np.zeros(graph.n_links, dtype=np.int64)
    links, n_entities = graph.links, graph.n_entities
    for relation in range(len(graph.relations)):
        _count_links(
            relation, links.relation, links.source, links.target,
            np.zeros(n_entities, dtype=np.int32), at_source, at_target,
        )  # fmt: skip
    return at_source, at_target


@compiled
def _count_links(
    wanted: int,
    relation: Shorts,
    source: Numbers,
    target: Numbers,
    count: Numbers,
    at_source: Ints,
    at_target: Ints,
) -> None:
    for k in range(len(relation)):
        if relation[k] == wanted:
            count[source[k]] += 1
            count[target[k]] += 1
    for k in range(len(relation)):
        if relation[k] == wanted:
            at_source[k], at_target[k] = count[source[k]], count[target[k]]
