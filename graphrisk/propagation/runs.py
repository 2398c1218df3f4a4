"""Accounts in runs of equal rows: inner loops of one length, and no pointer for each row.

A run is a row of a table: its first account; how many peers, mates, hubs and other shared things
each of its accounts has; and where these begin, those of one account after those of another.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers, compiled
from graphrisk.graph.order import in_order

#: Accounts whose sums are taken by one thread, and then added up block by block.
BLOCK = 1 << 14

#: Columns of the table.
FIRST, N_PEERS, N_MATES, N_HUBS, N_SHARED = range(5)
PEER_AT, MATE_AT, HUB_AT, SHARED_AT = range(5, 9)


def in_runs(
    lengths: NDArray[np.int32],
) -> tuple[
    NDArray[np.int32], NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]
]:
    """Put accounts with rows of equal lengths next to each other.

    Parameters
    ----------
    lengths
        Peers, mates, hubs and other shared things of each account, shape (n_accounts, 4).

    Returns
    -------
    account, place, runs, run_from, work_from
        The accounts in their order and the place of each in it; and as ``Folded`` describes.
    """
    n_accounts = len(lengths)
    key = np.empty(n_accounts, dtype=np.int32)
    _write_keys(lengths, key)
    account = in_order(key, 1 << 16, np.arange(n_accounts, dtype=np.int32))
    place = np.empty(n_accounts, dtype=np.uint32)
    place[account] = np.arange(n_accounts, dtype=np.uint32)
    n_blocks = -(-n_accounts // BLOCK)
    run_from = np.zeros(n_blocks + 1, dtype=np.int64)
    work_from = np.zeros(n_blocks + 1, dtype=np.int64)
    n_runs = _list_runs(account, lengths, np.zeros((0, 9), dtype=np.int64), run_from, work_from)
    runs = np.zeros((n_runs + 1, SHARED_AT + 1), dtype=np.int64)
    _list_runs(account, lengths, runs, run_from, work_from)
    return account, place, runs, run_from, work_from


@compiled
def _write_keys(lengths: Numbers, key: Numbers) -> None:
    """Give accounts with the same lengths the same key; very long rows share keys."""
    for a in range(len(lengths)):
        peers, mates = min(lengths[a, 0], 15), min(lengths[a, 1], 7)
        hubs, shared = min(lengths[a, 2], 31), min(lengths[a, 3], 15)
        key[a] = ((peers * 8 + mates) * 32 + hubs) * 16 + shared


@compiled
def _list_runs(
    account: Numbers, lengths: Numbers, runs: Ints, run_from: Ints, work_from: Ints
) -> int:
    """Find runs, none of which crosses a block, and count them; list them if there is room."""
    lists = len(runs) > 0
    peer_at = mate_at = hub_at = shared_at = 0
    peers = mates = hubs = shared = -1
    n_runs = 0
    for i in range(len(account)):
        own = lengths[account[i]]
        begins_block = i % BLOCK == 0
        if begins_block:
            run_from[i // BLOCK] = n_runs
            work_from[i // BLOCK] = i + peer_at + mate_at + hub_at + shared_at
        if begins_block or own[0] != peers or own[1] != mates or own[2] != hubs or own[3] != shared:
            peers, mates, hubs, shared = own[0], own[1], own[2], own[3]
            if lists:
                row = runs[n_runs]
                row[0], row[1], row[2], row[3], row[4] = i, peers, mates, hubs, shared
                row[5], row[6], row[7], row[8] = peer_at, mate_at, hub_at, shared_at
            n_runs += 1
        peer_at, mate_at = peer_at + peers, mate_at + mates
        hub_at, shared_at = hub_at + hubs, shared_at + shared
    if lists:
        row = runs[n_runs]
        row[0] = len(account)
        row[5], row[6], row[7], row[8] = peer_at, mate_at, hub_at, shared_at
    run_from[-1] = n_runs
    work_from[-1] = len(account) + peer_at + mate_at + hub_at + shared_at
    return n_runs
