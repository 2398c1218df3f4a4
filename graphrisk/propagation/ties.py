"""Ties: who uses the same personal thing as a confirmed bad account, and at the same time.

A tie is what no number of other accounts can take away. What a link carries is damped by the
links beside it, and PageRank divides mass among them, so an accomplice could bring fake users; a
tie is damped too, but never below ``evidence.tie_floor``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Floats, Ints, Numbers, Shorts, compiled
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.overlap import grace_us_of
from graphrisk.model.times import NO_TIME
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights

#: Further from 1970 than any time, in microseconds.
_FAR_US = 2**62


@dataclass(frozen=True, slots=True)
class Ties:
    """The slots over which a tie arrives.

    Attributes
    ----------
    slot
        Slots in the rows of accounts, rising, shape (n_ties,), int64.
    share
        How much of a whole tie each is, in (0, 1], same shape, float64.
    n_bad
        Confirmed bad accounts at its other end, at the same time, same shape, int64.
    """

    slot: Ints
    share: Floats
    n_bad: Ints


def find_ties(graph: LinkGraph, weights: Weights, seeds: Seeds) -> Ties:
    """Find every use of a thing that a confirmed bad account uses at the same time."""
    return ties_of(graph, weights, bad_users(graph, weights, seeds))


def ties_of(graph: LinkGraph, weights: Weights, n_bad: Ints) -> Ties:
    """Lay ties out by the accounts that are tied, given :func:`bad_users`."""
    at_thing = np.flatnonzero(n_bad)
    slot = graph.reverse[at_thing].astype(np.int64)
    order = np.argsort(slot, kind="stable")
    at_thing = at_thing[order]
    return Ties(slot[order], weights.tie_share[at_thing].astype(np.float64), n_bad[at_thing])


@dataclass(frozen=True, slots=True)
class BadSpans:
    """When confirmed bad accounts used the things over which that ties.

    Attributes
    ----------
    thing, offsets
        The things, rising, shape (n_things,), int32; where the spans of each begin, shape
        (n_things + 1,), int64.
    begun_us, ended_us
        When they began and when they ended, both rising within a thing, so that two at one place
        need not be of one span; shape (n_spans,), int64.
    """

    thing: Numbers
    offsets: Ints
    begun_us: Ints
    ended_us: Ints

    def of(self, thing: int) -> tuple[Ints, Ints]:
        """Return the spans of a thing: when they began, and when they ended."""
        place = int(np.searchsorted(self.thing, thing))
        if place == len(self.thing) or self.thing[place] != thing:
            return self.begun_us[:0], self.ended_us[:0]
        here = slice(self.offsets[place], self.offsets[place + 1])
        return self.begun_us[here], self.ended_us[here]

    @classmethod
    def laid_out(cls, thing: Numbers, begun_us: Ints, ended_us: Ints) -> BadSpans:
        """Lay spans out by the thing of each, all of shape (n_spans,)."""
        things, n_spans = np.unique(thing, return_counts=True)
        return cls(
            things.astype(np.int32),
            np.concatenate(([0], np.cumsum(n_spans, dtype=np.int64))),
            begun_us[np.lexsort((begun_us, thing))],
            ended_us[np.lexsort((ended_us, thing))],
        )

    def with_those_of(self, whole: Mapping[int, tuple[Ints, Ints]]) -> BadSpans:
        """Replace the spans of some things, of which not all are known here."""
        thing = np.repeat(self.thing, np.diff(self.offsets))
        kept = ~np.isin(thing, list(whole))
        numbers = [np.full(len(begun), one, np.int32) for one, (begun, _) in whole.items()]
        return BadSpans.laid_out(
            np.concatenate([thing[kept], *numbers]),
            np.concatenate([self.begun_us[kept], *(begun for begun, _ in whole.values())]),
            np.concatenate([self.ended_us[kept], *(ended for _, ended in whole.values())]),
        )


def bad_spans(
    graph: LinkGraph, weights: Weights, seeds: Seeds, chosen: Flags | None = None
) -> BadSpans:
    """Find when confirmed bad accounts used the things over which that ties.

    ``chosen`` are the things that are looked at, shape (n_entities,); all by default.
    """
    is_bad, tie_share = _is_bad(seeds), weights.tie_share
    slots = np.flatnonzero(tie_share)
    slots = slots[is_bad[graph.neighbor[slots]]]
    row = np.searchsorted(graph.offsets, slots, side="right") - 1
    if chosen is not None:
        slots, row = slots[chosen[row]], row[chosen[row]]
    begun_us, ended_us = _spans_of(
        graph.link[slots], graph.links.first_seen_at, graph.links.last_seen_at, weights.rule,
        grace_us_of(weights.grace_days_of_rule),
    )  # fmt: skip
    return BadSpans.laid_out(row.astype(np.int32), begun_us, ended_us)


def bad_users(
    graph: LinkGraph, weights: Weights, seeds: Seeds, spans: BadSpans | None = None
) -> Ints:
    """Count for each slot of a thing the confirmed bad accounts at the same time, its own apart.

    ``spans`` are those of the things that are looked at, whose bad users need not all be in the
    graph; those in it, of all things, by default. Returns shape (n_slots,), zero elsewhere.
    """
    spans = bad_spans(graph, weights, seeds) if spans is None else spans
    n_bad = np.zeros(len(graph.neighbor), dtype=np.int64)
    _count(
        spans.thing, spans.offsets, spans.begun_us, spans.ended_us,
        graph.offsets, graph.neighbor, graph.link, weights.tie_share, _is_bad(seeds),
        graph.links.first_seen_at, graph.links.last_seen_at, weights.rule,
        grace_us_of(weights.grace_days_of_rule), n_bad,
    )  # fmt: skip
    return n_bad


def _is_bad(seeds: Seeds) -> Flags:
    return np.asarray((seeds.bad_strength > 0) & seeds.is_confirmed())


def tie_share_by_family(
    rows: NDArray[np.int32],
    graph: LinkGraph,
    family_in: NDArray[np.int8],
    ties: Ties,
    n_families: int,
) -> tuple[Floats, Floats]:
    """Give the strongest tie of each row by family, and the most bad accounts that it is to.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        Share of a whole tie in [0, 1], and accounts; zero for none, shape (len(rows), n_families).
    """
    share = np.zeros((len(rows), n_families))
    n_bad = np.zeros((len(rows), n_families))
    if not len(rows):
        return share, n_bad
    low, high = int(rows.min()), int(rows.max()) + 1
    ends = np.searchsorted(ties.slot, graph.offsets[[low, high]])
    among = slice(int(ends[0]), int(ends[1]))
    entity = np.searchsorted(graph.offsets, ties.slot[among], side="right") - 1
    place = np.full(high - low, -1, dtype=np.int64)
    place[rows - low] = np.arange(len(rows))
    row = place[entity - low]
    here = row >= 0
    at = row[here], family_in[ties.slot[among][here]]
    np.maximum.at(share, at, ties.share[among][here])
    np.maximum.at(n_bad, at, ties.n_bad[among][here].astype(np.float64))
    return share, n_bad


@compiled
def _spans_of(
    link: Numbers, first_seen_at: Ints, last_seen_at: Ints, rule: Shorts, grace_us: Ints
) -> tuple[Ints, Ints]:
    """Give the first and last times of some links."""
    begun, ended = np.empty(len(link), np.int64), np.empty(len(link), np.int64)
    for i in range(len(link)):
        k = link[i]
        begun[i], ended[i] = _span(k, first_seen_at, last_seen_at, grace_us[rule[k]])
    return begun, ended


@compiled
def _count(
    things: Numbers,
    starts: Ints,
    all_begun: Ints,
    all_ended: Ints,
    offsets: Ints,
    neighbor: Numbers,
    link: Numbers,
    tie_share: NDArray[np.float32],
    is_bad: Flags,
    first_seen_at: Ints,
    last_seen_at: Ints,
    rule: Shorts,
    grace_us: Ints,
    n_bad: Ints,
) -> None:
    """Count the bad users whose spans overlap with each user's, its own not among them.

    Those that began in time, less those that had ended by then.
    """
    for place in range(len(things)):
        v = things[place]
        begun = all_begun[starts[place] : starts[place + 1]]
        ended = all_ended[starts[place] : starts[place + 1]]
        for j in range(offsets[v], offsets[v + 1]):
            if tie_share[j] == 0.0:
                continue
            grace = grace_us[rule[link[j]]]
            first_us, last_us = _span(link[j], first_seen_at, last_seen_at, grace)
            since_us, until_us = first_us - max(grace, 0), last_us + max(grace, 0)
            n_begun = np.searchsorted(begun, until_us, side="right")
            n_ended = np.searchsorted(ended, since_us, side="left")
            n_bad[j] = n_begun - n_ended
            if not is_bad[neighbor[j]]:
                continue
            # A pair's links lie next to each other; what is bad about oneself is no tie.
            first, last = j, j + 1
            while first > offsets[v] and neighbor[first - 1] == neighbor[j]:
                first -= 1
            while last < offsets[v + 1] and neighbor[last] == neighbor[j]:
                last += 1
            for i in range(first, last):
                o = link[i]
                begun_us, ended_us = _span(o, first_seen_at, last_seen_at, grace_us[rule[o]])
                if tie_share[i] > 0.0 and begun_us <= until_us and ended_us >= since_us:
                    n_bad[j] -= 1


@compiled
def _span(
    k: int, first_seen_at: Ints, last_seen_at: Ints, grace_us: int
) -> tuple[np.int64, np.int64]:
    """Give the first and last time of a link.

    One without a date lasts for ever, and so does one whose relation asks for no overlap.
    """
    if grace_us < 0 or first_seen_at[k] == NO_TIME or last_seen_at[k] == NO_TIME:
        return np.int64(-_FAR_US), np.int64(_FAR_US)
    return first_seen_at[k], last_seen_at[k]
