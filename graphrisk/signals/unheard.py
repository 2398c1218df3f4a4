"""Links that carry nothing, said as such: what crowds share, and what was taken over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.decision import Trail
from graphrisk.model.evidence import Group, Reason, State, Strength, Term
from graphrisk.propagation.weights import Weights
from graphrisk.propagation.witness import NONE

PROTECTED = "protected"
TAKEN_OVER = "taken_over"

REASONS = (
    Reason(
        "PROTECTED_HUB", Group.LINKED, PROTECTED, Strength.WEAK,
        "uses things that crowds share; they carry no risk", "links",
    ),
    Reason(
        "TAKEN_OVER", Group.LINKED, TAKEN_OVER, Strength.WEAK,
        "uses things that others used at another time; they bring nothing of theirs", "links",
    ),
)  # fmt: skip


def unheard_terms(graph: LinkGraph, weights: Weights) -> tuple[Term, ...]:
    """Make terms of no nats that count each account's links which carry nothing."""
    terms = []
    for reason, slots in zip(REASONS, _unheard(graph, weights), strict=True):
        count = np.bincount(
            graph.row_of_slot()[slots] - graph.accounts[0], minlength=len(graph.accounts)
        )
        state = np.where(count > 0, State.HIT, State.MISS).astype(np.int8)
        terms.append(Term(reason, np.zeros(len(count)), count.astype(np.float64), state))
    return tuple(terms)


def unheard_trails(graph: LinkGraph, weights: Weights) -> tuple[Trail, ...]:
    """Point, for each account and reason, at the first link that carries nothing."""
    n_accounts = len(graph.accounts)
    trails = []
    for reason, slots in zip(REASONS, _unheard(graph, weights), strict=True):
        first = np.full(n_accounts, NONE, dtype=np.int32)
        # Written backwards, so that the first slot of each account is written last.
        first[graph.row_of_slot()[slots[::-1]] - graph.accounts[0]] = slots[::-1]
        nobody = np.full(n_accounts, -1, dtype=np.int32)
        trails.append(Trail(reason.family, first, np.zeros(n_accounts), nobody))
    return tuple(trails)


def _unheard(graph: LinkGraph, weights: Weights) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the accounts' slots to protected hubs, and to things that they took over."""
    start, end = graph.offsets[graph.accounts[0]], graph.offsets[graph.accounts[-1] + 1]
    slots = np.arange(start, end)
    return (
        slots[weights.protected[graph.neighbor[slots]] >= 0],
        slots[weights.own_only[graph.reverse[slots]]],
    )
