"""Reach: the probability that a seed's risk arrives, by non-backtracking message passing.

Each link carries with its own probability; an entity's linked evidence is about the chance that
at least one seed reaches it within H links that carry (percolation reliability). With
``l = log(1 - m)`` the log-probability that a message m does not arrive,

    L_v       = log(1 - s_v) + sum over u of l_{u->v}
    m_{v->u}  = w_{vu} * (1 - exp(L_v - l_{u->v}))

so what v tells u leaves out what u told v. ``-L_v`` is evidence in nats, and is the sum of what
each link brought: the explanation is the computation. Parallel links between two entities are
one message, shared among them by their ``-log(1 - w)``. Exact on trees.

Sources: Karrer and Newman 2010 (Phys. Rev. E 82, 016101); Lokhov, Mezard and Zdeborova 2015
(Phys. Rev. E 91, 012811); bounds in Abbe, Kulkarni and Lee (JMLR 21, 2020).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Codes, Flags, Floats, Ints, Numbers, compiled
from graphrisk.propagation.fixed import CEILING, NAT, nats_from_units, units_from_nats
from graphrisk.propagation.threads import over_rows

MAX_SEED_STRENGTH = 0.999999
#: A message is never quite certain, so that its logarithm stays a number.
LEAST_DOUBT = 2.0**-53


@dataclass(frozen=True, slots=True)
class Reached:
    """What the last round of messages said.

    Attributes
    ----------
    own_units
        Evidence of each entity's own seed, in units of 2**-48 nats, <= 0, shape (n_entities,).
    message_units
        For each slot what the neighbour told the row's entity, the same units, <= 0,
        shape (n_slots,), int64.
    """

    own_units: NDArray[np.int64]
    message_units: NDArray[np.int64]


def reach(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    reverse: NDArray[np.int32],
    out_prob: NDArray[np.float64],
    seed_strength: NDArray[np.float64],
    *,
    n_hops: int,
    message_floor_prob: float = 0.0,
    own_only: NDArray[np.bool_] | None = None,
    n_threads: int = 1,
) -> Reached:
    """Pass risk from seeds over at most ``n_hops`` links.

    Parameters
    ----------
    offsets, neighbor, reverse
        Rows of slots, as ``LinkGraph`` describes them.
    out_prob
        Probability that each slot's link carries from the row's entity to the neighbour,
        in [0, 1), shape (n_slots,).
    seed_strength
        Probability that each entity is bad by its own label, in [0, 1], shape (n_entities,).
    n_hops
        Rounds of messages, at least 1.
    message_floor_prob
        Messages of a smaller probability are cut to zero.
    own_only
        Slots over which the row's entity tells its own seed and nothing that it heard, shape
        (n_slots,); none by default.
    n_threads
        Threads to use; the result has the same bytes for any number.

    Returns
    -------
    Reached
    """
    every_slot = np.zeros(len(neighbor), dtype=np.int8)
    return _rounds(
        offsets, neighbor, reverse, out_prob, seed_strength, every_slot, [0] * n_hops,
        message_floor_prob, own_only, n_threads,
    )  # fmt: skip


def reach_in_steps(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    reverse: NDArray[np.int32],
    out_prob: NDArray[np.float64],
    seed_strength: NDArray[np.float64],
    is_account: NDArray[np.bool_],
    *,
    n_steps: int,
    message_floor_prob: float = 0.0,
    own_only: NDArray[np.bool_] | None = None,
    n_threads: int = 1,
) -> Reached:
    """Pass risk from seeds over at most ``n_steps`` steps from account to account.

    A step is a direct link, or two links over an identifier. In each step accounts first tell
    identifiers, and then all tell accounts; identifiers do not tell each other. The other
    parameters are those of :func:`reach`; ``is_account`` has the shape (n_entities,).
    """
    teller = np.repeat(is_account, np.diff(offsets))
    hearer = is_account[neighbor]
    turn = np.where(hearer, _TO_ACCOUNTS, np.where(teller, _TO_IDENTIFIERS, _NEVER))
    return _rounds(
        offsets, neighbor, reverse, out_prob, seed_strength, turn.astype(np.int8),
        [_TO_IDENTIFIERS, _TO_ACCOUNTS] * n_steps, message_floor_prob, own_only, n_threads,
    )  # fmt: skip


_TO_IDENTIFIERS, _TO_ACCOUNTS, _NEVER = 0, 1, 2


def _rounds(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    reverse: NDArray[np.int32],
    out_prob: NDArray[np.float64],
    seed_strength: NDArray[np.float64],
    turn: NDArray[np.int8],
    turns: Sequence[int],
    message_floor_prob: float,
    own_only: NDArray[np.bool_] | None,
    n_threads: int,
) -> Reached:
    """Let the slots whose turn it is tell what they know, turn after turn."""
    strength = np.minimum(seed_strength, MAX_SEED_STRENGTH)
    own = units_from_nats(np.log(1.0 - strength))
    total = own.copy()
    told = np.zeros(len(neighbor), dtype=np.int64)
    telling = np.zeros(len(neighbor), dtype=np.int64)
    if own_only is None:
        own_only = np.zeros(len(neighbor), dtype=np.bool_)
    for now in turns:
        over_rows(
            _tell, offsets, n_threads, neighbor, reverse, out_prob, total, told, telling,
            message_floor_prob, turn, now, own, own_only,
        )  # fmt: skip
        told, telling = telling, told
        over_rows(_add_up, offsets, n_threads, own, told, total)
    return Reached(own, told)


def total_nats(offsets: NDArray[np.int64], reached: Reached) -> NDArray[np.float64]:
    """Evidence of each entity, own and linked, in nats >= 0, shape (n_entities,)."""
    total = np.zeros(len(offsets) - 1, dtype=np.int64)
    _add_up(0, len(total), offsets, reached.own_units, reached.message_units, total)
    return nats_from_units(-total)


@compiled
def _add_up(first: int, last: int, offsets: Ints, own: Ints, told: Ints, total: Ints) -> int:
    for v in range(first, last):
        units = own[v]
        for j in range(offsets[v], offsets[v + 1]):
            units += told[j]
            units = max(units, -CEILING)
        total[v] = units
    return 0


@compiled
def _tell(
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
) -> int:
    """Write what each entity of the rows tells its neighbours into the neighbours' slots.

    Slots whose turn it is not are told again what they were told last.

    ``exp`` and ``log`` rather than ``expm1`` and ``log1p``: they are rounded almost correctly,
    hence monotone, and the unit of 2**-48 is coarser than what they lose near one.
    """
    for v in range(first, last):
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
            if turn[j] != now:
                for k in range(j, stop):
                    telling[reverse[k]] = told[reverse[k]]
                j = stop
                continue
            without = own[v] if only_own else total[v] - heard
            bad_prob = 1.0 - math.exp(without / NAT) if without < 0 else 0.0
            if stop == j + 1:
                telling[reverse[j]] = _message(out_prob[j], bad_prob, floor)
            else:
                _share(j, stop, reverse, out_prob, bad_prob, floor, telling)
            j = stop
    return 0


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
        silent += np.int64(np.rint(math.log(1.0 - out_prob[k]) * NAT))
    carry_prob = 1.0 - math.exp(silent / NAT)
    units = _message(carry_prob, bad_prob, floor)
    for k in range(start, stop):
        share = np.int64(0)
        if units != 0:
            part = np.rint(math.log(1.0 - out_prob[k]) * NAT) / silent
            share = np.int64(part * units)
        telling[reverse[k]] = share
