"""Which links to an identifier overlap in time: a resold phone is not a shared one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Ints, Numbers, compiled
from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.times import DAY_US, NO_TIME


def grace_us_of(grace_days: NDArray[np.float64]) -> Ints:
    """Turn days between two uses into microseconds, ``-1`` where time does not matter."""
    return np.where(grace_days >= 0, np.maximum(grace_days, 0) * DAY_US, -1).astype(np.int64)


def alone_in_time(graph: LinkGraph, grace_days: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the links to identifiers that nobody else used at the same time.

    Two accounts use an identifier at the same time if their spans, from first to last seen,
    come within ``grace_days`` of each other. A link without a date is never alone.

    Parameters
    ----------
    graph
        The graph.
    grace_days
        For each link how far apart spans may lie and still count as one use, negative where
        time does not matter, shape (n_links,).

    Returns
    -------
    numpy.ndarray
        Shape (n_links,), bool. A link is alone only if the identifier has another user.
    """
    grace_us = grace_us_of(grace_days)
    alone = np.zeros(graph.n_links, dtype=bool)
    rows = np.flatnonzero(is_identifier(graph) & (np.diff(graph.offsets) > 1)).astype(np.int32)
    links = graph.links
    _mark(rows, graph.offsets, graph.link, links.first_seen_at, links.last_seen_at, grace_us, alone)
    return alone


