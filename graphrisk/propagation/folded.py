"""Links folded onto accounts: things are eliminated exactly, private ones leave no link behind.

Ranking solves ``(I - d W D^-1) x = (1 - d) s`` over accounts and things, with W the links and D
the number of links of each. No link joins two things, so their part of the solution can be
written down from the accounts' part (a Schur complement). What is left, scaled by
``s_a = 1 / sqrt(n_a m_a)`` on both sides, is symmetric, positive definite, with ones on the
diagonal but for what goes over shared things and back:

    (C p)_a = p_a - d s_a (sum over accounts b of s_b p_b + d sum over things t of z_t)
    z_t     = (sum over accounts a of s_a p_a) / n_t
    m_a     = 1 - d^2 (private things of a) / n_a

A thing of one account, which most are, is a number in ``m_a`` and costs nothing in a pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Floats, Ints, Numbers, compiled
from graphrisk.graph.order import in_order


@dataclass(frozen=True, slots=True)
class Folded:
    """Accounts and shared things, each ordered by how many links they have.

    Attributes
    ----------
    account
        For each account of the folded graph its number before, shape (n_accounts,), int32.
    n_links
        Links of each account, private things included, shape (n_accounts,), float64.
    n_private
        Private things of each account, same shape.
    thing
        For each shared thing its number before, shape (n_things,), int32.
    users_from, user
        Rows of each shared thing's accounts: where they begin, int64, and the accounts, int32.
    things_from, used
        Rows of each account's shared things.
    peers_from, peer
        Rows of each account's links to accounts.
    """

    account: NDArray[np.int32]
    n_links: NDArray[np.float64]
    n_private: NDArray[np.float64]
    thing: NDArray[np.int32]
    users_from: NDArray[np.int64]
    user: NDArray[np.int32]
    things_from: NDArray[np.int64]
    used: NDArray[np.int32]
    peers_from: NDArray[np.int64]
    peer: NDArray[np.int32]


def fold(
    source: NDArray[np.int32], target: NDArray[np.int32], n_accounts: int, n_numbers: int
) -> Folded:
    """Fold links onto accounts.

    Parameters
    ----------
    source, target
        Ends of the links, shape (n_links,): sources below ``n_accounts``, targets anything.
    n_accounts
        Numbers below are accounts.
    n_numbers
        Numbers below are accounts or things.
    """
    degree = _degrees(source, target, n_numbers)
    is_peer = target < n_accounts
    n_peers, n_private, n_shared = _counts(source, target, degree, n_accounts)
    # Rows of equal length next to each other: loops of the same length are foreseen.
    few = np.minimum(n_shared, 255) + 256 * np.minimum(n_peers, 255)
    account = in_order(few, 1 << 16, np.arange(n_accounts, dtype=np.int32))
    things = np.flatnonzero(degree[n_accounts:] > 1).astype(np.int32)
    thing = in_order(np.minimum(degree[n_accounts:], 1 << 16), (1 << 16) + 1, things)
    place = np.full(n_numbers, -1, dtype=np.int32)
    place[account] = np.arange(n_accounts, dtype=np.int32)
    place[n_accounts + thing] = np.arange(len(thing), dtype=np.int32)
    things_from, used, users_from, user = _rows(
        source, target, place, is_peer, degree, n_accounts, len(thing)
    )
    peers_from, peer = _peers(source, target, place, is_peer, n_accounts)
    return Folded(
        account=account,
        n_links=degree[account].astype(np.float64),
        n_private=n_private[account].astype(np.float64),
        thing=n_accounts + thing,
        users_from=users_from,
        user=user,
        things_from=things_from,
        used=used,
        peers_from=peers_from,
        peer=peer,
    )


@compiled
def _degrees(source: Numbers, target: Numbers, n_numbers: int) -> Numbers:
    degree = np.zeros(n_numbers, np.int32)
    for k in range(len(source)):
        degree[source[k]] += 1
        degree[target[k]] += 1
    return degree


@compiled
def _counts(
    source: Numbers, target: Numbers, degree: Numbers, n_accounts: int
) -> tuple[Numbers, Numbers, Numbers]:
    """Count each account's links to accounts, to private things and to shared ones."""
    n_peers = np.zeros(n_accounts, np.int32)
    n_private = np.zeros(n_accounts, np.int32)
    n_shared = np.zeros(n_accounts, np.int32)
    for k in range(len(source)):
        if target[k] < n_accounts:
            n_peers[source[k]] += 1
            n_peers[target[k]] += 1
        elif degree[target[k]] == 1:
            n_private[source[k]] += 1
        else:
            n_shared[source[k]] += 1
    return n_peers, n_private, n_shared


