"""Signals from identifiers that other accounts use too, at the same time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints
from graphrisk.graph.uses import FAR_US, Uses
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import SignalRule
from graphrisk.model.times import DAY_US
from graphrisk.signals.measure import Book, Measure
from graphrisk.signals.moments import n_between


def others_sharing(kind: EntityKind) -> Measure:
    """Make the measure that counts other accounts on an account's identifiers of one kind."""

    def measure(book: Book, rule: SignalRule) -> NDArray[np.float64]:
        uses = book.uses_of(kind)
        n_others = others_of_uses(uses, book.protected, rule.grace_days)
        return book.sum_by_account(uses.account, n_others)

    return measure


def others_of_uses(uses: Uses, protected: NDArray[np.int8], grace_days: int) -> Ints:
    """Count for each use the other accounts meanwhile; none on protected hubs, (n_uses,)."""
    n_others = np.zeros(len(uses.account), dtype=np.int64)
    shared = _is_shared(uses) & (protected[uses.identifier] < 0)
    n_others[shared] = _others_meanwhile(
        uses.identifier[shared], uses.begun_us[shared], uses.ended_us[shared], grace_days
    )
    return n_others


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