def marks_of_rows(
    graph: LinkGraph, grace_days: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Say what the rows of some identifiers say of their links, where not all rows are whole.

    Parameters
    ----------
    graph, grace_days
        As for :func:`alone_in_time`.
    chosen
        Entities whose rows are whole, shape (n_entities,).

    Returns
    -------
    numpy.ndarray
        For each link 1 if it is alone, 0 if it is not, -1 where no chosen row says; of two that
        say something, the one of the higher entity number counts. Shape (n_links,), int8.
    """
    grace_us = grace_us_of(grace_days)
    is_shared = is_identifier(graph) & (np.diff(graph.offsets) > 1)
    rows = np.flatnonzero(is_shared & chosen).astype(np.int32)
    links, marks = graph.links, []
    for before in (False, True):  # what is the same whatever stood there before was said
        mark = np.full(graph.n_links, before)
        _mark(rows, graph.offsets, graph.link, links.first_seen_at, links.last_seen_at, grace_us,
              mark)  # fmt: skip
        marks.append(mark)
    return np.where(marks[0] == marks[1], marks[0].astype(np.int8), np.int8(-1))


def came_first(
    graph: LinkGraph, lead_days: float, chosen: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Mark the links of accounts that had an identifier long before anybody else.

    Parameters
    ----------
    graph
        The graph.
    lead_days
        Days by which an account must have come before all others. Uses without a date count as
        later: who came unseen can't take away what is another's.
    chosen
        Entities whose rows are whole, shape (n_entities,); all by default.

    Returns
    -------
    numpy.ndarray
        Shape (n_links,), bool. Only an identifier with several users has one that came first.
    """
    first = np.zeros(graph.n_links, dtype=bool)
    is_shared = is_identifier(graph) & (np.diff(graph.offsets) > 1)
    rows = np.flatnonzero(is_shared if chosen is None else is_shared & chosen).astype(np.int32)
    starts = graph.links.first_seen_at
    lead_us = round(lead_days * DAY_US)
    _mark_first(rows, graph.offsets, graph.neighbor, graph.link, starts, lead_us, first)
    return first


@dataclass(frozen=True, slots=True)
class Clusters:
    """The spans of a thing whose users are listed in parts, those near each other put together.

    There are no more of them than gaps fit into the time that they cover, however many the users
    are. Whether a span is alone is found among them as in the whole row.

    Attributes
    ----------
    begun_us, ended_us
        Microseconds since 1970 at which each begins and ends, rising, shape (n_clusters,), int64.
    n_spans
        The spans in each, same shape, int64.
    """

    begun_us: Ints
    ended_us: Ints
    n_spans: Ints

    @classmethod
    def of(cls, begun_us: Ints, ended_us: Ints, gap_us: int) -> Clusters:
        """Put spans together that are at most ``gap_us`` from another one."""
        return cls(begun_us, ended_us, np.ones(len(begun_us), dtype=np.int64))._together(gap_us)

    @classmethod
    def merged(cls, parts: Sequence[Clusters], gap_us: int) -> Clusters:
        """Put the clusters of several parts together, made with the same gap."""
        every = [(part.begun_us, part.ended_us, part.n_spans) for part in parts]
        none = np.zeros(0, dtype=np.int64)
        columns = zip((none,) * 3, *every, strict=True)
        return cls(*(np.concatenate(column) for column in columns))._together(gap_us)

    def _together(self, gap_us: int) -> Clusters:
        if not len(self.begun_us):
            return self
        order = np.argsort(self.begun_us, kind="stable")
        begun_us, latest_us = self.begun_us[order], np.maximum.accumulate(self.ended_us[order])
        first = np.flatnonzero(np.append(True, begun_us[1:] > latest_us[:-1] + gap_us))
        last = np.append(first[1:], len(order)) - 1
        return Clusters(
            begun_us[first], latest_us[last], np.add.reduceat(self.n_spans[order], first)
        )

    def alone(self, begun_us: Ints, ended_us: Ints, grace_us: Ints) -> NDArray[np.bool_]:
        """Mark those of the spans that no other comes near.

        ``grace_us`` is what near is to each, at least the gap that the clusters were made with;
        all of shape (n,).
        """
        place = np.searchsorted(self.begun_us, begun_us, side="right") - 1
        before, after = np.maximum(place - 1, 0), np.minimum(place + 1, len(self.begun_us) - 1)
        with_earlier = (place > 0) & (self.ended_us[before] + grace_us >= begun_us)
        with_later = (after > place) & (ended_us + grace_us >= self.begun_us[after])
        return np.asarray((self.n_spans[place] == 1) & ~with_earlier & ~with_later)


@compiled
def _mark_first(
    rows: Numbers,
    offsets: Ints,
    neighbor: Numbers,
    link: Numbers,
    first_seen_at: Ints,
    lead_us: int,
    first: Flags,
) -> None:
    """Find each identifier's earliest user, and when the next one came."""
    for v in rows:
        earliest, at, other = np.int64(NO_TIME), -1, False
        for j in range(offsets[v], offsets[v + 1]):
            start = first_seen_at[link[j]]
            if start != NO_TIME and (earliest == NO_TIME or start < earliest):
                earliest, at = start, j
        if at < 0:
            continue
        leads = True
        for j in range(offsets[v], offsets[v + 1]):
            if neighbor[j] != neighbor[at]:
                other = True
                start = first_seen_at[link[j]]
                leads = leads and (start == NO_TIME or start - lead_us > earliest)
        if leads and other:
            for j in range(offsets[v], offsets[v + 1]):
                if neighbor[j] == neighbor[at]:
                    first[link[j]] = True


@compiled
def _mark(
    rows: Numbers,
    offsets: Ints,
    link: Numbers,
    first_seen_at: Ints,
    last_seen_at: Ints,
    grace_us: Ints,
    alone: Flags,
) -> None:
    """Sweep each identifier's spans by their start, keeping the latest end met so far."""
    room = 0
    for v in rows:
        room = max(room, offsets[v + 1] - offsets[v])
    by_start = np.empty(room, np.int32)
    for v in rows:
        spans = link[offsets[v] : offsets[v + 1]]
        if not _are_timed(spans, first_seen_at, grace_us):
            continue
        order = by_start[: len(spans)]
        if len(spans) > _FEW_SPANS:
            order[:] = spans[np.argsort(first_seen_at[spans], kind="mergesort")]
        else:
            _insert(spans, first_seen_at, order)
        latest_end = np.int64(NO_TIME)
        for i in range(len(order)):
            k = order[i]
            grace = grace_us[k]
            with_earlier = latest_end != NO_TIME and latest_end + grace >= first_seen_at[k]
            with_later = (
                i + 1 < len(order) and last_seen_at[k] + grace >= first_seen_at[order[i + 1]]
            )
            alone[k] = not (with_earlier or with_later)
            latest_end = max(latest_end, last_seen_at[k])


#: So few spans are sorted by insertion, which asks for no memory: most things have two users.
_FEW_SPANS = 16


@compiled
def _are_timed(spans: Numbers, first_seen_at: Ints, grace_us: Ints) -> bool:
    timed = True
    for k in spans:
        timed = timed and first_seen_at[k] != NO_TIME and grace_us[k] >= 0
    return timed


@compiled
def _insert(spans: Numbers, first_seen_at: Ints, order: Numbers) -> None:
    """Sort links by their start; equal ones stay in their order."""
    for i in range(len(spans)):
        at = i
        while at > 0 and first_seen_at[order[at - 1]] > first_seen_at[spans[i]]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = spans[i]
