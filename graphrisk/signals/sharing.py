"""Signals from identifiers that other accounts use too, at the same time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Codes, Ints, compiled
from graphrisk.graph.uses import Uses
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import SignalRule
from graphrisk.model.times import DAY_US
from graphrisk.signals.measure import Book, Measure
from graphrisk.signals.moments import n_before, sort_moments


def others_sharing(kind: EntityKind) -> Measure:
    """Make the measure that counts other accounts on an account's identifiers of one kind."""

    def measure(book: Book, rule: SignalRule) -> NDArray[np.float64]:
        uses = book.uses_of(kind)
        n_others = others_of_uses(uses, book.protected, rule.grace_days)
        return book.sum_by_account(uses.account, n_others)

    return measure


def others_of_uses(uses: Uses, protected: NDArray[np.int8], grace_days: int) -> Ints:
    """Count for each use the other accounts meanwhile; none on protected hubs, (n_uses,).

    They are all that had begun by its end, without those that had ended before it. Up to
    ``grace_days`` between two uses are no gap. So whoever took over a recycled number, or a
    second-hand device, shares nothing with the one before.
    """
    return _others_meanwhile(
        uses.identifier, uses.begun_us, uses.ended_us, protected, grace_days * DAY_US
    )


@compiled
def _others_meanwhile(
    identifier: Ints, begun_us: Ints, ended_us: Ints, protected: Codes, grace_us: int
) -> Ints:
    n_others = np.zeros(len(identifier), np.int64)
    first = 0
    for last in range(1, len(identifier) + 1):
        if last < len(identifier) and identifier[last] == identifier[first]:
            continue
        if last - first > 1 and protected[identifier[first]] < 0:
            n_users = last - first
            begun, ended = begun_us[first:last].copy(), ended_us[first:last].copy()
            sort_moments(begun, 0, n_users)
            sort_moments(ended, 0, n_users)
            for i in range(first, last):
                everyone = n_before(begun, 0, n_users, ended_us[i] + grace_us + 1)
                earlier = n_before(ended, 0, n_users, begun_us[i] - grace_us)
                n_others[i] = everyone - earlier - 1
        first = last
    return n_others
