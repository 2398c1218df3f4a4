"""Messages of reach: the loops that write and add them up. See ``graphrisk.propagation.reach``."""

from __future__ import annotations

import math

import numpy as np

from graphrisk.compiled import Codes, Flags, Floats, Ints, Numbers, compiled
from graphrisk.propagation.fixed import CEILING, NAT

#: A message is never quite certain, so that its logarithm stays a number.
LEAST_DOUBT = 2.0**-53


@compiled
def add_up(first: int, last: int, offsets: Ints, own: Ints, told: Ints, total: Ints) -> int:
    """Add up what each row knows: its own seed and what it was told, down to certainty."""
    for v in range(first, last):
        units = own[v]
        for j in range(offsets[v], offsets[v + 1]):
            units += told[j]
            units = max(units, -CEILING)
        total[v] = units
    return 0


@compiled
def hand_out(
    first: int, last: int, offsets: Ints, slot: Numbers, told: Ints, wanted: Flags, message: Ints
) -> int:
    """Write what rows were told into the slots of the graph, of wanted ones; empty means of all.

    Nothing is not written: memory that nobody touches takes no room.
    """
    for v in range(first, last):
        if len(wanted) > 0 and not wanted[v]:
            continue
        for j in range(offsets[v], offsets[v + 1]):
            if told[j] != 0:
                message[slot[j]] = told[j]
    return 0


@compiled
def tell(
    first: int,
    last: int,
    offsets: Ints,
    neighbor: Numbers,
    reverse: Numbers,
    out_prob: Floats,
    total: Ints,
    told: Ints,
    telling: Ints,
    floor: float,
    turn: Codes,
    now: int,
    own: Ints,
    own_only: Flags,
    speaks: Flags,
) -> int:
    """Write what each entity of the rows tells its neighbours into the neighbours' slots.

    ``turn`` is empty where it is always every slot's turn.

    ``exp`` and ``log`` rather than ``expm1`` and ``log1p``: they are rounded almost correctly,
    hence monotone, and the unit of 2**-48 is coarser than what they lose near one.
    """
    for v in range(first, last):
        if not speaks[v]:
            continue
        to_strangers = _bad_prob(total[v])  # to all that told nothing
        j = offsets[v]
        end = offsets[v + 1]
        while j < end:
            stop = j + 1
            heard = told[j]
            only_own = own_only[j]
            while stop < end and neighbor[stop] == neighbor[j]:
                heard += told[stop]
                only_own = only_own and own_only[stop]
                stop += 1
            if len(turn) > 0 and turn[j] != now:
                j = stop
                continue
            bad_prob = to_strangers
            if only_own:
                bad_prob = _bad_prob(own[v])
            elif heard != 0:
                bad_prob = _bad_prob(total[v] - heard)
            if stop > j + 1:
                _share(j, stop, reverse, out_prob, bad_prob, floor, telling)
            elif out_prob[j] > 0.0:
                telling[reverse[j]] = _message(out_prob[j], bad_prob, floor)
            j = stop
    return 0


@compiled
def _bad_prob(units: np.int64) -> float:
    return 1.0 - math.exp(units / NAT) if units < 0 else 0.0


@compiled
def tell_listeners(
    first: int,
    last: int,
    listener: Numbers,
    offsets: Ints,
    neighbor: Numbers,
    reverse: Numbers,
    out_prob: Floats,
    carries: Flags,
    own_only: Flags,
    own: Ints,
    place: Numbers,
    total: Ints,
    floor: float,
    turn: Codes,
    now: int,
    message: Ints,
) -> int:
    """Write what listeners are told by their one neighbour, who heard nothing from them.

    ``carries`` is empty where every slot does.
    """
    for i in range(first, last):
        v = listener[i]
        j = offsets[v]
        end = offsets[v + 1]
        while j < end:
            u = neighbor[j]
            stop = j + 1
            while stop < end and neighbor[stop] == u:
                stop += 1
            known = own[u] if place[u] < 0 else total[place[u]]
            if known < 0 and (len(turn) == 0 or turn[reverse[j]] == now):
                only_own = True
                for k in range(j, stop):
                    only_own = only_own and own_only[reverse[k]]
                bad_prob = _bad_prob(own[u] if only_own else known)
                if stop > j + 1:
                    _share_back(j, stop, reverse, out_prob, carries, bad_prob, floor, message)
                else:
                    message[j] = _message(_prob(out_prob, carries, reverse[j]), bad_prob, floor)
            j = stop
    return 0


@compiled
def _prob(out_prob: Floats, carries: Flags, j: int) -> float:
    return out_prob[j] if len(carries) == 0 or carries[j] else 0.0


@compiled
def _message(carry_prob: float, bad_prob: float, floor: float) -> np.int64:
    prob = carry_prob * bad_prob
    if prob <= floor:
        return np.int64(0)
    return np.int64(np.rint(math.log(max(1.0 - prob, LEAST_DOUBT)) * NAT))


@compiled
def _share(
    start: int,
    stop: int,
    reverse: Numbers,
    out_prob: Floats,
    bad_prob: float,
    floor: float,
    telling: Ints,
) -> None:
    """Share one message among parallel links by their ``-log(1 - w)``.

    Any link may carry, so the message is (1 - product of (1 - w)) * p. Each share is rounded
    toward zero on its own: it depends on no order of links, and never falls while the message
    grows. Together the shares fall short of the message by less than one unit for each link.
    """
    silent = np.int64(0)
    for k in range(start, stop):
        silent += _silent(out_prob[k])
    units = _message(1.0 - math.exp(silent / NAT), bad_prob, floor)
    for k in range(start, stop):
        telling[reverse[k]] = _part(out_prob[k], silent, units)


@compiled
def _share_back(
    start: int,
    stop: int,
    reverse: Numbers,
    out_prob: Floats,
    carries: Flags,
    bad_prob: float,
    floor: float,
    message: Ints,
) -> None:
    """Share a message among parallel links as ``_share`` does, given the slots it arrives in."""
    silent = np.int64(0)
    for k in range(start, stop):
        silent += _silent(_prob(out_prob, carries, reverse[k]))
    units = _message(1.0 - math.exp(silent / NAT), bad_prob, floor)
    for k in range(start, stop):
        message[k] = _part(_prob(out_prob, carries, reverse[k]), silent, units)


@compiled
def _silent(carry_prob: float) -> np.int64:
    return np.int64(np.rint(math.log(1.0 - carry_prob) * NAT))


@compiled
def _part(carry_prob: float, silent: np.int64, units: np.int64) -> np.int64:
    if units == 0:
        return np.int64(0)
    return np.int64(_silent(carry_prob) / silent * units)
