"""Links that carry nothing, or less, said as such: crowds' things, what was taken over, homes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.sharing import SHARING_KINDS, Sharing
from graphrisk.model.decision import Trail
from graphrisk.model.evidence import Group, Reason, State, Strength, Term
from graphrisk.model.kinds import SharingKind
from graphrisk.propagation.weights import Weights
from graphrisk.propagation.witness import NONE

PROTECTED = "protected"
TAKEN_OVER = "taken_over"
#: Codes and families of what is recognised as shared innocently begin so.
INNOCENT = "innocent_"

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

_SHARED = {
    SharingKind.HOUSEHOLD: "shares a home, or a thing of it, with few others; less arrives over it",
    SharingKind.DORMITORY: "lives or connects where many strangers do; little arrives over it",
    SharingKind.SHARED_NETWORK: "comes through a network of many strangers; little arrives over it",
    SharingKind.KIOSK: "used a device that many strangers use briefly; little arrives over it",
}
INNOCENT_REASONS = tuple(
    Reason(
        f"{INNOCENT}{kind}".upper(), Group.LINKED, f"{INNOCENT}{kind}", Strength.WEAK,
        _SHARED[kind], "probability",
    )
    for kind in SharingKind
)  # fmt: skip


def unheard_terms(graph: LinkGraph, weights: Weights) -> tuple[Term, ...]:
    """Make terms of no nats about each account's links which carry nothing, or less.

    Those that carry nothing are counted. Of those that innocent sharing damps, the value is the
    highest probability that the sharing is innocent.
    """
    terms = []
    for reason, slots in zip(REASONS, _unheard(graph, weights), strict=True):
        count = np.bincount(_account(graph, slots), minlength=len(graph.accounts))
        terms.append(_term(reason, count > 0, count.astype(np.float64)))
    for reason, slots in zip(INNOCENT_REASONS, _damped(graph, weights), strict=True):
        prob = np.zeros(len(graph.accounts))
        # The most probable is written last.
        prob[_account(graph, slots)] = weights.sharing.prob[graph.neighbor[slots]]
        terms.append(_term(reason, prob > 0, np.where(prob > 0, prob, np.nan)))
    return tuple(terms)


def unheard_trails(graph: LinkGraph, weights: Weights) -> tuple[Trail, ...]:
    """Point, for each account and reason, at the first link of those, or the most probable."""
    n_accounts = len(graph.accounts)
    trails = []
    # Written backwards, so that the first slot of each account is written last.
    unheard = [slots[::-1] for slots in _unheard(graph, weights)]
    for reason, slots in zip(
        (*REASONS, *INNOCENT_REASONS), (*unheard, *_damped(graph, weights)), strict=True
    ):
        chosen = np.full(n_accounts, NONE, dtype=np.int32)
        chosen[_account(graph, slots)] = slots
        nobody = np.full(n_accounts, -1, dtype=np.int32)
        trails.append(Trail(reason.family, chosen, np.zeros(n_accounts), nobody))
    return tuple(trails)


def _term(reason: Reason, hit: NDArray[np.bool_], value: NDArray[np.float64]) -> Term:
    state = np.where(hit, State.HIT, State.MISS).astype(np.int8)
    return Term(reason, np.zeros(len(hit)), value, state)


def _account(graph: LinkGraph, slots: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the place of the account in whose row each slot stands."""
    row = np.searchsorted(graph.offsets, slots, side="right") - 1
    return np.asarray(row - int(graph.accounts[0]))


def _own_slots(graph: LinkGraph) -> slice:
    return slice(int(graph.offsets[graph.accounts[0]]), int(graph.offsets[graph.accounts[-1] + 1]))


def _facing(graph: LinkGraph, slots: NDArray[np.integer]) -> NDArray[np.int64]:
    """Give the accounts' slots whose other ends are among some slots, rising."""
    own, facing = _own_slots(graph), np.sort(graph.reverse[slots]).astype(np.int64)
    return np.asarray(facing[(facing >= own.start) & (facing < own.stop)])


def _unheard(graph: LinkGraph, weights: Weights) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the accounts' slots to protected hubs, and to things that they took over."""
    own = _own_slots(graph)
    to_hubs = np.flatnonzero(weights.protected[graph.neighbor[own]] >= 0)
    return own.start + to_hubs, _facing(graph, np.flatnonzero(weights.own_only))


def _damped(graph: LinkGraph, weights: Weights) -> list[NDArray[np.int64]]:
    """Find, for each kind of sharing, the accounts' slots that it damps, by rising probability.

    Of equally probable ones the first comes last.
    """
    damping = _damping(weights.sharing)
    slots = _facing(graph, damping[weights.out_prob[damping] > 0])[::-1]
    slots = slots[np.argsort(weights.sharing.prob[graph.neighbor[slots]], kind="stable")]
    kind = weights.sharing.kind[graph.neighbor[slots]]
    return [slots[kind == code] for code in range(len(SHARING_KINDS))]


def _damping(sharing: Sharing) -> NDArray[np.integer]:
    """List the slots that do not pass everything on, rising."""
    kept = sharing.kept_passes
    if kept.place is None or kept.usual < 1.0:
        return np.flatnonzero(sharing.passes < 1.0)
    return kept.place[kept.others < 1.0]
