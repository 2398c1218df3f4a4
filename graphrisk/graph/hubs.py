"""Hubs: entities that many accounts share, and which of them are protected."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers, compiled
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.kinds import EntityKind, HubClass
from graphrisk.model.policy import Protection

#: Classes in the order of their codes; ``-1`` means not protected.
HUB_CLASSES: tuple[str, ...] = tuple(str(hub_class) for hub_class in HubClass)


def n_linked_accounts(graph: LinkGraph) -> NDArray[np.int64]:
    """Count, for each entity, the accounts it is linked to, each account once.

    Returns
    -------
    numpy.ndarray
        Shape (n_entities,), int64.
    """
    accounts, count = graph.accounts, np.zeros(graph.n_entities, dtype=np.int64)
    if len(accounts):
        _count_accounts(graph.offsets, graph.neighbor, int(accounts[0]), int(accounts[-1]), count)
    return count


@compiled
def _count_accounts(offsets: Ints, neighbor: Numbers, first: int, last: int, count: Ints) -> None:
    """Count the distinct neighbours from ``first`` to ``last``; those of one pair lie together."""
    for v in range(len(count)):
        before = -1
        for j in range(offsets[v], offsets[v + 1]):
            u = neighbor[j]
            if u != before and first <= u <= last:
                count[v] += 1
            before = u


def protected_hubs(
    graph: LinkGraph, protection: Protection, n_accounts: Ints | None = None
) -> NDArray[np.int8]:
    """Say which entities are protected, and as what.

    An entity is protected when the policy lists it, when its record declares a protected
    usage, or when more accounts than a private thing could have are linked to it.

    Parameters
    ----------
    graph, protection
        The graph, and the rules.
    n_accounts
        Accounts that each entity is linked to, if the graph does not hold all of them, shape
        (n_entities,).

    Returns
    -------
    numpy.ndarray
        Positions in ``HUB_CLASSES``, ``-1`` for none, shape (n_entities,), int8.
    """
    codes = np.full(graph.n_entities, -1, dtype=np.int8)
    crowd = HUB_CLASSES.index(HubClass.CROWD)
    n_accounts = n_linked_accounts(graph) if n_accounts is None else n_accounts
    for kind, limit in protection.crowd_links.items():
        members = graph.of_kind(kind)
        codes[members[n_accounts[members] > limit]] = crowd
    for usage in protection.usages:
        if usage in graph.usages and usage in HUB_CLASSES:
            codes[graph.usage_code == graph.usages.index(usage)] = HUB_CLASSES.index(usage)
    for hub in protection.hubs:
        number = graph.number_of(hub.kind, hub.entity_id)
        if number is not None:
            codes[number] = HUB_CLASSES.index(hub.hub_class)
    codes[graph.accounts] = -1
    return codes


def hub_table(graph: LinkGraph, *, most: int = 20) -> pl.DataFrame:
    """List the entities with the most accounts: kind, entity_id, n_accounts."""
    n_accounts = n_linked_accounts(graph)
    n_accounts[graph.accounts] = 0
    shared = np.flatnonzero(n_accounts > 1)
    order = shared[np.argsort(-n_accounts[shared], kind="stable")[:most]]
    return pl.DataFrame(
        {
            "kind": [graph.kinds[code] for code in graph.kind_code[order].tolist()],
            "entity_id": graph.entity_id.gather(order),
            "n_accounts": n_accounts[order],
        },
        schema={"kind": pl.String, "entity_id": pl.String, "n_accounts": pl.Int64},
    )


def is_identifier(graph: LinkGraph) -> NDArray[np.bool_]:
    """Mark every entity that is not an account, shape (n_entities,)."""
    mask = np.ones(graph.n_entities, dtype=bool)
    mask[graph.of_kind(EntityKind.ACCOUNT)] = False
    return mask
