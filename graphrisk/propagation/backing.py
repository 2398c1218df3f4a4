"""What stands behind a family of links when an account may be closed on it.

Reach is run again over what closing may rest on: near seeds, then fresh links only, then
confirmed seeds only. Because reach never falls when a label or a link is added, neither does
what stands behind a family: a stronger path to a suspected or distant seed can't hide a
confirmed one that is near.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.decision import Backing
from graphrisk.model.evidence import Strength, whole
from graphrisk.model.policy import Policy
from graphrisk.model.times import DAY_US, NO_TIME
from graphrisk.propagation.carrying import Carrying
from graphrisk.propagation.families import family_nats
from graphrisk.propagation.fixed import nats_from_units
from graphrisk.propagation.reach import reach_in_steps, turns_of_slots
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights
from graphrisk.threads import side_by_side

#: Over which slots a run of reach is, None for all, and from which strengths.
Run: TypeAlias = tuple[NDArray[np.bool_] | None, NDArray[np.float64]]
Told: TypeAlias = Callable[[NDArray[np.bool_] | None, NDArray[np.float64]], NDArray[np.int64]]
#: Accounts, or slots, looked at together by a thread, so that memory follows this, not the book.
_AT_ONCE = 1 << 14


def find_backing(
    graph: LinkGraph,
    weights: Weights,
    seeds: Seeds,
    policy: Policy,
    *,
    part: Carrying | None = None,
    n_threads: int,
) -> Backing:
    """Say, for each account, whether enough reaches it that limiting and closing may rest on.

    Near means within the account-to-account steps that closing allows.
    """
    is_account = ~is_identifier(graph)
    turn = turns_of_slots(graph.offsets, graph.neighbor, is_account, n_threads=n_threads)
    own_only = weights.own_only

    def told(carries: NDArray[np.bool_] | None, strength: NDArray[np.float64]) -> NDArray[np.int64]:
        return reach_in_steps(
            graph.offsets, graph.neighbor, graph.reverse, weights.out_prob, strength, is_account,
            n_steps=policy.guards.close_max_account_steps,
            message_floor_prob=policy.reach.message_floor_prob,
            own_only=own_only,
            carries=carries,
            part=part,
            turn=turn,
            accounts_only=True,
            n_threads=n_threads,
        ).message_units  # fmt: skip

    runs = backing_runs(graph, weights, seeds, policy)
    return backing_of(graph, weights, policy, each_once(told, runs), n_threads=n_threads)


def each_once(told: Told, runs: Iterable[Run]) -> Iterator[NDArray[np.int64]]:
    """Yield what is told in each run; where all seeds are confirmed, two runs are the same."""
    last: Run | None = None
    units = np.zeros(0, dtype=np.int64)
    for carries, strength in runs:
        if last is None or carries is not last[0] or not np.array_equal(strength, last[1]):
            del units  # before others take their place
            units = told(carries, strength)
        last = carries, strength
        yield units


def backing_runs(graph: LinkGraph, weights: Weights, seeds: Seeds, policy: Policy) -> Iterator[Run]:
    """Yield over which slots each run of reach is, None for all, and from which strengths.

    All near seeds; the same over fresh links; from confirmed seeds alone; and from these over
    links that nobody else made. One after the other: each takes as much memory as all slots.
    """
    yield None, seeds.bad_strength
    is_fresh = fresh_links(graph, policy)[graph.link]
    yield is_fresh, seeds.bad_strength
    yield is_fresh, np.where(seeds.is_confirmed(), seeds.bad_strength, 0.0)
    del is_fresh
    yield ~weights.claimed, np.where(seeds.is_confirmed(), seeds.bad_strength, 0.0)


def backing_of(
    graph: LinkGraph,
    weights: Weights,
    policy: Policy,
    units: Iterable[NDArray[np.int64]],
    *,
    n_threads: int = 1,
) -> Backing:
    """Say what stands behind families, from the messages of each of :func:`backing_runs`."""
    arrived = iter(units)

    def speaking(message_units: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
        speaks = np.empty((len(weights.families), len(graph.accounts)), dtype=bool)

        def fill(first: int) -> None:
            some = slice(first, first + _AT_ONCE)
            nats = family_nats(
                graph.accounts[some], graph.offsets, weights.family_in, message_units,
                len(weights.families),
            )  # fmt: skip
            for i, family in enumerate(weights.families):
                cap_nats = policy.families[family].cap_nats
                speaks[i, some] = _brings_enough(nats[:, i], cap_nats, policy)

        firsts = range(0, len(graph.accounts), _AT_ONCE)
        side_by_side(n_threads, *(partial(fill, first) for first in firsts))
        return dict(zip(weights.families, speaks, strict=True))

    return Backing(
        near=speaking(next(arrived)),
        fresh=speaking(next(arrived)),
        confirmed=speaking(next(arrived)),
        n_things=_n_things(graph, weights, policy, next(arrived), n_threads),
    )


def _n_things(
    graph: LinkGraph,
    weights: Weights,
    policy: Policy,
    message_units: NDArray[np.int64],
    n_threads: int,
) -> NDArray[np.int64]:
    """Count what brings strong evidence to each account, over links that nobody else made.

    A link that nobody can claim, such as ownership, counts as many as limiting needs.
    """
    least = policy.guards.limit_min_things
    strong = np.array([policy.families[name].strength == Strength.STRONG
                       for name in weights.families])  # fmt: skip

    def bring_enough(first: int, last: int) -> NDArray[np.int64]:
        nats = nats_from_units(-message_units[first:last])
        brings = whole(policy.evidence.reach_weight * nats)
        enough = brings * least >= policy.guards.limit_min_strong_nats
        return first + np.flatnonzero(enough & strong[weights.family_in[first:last]])

    start, end = graph.offsets[graph.accounts[0]], graph.offsets[graph.accounts[-1] + 1]
    cuts = [*range(int(start), int(end), _AT_ONCE), int(end)]
    tasks = (partial(bring_enough, *ends) for ends in pairwise(cuts))
    slots = np.concatenate([np.zeros(0, dtype=np.int64), *side_by_side(n_threads, *tasks)])
    row, neighbor = np.searchsorted(graph.offsets, slots, side="right") - 1, graph.neighbor[slots]
    # Several links to one thing lie next to each other, and count as one.
    again = np.zeros(len(slots), dtype=bool)
    again[1:] = (np.diff(row) == 0) & (np.diff(neighbor) == 0)
    worth = np.where(weights.claimable[slots], 1, least) * ~again
    return np.bincount(
        row - int(graph.accounts[0]), weights=worth, minlength=len(graph.accounts)
    ).astype(np.int64)


def fresh_links(graph: LinkGraph, policy: Policy) -> NDArray[np.bool_]:
    """Mark the links seen lately enough to close on; a link without a date is not fresh."""
    last_seen_at = graph.links.last_seen_at
    if graph.as_of_us == NO_TIME:
        return np.zeros(len(last_seen_at), dtype=bool)
    oldest_allowed = graph.as_of_us - policy.guards.close_max_age_days * DAY_US
    return np.asarray((last_seen_at != NO_TIME) & (last_seen_at >= oldest_allowed))


def _brings_enough(nats: NDArray[np.float64], cap_nats: float, policy: Policy) -> NDArray[np.bool_]:
    """Compare with what a family must bring, weighed as the risk model weighs it."""
    weighed = whole(policy.evidence.reach_weight * np.minimum(nats, cap_nats))
    return np.asarray(weighed >= policy.guards.family_min_nats)