@compiled
def _begins(counts: Ints) -> Ints:
    """Turn counts, of which the first is left out, into the places where rows begin."""
    for i in range(1, len(counts)):
        counts[i] += counts[i - 1]
    return counts


@compiled
def _rows(
    source: Numbers,
    target: Numbers,
    place: Numbers,
    is_peer: Flags,
    degree: Numbers,
    n_accounts: int,
    n_things: int,
) -> tuple[Ints, Numbers, Ints, Numbers]:
    """Lay out each account's shared things, and each shared thing's accounts."""
    things_from = np.zeros(n_accounts + 1, np.int64)
    users_from = np.zeros(n_things + 1, np.int64)
    for k in range(len(source)):
        if not is_peer[k] and degree[target[k]] > 1:
            things_from[place[source[k]] + 1] += 1
            users_from[place[target[k]] + 1] += 1
    _begins(things_from)
    _begins(users_from)
    # Users first, link by link; then things of each account in rising order, thing by thing.
    user = np.empty(users_from[-1], np.int32)
    at = users_from[:-1].copy()
    for k in range(len(source)):
        if not is_peer[k] and degree[target[k]] > 1:
            thing = place[target[k]]
            user[at[thing]] = place[source[k]]
            at[thing] += 1
    used = np.empty(things_from[-1], np.int32)
    at = things_from[:-1].copy()
    for thing in range(n_things - 1, -1, -1):  # most used first: their sums are in the cache
        for j in range(users_from[thing], users_from[thing + 1]):
            account = user[j]
            used[at[account]] = thing
            at[account] += 1
    return things_from, used, users_from, user


@compiled
def _peers(
    source: Numbers, target: Numbers, place: Numbers, is_peer: Flags, n_accounts: int
) -> tuple[Ints, Numbers]:
    """Lay out each account's links to accounts, both ways."""
    peers_from = np.zeros(n_accounts + 1, np.int64)
    for k in range(len(source)):
        if is_peer[k]:
            peers_from[place[source[k]] + 1] += 1
            peers_from[place[target[k]] + 1] += 1
    _begins(peers_from)
    peer = np.empty(peers_from[-1], np.int32)
    at = peers_from[:-1].copy()
    for k in range(len(source)):
        if is_peer[k]:
            one, other = place[source[k]], place[target[k]]
            peer[at[one]] = other
            at[one] += 1
            peer[at[other]] = one
            at[other] += 1
    return peers_from, peer


@compiled
def over_things(
    first: int, last: int, users_from: Ints, user: Numbers, sent: Floats, arrived: Floats
) -> int:
    """Average over each thing's accounts: ``z`` of the module's formula, from ``s p``."""
    for t in range(first, last):
        total = 0.0
        for j in range(users_from[t], users_from[t + 1]):
            total += sent[user[j]]
        arrived[t] = total / (users_from[t + 1] - users_from[t])
    return 0


@compiled
def onto_accounts(
    first: int,
    last: int,
    things_from: Ints,
    used: Numbers,
    peers_from: Ints,
    peer: Numbers,
    sent: Floats,
    arrived: Floats,
    scale: Floats,
    damping: float,
    given: Floats,
    result: Floats,
) -> int:
    """Write ``C p`` of the module's formula for a range of accounts."""
    for a in range(first, last):
        over_peers = 0.0
        for j in range(peers_from[a], peers_from[a + 1]):
            over_peers += sent[peer[j]]
        over = 0.0
        for j in range(things_from[a], things_from[a + 1]):
            over += arrived[used[j]]
        result[a] = given[a] - damping * scale[a] * (over_peers + damping * over)
    return 0
