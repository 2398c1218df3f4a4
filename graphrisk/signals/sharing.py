"""Signals from identifiers that other accounts use too, at the same time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import SignalRule
from graphrisk.model.times import DAY_US, NO_TIME
from graphrisk.signals.measure import Book, Measure
from graphrisk.signals.moments import n_between

#: Further from 1970 than any time, in microseconds: a use whose start or end nobody recorded.
FAR_US = 2**62


@dataclass(frozen=True, slots=True)
class Uses:
    """Who used which identifiers of a kind, and when: one entry for each pair of the two.

    Attributes
    ----------
    identifier
        Entity numbers, rising, shape (n_uses,), int64.
    account
        Places among the accounts, rising within an identifier, same shape, int64.
    begun_us, ended_us
        Microseconds since 1970, ``-FAR_US`` and ``FAR_US`` where not known, same shape, int64.
    is_private
        Whether the identifier is no protected hub, same shape.
    """

    identifier: Ints
    account: Ints
    begun_us: Ints
    ended_us: Ints
    is_private: NDArray[np.bool_]


def uses_of(book: Book, kind: EntityKind) -> Uses:
    """Collect who uses the identifiers of a kind.

    A use seen at one moment only may have lasted: its end is not known.
    """
    graph, links = book.graph, book.graph.links
    members, first_account = graph.of_kind(kind), int(graph.accounts[0])
    if not len(members):
        none = np.zeros(0, dtype=np.int64)
        return Uses(none, none, none, none, np.zeros(0, dtype=bool))
    rows = graph.offsets[members[0] : members[-1] + 2]
    slots = slice(int(rows[0]), int(rows[-1]))
    identifier = np.repeat(members.astype(np.int64), np.diff(rows))
    account = graph.neighbor[slots].astype(np.int64) - first_account
    here = (account >= 0) & (account < len(graph.accounts))
    identifier, account, link = identifier[here], account[here], graph.link[slots][here]
    # Several links of one pair lie next to each other: they are one use.
    starts = np.ones(len(account), dtype=bool)
    starts[1:] = (np.diff(identifier) != 0) | (np.diff(account) != 0)
    first = np.flatnonzero(starts)
    begun, seen_last = links.first_seen_at[link], links.last_seen_at[link]
    ended = np.where((begun == NO_TIME) | (begun == seen_last), FAR_US, seen_last)
    begun = np.where(begun == NO_TIME, -FAR_US, begun)
    return Uses(
        identifier[first],
        account[first],
        np.minimum.reduceat(begun, first) if len(first) else begun,
        np.maximum.reduceat(ended, first) if len(first) else ended,
        book.protected[identifier[first]] < 0,
    )


def others_sharing(kind: EntityKind) -> Measure:
    """Make the measure that counts other accounts on an account's identifiers of one kind."""

    def measure(book: Book, rule: SignalRule) -> NDArray[np.float64]:
        uses = uses_of(book, kind)
        n_others = np.zeros(len(uses.account), dtype=np.int64)
        shared = _is_shared(uses) & uses.is_private
        n_others[shared] = _others_meanwhile(
            uses.identifier[shared], uses.begun_us[shared], uses.ended_us[shared], rule.grace_days
        )
        return book.sum_by_account(uses.account, n_others)

    return measure


def _is_shared(uses: Uses) -> NDArray[np.bool_]:
    """Mark the uses whose identifier has another."""
    shared = np.zeros(len(uses.identifier), dtype=bool)
    same_as_next = np.diff(uses.identifier) == 0
    shared[1:] = same_as_next
    shared[:-1] |= same_as_next
    return shared


def _others_meanwhile(identifier: Ints, begun_us: Ints, ended_us: Ints, grace_days: int) -> Ints:
    """Count, for each use, the other accounts on the identifier while it lasted.

    They are all that had begun by its end, without those that had ended before it. Up to
    ``grace_days`` between two uses are no gap. So whoever took over a recycled number, or a
    second-hand device, shares nothing with the one before.
    """
    grace_us = grace_days * DAY_US
    always = np.full_like(begun_us, -FAR_US)
    everyone = n_between(identifier, begun_us, identifier, always, ended_us + grace_us)
    earlier = n_between(identifier, ended_us, identifier, always, begun_us - grace_us - 1)
    return everyone - earlier - 1
