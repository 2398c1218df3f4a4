"""Loops over the accounts that share a thing: what else ties them, where they live, when they came.

Uses are numbered with those of one thing next to each other; ``held`` lists each account's.
"""

from __future__ import annotations

import numpy as np

from graphrisk.compiled import Bytes, Flags, Floats, Ints, compiled


@compiled
def tied(
    chosen: Ints,
    offsets: Ints,
    account: Ints,
    thing: Ints,
    held_offsets: Ints,
    held: Ints,
    can_tie: Flags,
) -> Flags:
    """Mark the uses of some things by accounts that share another thing with another user.

    Parameters
    ----------
    chosen
        Things to look at, shape (n_chosen,).
    offsets, account, thing
        Where each thing's uses begin, shape (n_things + 1,); of each use the account and the
        thing, shape (n_uses,).
    held_offsets, held
        Where each account's uses begin, shape (n_accounts + 1,), and which they are.
    can_tie
        Which things tie, shape (n_things,).

    Returns
    -------
    numpy.ndarray
        Shape (n_uses,), bool.
    """
    marked = np.full(len(held_offsets) - 1, -1, dtype=np.int64)
    found = np.zeros(len(account), dtype=np.bool_)
    for g in chosen:
        for i in range(offsets[g], offsets[g + 1]):
            marked[account[i]] = g
        for i in range(offsets[g], offsets[g + 1]):
            for k in range(held_offsets[account[i]], held_offsets[account[i] + 1]):
                other = thing[held[k]]
                if found[i] or other == g or not can_tie[other]:
                    continue
                for j in range(offsets[other], offsets[other + 1]):
                    if account[j] != account[i] and marked[account[j]] == g:
                        found[i] = True
                        break
    return found


@compiled
def busiest(chosen: Ints, offsets: Ints, came_us: Ints, known: Flags, window_us: int) -> Ints:
    """Count the accounts of each chosen thing that came in its busiest window, shape (n_chosen,).

    ``came_us`` and ``known`` say of each use when its account came, shape (n_uses,).
    """
    most = np.zeros(len(chosen), dtype=np.int64)
    for place, g in enumerate(chosen):
        here = slice(offsets[g], offsets[g + 1])
        came = np.sort(came_us[here][known[here]])
        first = 0
        for last in range(len(came)):
            while came[last] - came[first] > window_us:
                first += 1
            most[place] = max(most[place], last - first + 1)
    return most


@compiled
def best_home(
    chosen: Ints,
    offsets: Ints,
    account: Ints,
    thing: Ints,
    held_offsets: Ints,
    held: Ints,
    home_prob: Floats,
) -> Floats:
    """Give the highest probability among the homes in which all users of a thing live.

    ``home_prob`` is above zero for homes, shape (n_things,). Returns shape (n_chosen,), zero
    where no home holds them all.
    """
    best = np.zeros(len(chosen))
    for place, g in enumerate(chosen):
        one = account[offsets[g]]
        for k in range(held_offsets[one], held_offsets[one + 1]):
            home = thing[held[k]]
            if home_prob[home] <= best[place]:
                continue
            n_here = 0
            for i in range(offsets[g], offsets[g + 1]):
                for j in range(offsets[home], offsets[home + 1]):
                    n_here += account[i] == account[j]
            if n_here == offsets[g + 1] - offsets[g]:
                best[place] = home_prob[home]
    return best


@compiled
def most_under_one_roof(
    chosen: Ints,
    offsets: Ints,
    account: Ints,
    thing: Ints,
    held_offsets: Ints,
    held: Ints,
    is_roof: Flags,
) -> Ints:
    """Count, for each chosen thing, the most of its users that share one roof, (n_chosen,)."""
    most = np.zeros(len(chosen), dtype=np.int64)
    count = np.zeros(len(is_roof), dtype=np.int64)
    for place, g in enumerate(chosen):
        for step in (1, -1):  # counted up, and down again
            for i in range(offsets[g], offsets[g + 1]):
                for k in range(held_offsets[account[i]], held_offsets[account[i] + 1]):
                    roof = thing[held[k]]
                    if is_roof[roof]:
                        count[roof] += step
                        most[place] = max(most[place], count[roof])
    return most


@compiled
def n_flagged(chosen: Ints, offsets: Ints, flags: Flags) -> Ints:
    """Count, for each chosen thing, the uses with a flag, shape (n_chosen,)."""
    count = np.zeros(len(chosen), dtype=np.int64)
    for place, g in enumerate(chosen):
        for i in range(offsets[g], offsets[g + 1]):
            count[place] += flags[i]
    return count


@compiled
def mark(account: Ints, bit: Bytes, bits: Bytes) -> None:
    """Set the bit of each use among those of its account."""
    for i in range(len(account)):
        bits[account[i]] |= bit[i]


@compiled
def earliest(account: Ints, at_us: Ints, unknown_us: int, first_us: Ints) -> None:
    """Lower each account's time to that of its first use; times of ``unknown_us`` are not known."""
    for i in range(len(account)):
        if at_us[i] > unknown_us:
            first_us[account[i]] = min(first_us[account[i]], at_us[i])
