"""Links folded onto accounts: things are eliminated exactly, private ones leave no link behind.

Ranking solves ``(I - d W D^-1) x = (1 - d) s`` over accounts and things, with W the links and D
the number of links of each. With y the mass of each for one link, ``x = D y``. No link joins two
things, so their part of y is the average over their accounts, times d, and can be left out (a
Schur complement). What is left is symmetric and positive definite:

    (A y)_a = m_a y_a - d (sum over accounts b linked to a of y_b)
                      - d^2 (sum over things t of a of the average of y over the accounts of t)

A thing of one account averages over that account alone: it is a number in ``m_a`` and costs
nothing in a pass. A thing of two is half a number, and half a link between the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.errors import InputRefused
from graphrisk.graph.order import in_order
from graphrisk.propagation.folding import (
    begin_rows,
    begin_users,
    count_rows,
    count_users,
    lay_out,
    measure,
)
from graphrisk.propagation.runs import PEER_AT, in_runs
from graphrisk.threads import over_ranges

#: Accounts whose sums are taken by one thread, and then added up block by block.
BLOCK = 1 << 14

#: Things of more links than this may be hubs, the most used first, and no more hubs than that.
HUB_LINKS = 1024
MOST_HUBS = 1024
#: Links are counted and laid out in so many parts at most, for each of which memory is needed.
MOST_PARTS = 4
MAX_LINKS = 2**30 - 1


@dataclass(frozen=True, slots=True)
class Folded:
    """Accounts in the order of the lengths of their rows, so that like stands by like.

    Attributes
    ----------
    account
        For each account of the folded graph its number before, shape (n_accounts,), int32.
    n_links
        Links of each account, private things included, shape (n_accounts,), float64.
    n_back
        What of them leads back to the account itself: its private things, and half of the
        things it has with one other, same shape.
    runs
        Accounts one after another whose rows have the same lengths, and where these rows are,
        shape (n_runs + 1, 9), int64; see ``runs.py``. No run crosses a block.
    run_from
        The first run of each block of accounts, shape (n_blocks + 1,), int64.
    work_from
        Steps of a pass before each block, shape (n_blocks + 1,), int64.
    peer, mate
        Accounts that an account is linked to, and those it has a thing with that nobody else
        has, uint32.
    hub, shared
        An account's hubs, the few things used most, uint16; and its other things of three
        accounts or more, uint32.
    n_users
        Links of each hub, shape (n_hubs,), float64.
    users_from, user
        Rows of each shared thing's accounts: where they begin, int64, and the accounts, uint32.
    """

    account: NDArray[np.int32]
    n_links: NDArray[np.float64]
    n_back: NDArray[np.float64]
    runs: NDArray[np.int64]
    run_from: NDArray[np.int64]
    work_from: NDArray[np.int64]
    peer: NDArray[np.uint32]
    mate: NDArray[np.uint32]
    hub: NDArray[np.uint16]
    shared: NDArray[np.uint32]
    n_users: NDArray[np.float64]
    users_from: NDArray[np.int64]
    user: NDArray[np.uint32]

    @property
    def n_hubs(self) -> int:
        """How many hubs there are."""
        return len(self.n_users)


def fold(
    source: NDArray[np.int32],
    target: NDArray[np.int32],
    n_accounts: int,
    n_numbers: int,
    *,
    n_threads: int = 1,
    hub_links: int = HUB_LINKS,
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
    n_threads
        Threads; the result does not depend on it.
    hub_links
        Things with more links than this may be hubs.

    Raises
    ------
    InputRefused
        If there are more links than 32-bit numbers can name.
    """
    if len(source) > MAX_LINKS:
        raise InputRefused(
            f"{len(source):,} links",
            expected=f"at most {MAX_LINKS:,} links on one machine",
            hint="rank a shorter period",
        )
    n_parts = min(n_threads, MOST_PARTS)
    ends = (n_parts, source, target, n_accounts)
    users_at = np.zeros((n_parts, n_numbers - n_accounts), dtype=np.int32)
    over_ranges(count_users, n_parts, n_parts, *ends, users_at)
    n_users = users_at.sum(axis=0, dtype=np.int32)
    code, hubs, n_shared = _codes(n_users, hub_links)
    users_from = begin_users(users_at, code, len(hubs), int(code.max(initial=-1)) + 1)
    user = np.empty(int(users_from[-1]), dtype=np.uint32)
    sorts = (len(hubs), len(hubs) + n_shared)
    peers_at = np.zeros((n_parts, n_accounts), dtype=np.int32)
    things_at = np.zeros((n_parts, 4 * n_accounts), dtype=np.int32)
    over_ranges(
        count_rows, n_parts, n_parts, *ends, sorts, code, users_at, user, peers_at, things_at
    )
    del users_at
    lengths = np.empty((n_accounts, 4), dtype=np.int32)
    n_links, n_back = np.empty(n_accounts), np.empty(n_accounts)
    over_ranges(measure, n_accounts, n_threads, peers_at, things_at, lengths, n_links, n_back)
    account, place, runs, run_from, work_from = in_runs(lengths)
    over_ranges(
        begin_rows, len(run_from) - 1, n_threads, run_from, runs, account, peers_at, things_at
    )
    n_rows = runs[-1, PEER_AT:].tolist()
    peer, mate, shared = (np.empty(n_rows[i], dtype=np.uint32) for i in (0, 1, 3))
    hub = np.empty(n_rows[2], dtype=np.uint16)
    over_ranges(
        lay_out, n_parts, n_parts, *ends, sorts, code, users_from, user, place, peers_at,
        things_at, peer, mate, hub, shared,
    )  # fmt: skip
    users_from = users_from[: n_shared + 1].copy()
    return Folded(
        account=account,
        n_links=n_links[account],
        n_back=n_back[account],
        runs=runs,
        run_from=run_from,
        work_from=work_from,
        peer=peer,
        mate=mate,
        hub=hub,
        shared=shared,
        n_users=n_users[hubs].astype(np.float64),
        users_from=users_from,
        user=place[user[: users_from[-1]]],
    )


def _codes(
    n_users: NDArray[np.int32], hub_links: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:
    """Number the things that are not private: hubs, then shared ones, then those of two.

    Returns
    -------
    code, hubs, n_shared
        The number of each thing, -1 if it is private; the hubs; and how many others have three
        accounts or more.
    """
    hubs = np.flatnonzero(n_users > hub_links).astype(np.int32)
    hubs = hubs[np.argsort(-n_users[hubs], kind="stable")[:MOST_HUBS]]
    code = np.full(len(n_users), -1, dtype=np.int32)
    code[hubs] = 0
    shared = np.flatnonzero((n_users > 2) & (code < 0)).astype(np.int32)
    shared = in_order(np.minimum(n_users, 1 << 16), (1 << 16) + 1, shared)
    pairs = np.flatnonzero(n_users == 2)
    numbered = np.concatenate([hubs, shared, pairs])
    code[numbered] = np.arange(len(numbered), dtype=np.int32)
    return code, hubs, len(shared)
