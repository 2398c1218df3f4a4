"""Counting and laying out the rows of folded accounts, links taken in parts."""

from __future__ import annotations

import numpy as np

from graphrisk.compiled import Floats, Ints, Numbers, Places, SmallPlaces, compiled, read_ahead
from graphrisk.propagation.runs import FIRST, PEER_AT


@compiled
def count_users(
    first: int,
    last: int,
    n_parts: int,
    source: Numbers,
    target: Numbers,
    n_accounts: int,
    users_at: Numbers,
) -> int:
    """Count the links of each thing, for each part of the links by itself."""
    for part in range(first, last):
        counts = users_at[part]
        for k in range(len(source) * part // n_parts, len(source) * (part + 1) // n_parts):
            if target[k] >= n_accounts:
                counts[target[k] - n_accounts] += 1
    return 0


@compiled
def begin_users(users_at: Numbers, code: Numbers, n_hubs: int, n_coded: int) -> Ints:
    """Turn counts into the places where each part begins to write; return where rows begin."""
    users_from = np.zeros(n_coded - n_hubs + 1, np.int64)
    for t in range(len(code)):
        if code[t] >= n_hubs:
            users_from[code[t] - n_hubs + 1] = users_at[:, t].sum()
    for i in range(1, len(users_from)):
        users_from[i] += users_from[i - 1]
    for t in range(len(code)):
        if code[t] >= n_hubs:
            begin = users_from[code[t] - n_hubs]
            for part in range(len(users_at)):
                count = users_at[part, t]
                users_at[part, t] = begin
                begin += count
    return users_from


#: Links that are asked for ahead of use: as many as can be under way at once.
_AHEAD = 24


@compiled
def count_rows(
    first: int,
    last: int,
    n_parts: int,
    source: Numbers,
    target: Numbers,
    n_accounts: int,
    sorts: tuple[int, int],
    code: Numbers,
    users_at: Numbers,
    user: Places,
    peers_at: Numbers,
    things_at: Numbers,
) -> int:
    """Count each account's links by sort, and list the accounts of things that are no hubs."""
    for part in range(first, last):
        users, peers, things = users_at[part], peers_at[part], things_at[part]
        end = len(source) * (part + 1) // n_parts
        for k in range(len(source) * part // n_parts, end):
            ahead = min(k + _AHEAD, end - 1)
            read_ahead(code, np.uint64(max(target[ahead] - n_accounts, 0)))
            read_ahead(things, np.uint64(4 * source[ahead]))
            a, t = source[k], target[k]
            if t < n_accounts:
                peers[a] += 1
                peers[t] += 1
                continue
            number = code[t - n_accounts]
            sort = (number >= 0) + (number >= sorts[0]) + (number >= sorts[1])
            things[4 * a + sort] += 1
            if sort > 1:
                user[users[t - n_accounts]] = a
                users[t - n_accounts] += 1
    return 0


@compiled
def measure(
    first: int,
    last: int,
    peers_at: Numbers,
    things_at: Numbers,
    lengths: Numbers,
    n_links: Floats,
    n_back: Floats,
) -> int:
    """Add the parts up: peers, mates, hubs and other shared things of each account."""
    for a in range(first, last):
        private = peers = mates = hubs = shared = 0
        for part in range(len(peers_at)):
            peers += peers_at[part, a]
            private += things_at[part, 4 * a]
            hubs += things_at[part, 4 * a + 1]
            shared += things_at[part, 4 * a + 2]
            mates += things_at[part, 4 * a + 3]
        lengths[a, 0], lengths[a, 1], lengths[a, 2], lengths[a, 3] = peers, mates, hubs, shared
        n_links[a] = private + peers + mates + hubs + shared
        n_back[a] = private + 0.5 * mates
    return 0


@compiled
def begin_rows(
    first: int,
    last: int,
    run_from: Ints,
    runs: Ints,
    account: Numbers,
    peers_at: Numbers,
    things_at: Numbers,
) -> int:
    """Turn counts into the places where each part begins to write."""
    for r in range(run_from[first], run_from[last]):
        peer, mate, hub, shared = runs[r, PEER_AT:]
        for i in range(runs[r, FIRST], runs[r + 1, FIRST]):
            a = account[i]
            for part in range(len(peers_at)):
                n_peers = peers_at[part, a]
                peers_at[part, a] = peer
                peer += n_peers
                at = things_at[part, 4 * a : 4 * a + 4]
                n_hubs, n_shared, n_mates = at[1], at[2], at[3]
                at[1], at[2], at[3] = hub, shared, mate
                hub, shared, mate = hub + n_hubs, shared + n_shared, mate + n_mates
    return 0


@compiled
def lay_out(
    first: int,
    last: int,
    n_parts: int,
    source: Numbers,
    target: Numbers,
    n_accounts: int,
    sorts: tuple[int, int],
    code: Numbers,
    users_from: Ints,
    user: Places,
    place: Places,
    peers_at: Numbers,
    things_at: Numbers,
    peer: Places,
    mate: Places,
    hub: SmallPlaces,
    shared: Places,
) -> int:
    """Write the rows of all accounts."""
    for part in range(first, last):
        peers, things = peers_at[part], things_at[part]
        end = len(source) * (part + 1) // n_parts
        for k in range(len(source) * part // n_parts, end):
            ahead = min(k + _AHEAD, end - 1)
            read_ahead(code, np.uint64(max(target[ahead] - n_accounts, 0)))
            read_ahead(things, np.uint64(4 * source[ahead]))
            a, t = source[k], target[k]
            if t < n_accounts:
                peer[peers[a]], peer[peers[t]] = place[t], place[a]
                peers[a] += 1
                peers[t] += 1
                continue
            number = code[t - n_accounts]
            if number < 0:
                continue
            sort = 1 + (number >= sorts[0]) + (number >= sorts[1])
            at = things[4 * a + sort]
            things[4 * a + sort] += 1
            if sort == 1:
                hub[at] = number
            elif sort == 2:
                shared[at] = number - sorts[0]
            else:
                begin = users_from[number - sorts[0]]
                other = user[begin + 1] if user[begin] == a else user[begin]
                mate[at] = place[other]
    return 0
