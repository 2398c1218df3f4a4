"""Signals from identifiers that other accounts use too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import n_linked_accounts
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import SignalRule
from graphrisk.signals.measure import Book, Measure


def others_sharing(kind: EntityKind) -> Measure:
    """Make the measure that counts other accounts on an account's identifiers of one kind."""

    def measure(book: Book, rule: SignalRule) -> NDArray[np.float64]:
        return _others(book, kind)

    return measure


def _others(book: Book, kind: EntityKind) -> NDArray[np.float64]:
    """Sum, over an account's identifiers of ``kind``, the other accounts on each.

    Protected hubs do not count. An account without such an identifier is unknown.
    """
    graph = book.graph
    accounts, members = graph.accounts, graph.of_kind(kind)
    if not len(members):
        return np.full(len(accounts), np.nan)
    start, end = graph.offsets[accounts[0]], graph.offsets[accounts[-1] + 1]
    neighbor = graph.neighbor[start:end]
    row = graph.row_of_slot()[start:end] - accounts[0]
    of_kind = (neighbor >= members[0]) & (neighbor <= members[-1])
    others = np.where(book.protected[neighbor] < 0, n_linked_accounts(graph)[neighbor] - 1, 0)
    n_held = np.bincount(row[of_kind], minlength=len(accounts))
    n_others = np.bincount(row[of_kind], weights=others[of_kind], minlength=len(accounts))
    return np.where(n_held > 0, n_others, np.nan)
