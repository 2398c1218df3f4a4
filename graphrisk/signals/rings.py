"""Signals from accounts that share more than one identifier with each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Ints, compiled
from graphrisk.graph.uses import Uses
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import SignalRule
from graphrisk.model.times import DAY_US
from graphrisk.signals.circles import rows_of, strong_components
from graphrisk.signals.measure import Book

#: Kinds that one person keeps to himself. Places and networks are shared by strangers.
STRONG_KINDS = (
    EntityKind.DEVICE,
    EntityKind.PHONE,
    EntityKind.ID_DOCUMENT,
    EntityKind.BANK_CARD,
    EntityKind.EMAIL,
)
FEWEST_IDENTIFIERS = 2
FEWEST_ACCOUNTS = 3


def ring_sizes(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count the accounts of the ring an account is in; 0 for none.

    Two accounts are tied when they use two identifiers at the same time, up to
    ``rule.grace_days`` apart; three accounts or more, tied to one another, are a ring. Protected
    hubs, and identifiers of more than ``rule.most_accounts`` accounts, tie nobody. Unknown for
    an account without an identifier that only one person should have.
    """
    n_accounts = len(book.graph.accounts)
    held, tied = np.zeros(n_accounts, dtype=np.int64), []
    for kind in STRONG_KINDS:
        uses = book.uses_of(kind)
        held += np.bincount(uses.account, minlength=n_accounts)
        tied.append(pairs_on_things(book, uses, rule))
    pair, n_shared = np.unique(np.concatenate(tied), return_counts=True)
    pair = pair[n_shared >= FEWEST_IDENTIFIERS]
    value = np.where(held > 0, 0.0, np.nan)
    member, size = rings_of(pair // n_accounts, pair % n_accounts)
    value[member] = size
    return value


def rings_of(one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Put pairs of accounts that are tied together, and say how large each one's ring is.

    Returns
    -------
    member, size
        The distinct numbers in the pairs, rising; the accounts of the ring, 0 for none.
    """
    ends = np.concatenate([one, other])
    member, place = np.unique(ends, return_inverse=True)
    there, back = place[: len(one)], place[len(one) :]
    component = strong_components(
        *rows_of(np.concatenate([there, back]), np.concatenate([back, there]), len(member))
    )
    size = np.bincount(component, minlength=len(member))[component]
    return member, np.where(size >= FEWEST_ACCOUNTS, size, 0)


def pairs_on_things(book: Book, uses: Uses, rule: SignalRule) -> Ints:
    """List the pairs of accounts on each identifier, as ``one * n_accounts + other``."""
    starts = np.ones(len(uses.identifier), dtype=bool)
    starts[1:] = np.diff(uses.identifier) != 0
    offsets = np.append(np.flatnonzero(starts), len(starts)).astype(np.int64)
    n_users = np.diff(offsets)
    is_private = book.protected[uses.identifier[offsets[:-1]]] < 0
    private = is_private & (n_users <= rule.most_accounts)
    n_accounts = len(book.graph.accounts)
    times = (uses.begun_us, uses.ended_us + rule.grace_days * DAY_US)
    n_most = int((n_users * (n_users - 1) // 2)[private].sum())
    return _list_pairs(offsets, private, uses.account, *times, n_accounts, n_most)


@compiled
def _list_pairs(
    offsets: Ints,
    chosen: Flags,
    account: Ints,
    begun: Ints,
    ended: Ints,
    n_accounts: int,
    n_most: int,
) -> Ints:
    pairs = np.empty(n_most, dtype=np.int64)
    n = 0
    for g in range(len(chosen)):
        if not chosen[g]:
            continue
        for i in range(offsets[g], offsets[g + 1]):
            for j in range(i + 1, offsets[g + 1]):
                if begun[i] <= ended[j] and begun[j] <= ended[i]:
                    pairs[n] = account[i] * n_accounts + account[j]
                    n += 1
    return pairs[:n]
