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

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Codes, Flags, Floats, Ints, Numbers, compiled
from graphrisk.propagation.carrying import Carrying, carrying
from graphrisk.propagation.fixed import nats_from_units, units_from_nats
from graphrisk.propagation.messages import add_up, hand_out, tell, tell_listeners
from graphrisk.threads import over_ranges, over_rows

MAX_SEED_STRENGTH = 0.999999


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
    carries: NDArray[np.bool_] | None = None,
    part: Carrying | None = None,
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
    carries
        Slots that carry, shape (n_slots,); all others carry nothing, whatever ``out_prob`` says.
        All by default.
    part
        What of the graph to walk, from :func:`carrying`, if it is known already.
    n_threads
        Threads to use; the result has the same bytes for any number.

    Returns
    -------
    Reached
    """
    return _rounds(
        offsets, neighbor, reverse, out_prob, seed_strength, None, [0] * n_hops,
        message_floor_prob, own_only, carries, part, n_threads,
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
    carries: NDArray[np.bool_] | None = None,
    part: Carrying | None = None,
    turn: NDArray[np.int8] | None = None,
    accounts_only: bool = False,
    n_threads: int = 1,
) -> Reached:
    """Pass risk from seeds over at most ``n_steps`` steps from account to account.

    A step is a direct link, or two links over an identifier. In each step accounts first tell
    identifiers, and then all tell accounts; identifiers do not tell each other. The other
    parameters are those of :func:`reach`; ``is_account`` has the shape (n_entities,), and ``turn``
    is what :func:`turns_of_slots` says, if it is known already. ``accounts_only`` leaves out what
    identifiers were told: their messages are nothing then.
    """
    if turn is None:
        turn = turns_of_slots(offsets, neighbor, is_account, n_threads=n_threads)
    return _rounds(
        offsets, neighbor, reverse, out_prob, seed_strength, turn, STEP * n_steps,
        message_floor_prob, own_only, carries, part, n_threads,
        is_account if accounts_only else None,
    )  # fmt: skip


_TO_IDENTIFIERS, _TO_ACCOUNTS, _NEVER = 0, 1, 2
#: The turns of one step from account to account.
STEP = [_TO_IDENTIFIERS, _TO_ACCOUNTS]


def turns_of_slots(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    is_account: NDArray[np.bool_],
    *,
    n_threads: int = 1,
) -> NDArray[np.int8]:
    """Say in which turn of a step each slot tells, shape (n_slots,), int8."""
    turn = np.empty(len(neighbor), dtype=np.int8)
    over_rows(_take_turns, offsets, n_threads, neighbor, is_account, turn)
    return turn


@compiled
def _take_turns(
    first: int, last: int, offsets: Ints, neighbor: Numbers, is_account: Flags, turn: Codes
) -> int:
    for v in range(first, last):
        to_identifiers = _TO_IDENTIFIERS if is_account[v] else _NEVER
        for j in range(offsets[v], offsets[v + 1]):
            turn[j] = _TO_ACCOUNTS if is_account[neighbor[j]] else to_identifiers
    return 0


def own_units(seed_strength: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the evidence of each entity's own seed, in units, <= 0, shape (n_entities,)."""
    units, seed = np.zeros(len(seed_strength), dtype=np.int64), np.flatnonzero(seed_strength)
    strength = np.minimum(seed_strength[seed], MAX_SEED_STRENGTH)
    units[seed] = units_from_nats(np.log(1.0 - strength))
    return units


def _rounds(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    reverse: NDArray[np.int32],
    out_prob: NDArray[np.float64],
    seed_strength: NDArray[np.float64],
    turn: NDArray[np.int8] | None,
    turns: Sequence[int],
    message_floor_prob: float,
    own_only: NDArray[np.bool_] | None,
    carries: NDArray[np.bool_] | None,
    part: Carrying | None,
    n_threads: int,
    wanted: NDArray[np.bool_] | None = None,
) -> Reached:
    """Let the slots whose turn it is tell what they know, turn after turn.

    Only the part of the graph that carries is walked, and of it only the rows that have heard of
    a seed. Listeners are told once, when they are told last. What entities were told that are not
    ``wanted`` is left out of the result.
    """
    own = own_units(seed_strength)
    if not own.any():
        return Reached(own, np.zeros(len(neighbor), dtype=np.int64))
    if own_only is None:
        own_only = np.zeros(len(neighbor), dtype=np.bool_)
    if part is None:
        part = carrying(offsets, neighbor, reverse, out_prob, own < 0, n_threads=n_threads)
    core = Core.of(part, own, out_prob, own_only, turn, carries, n_threads=n_threads)
    last_of = {now: at for at, now in enumerate(turns)}
    known: dict[int, NDArray[np.int64]] = {}
    for at, now in enumerate(turns):
        if last_of[now] == at:
            known[now] = core.total.copy()
        core.tell(now, message_floor_prob, n_threads)
    told, turn_of_graph = core.told, core.turn_of_graph
    del core  # which holds several times as much: only then is there room for all slots
    told_over = np.zeros(0, dtype=np.bool_) if carries is None else carries
    message_units = np.zeros(len(neighbor), dtype=np.int64)
    listener = part.listener if wanted is None else part.listener[wanted[part.listener]]
    for now, total in known.items():
        over_ranges(
            tell_listeners, len(listener), n_threads, listener, offsets, neighbor,
            reverse, out_prob, told_over, own_only, own, part.place, total,
            message_floor_prob, turn_of_graph, now, message_units,
        )  # fmt: skip
    every = np.zeros(0, dtype=np.bool_) if wanted is None else wanted[part.row]
    over_rows(hand_out, part.offsets, n_threads, part.slot, told, every, message_units)
    return Reached(own, message_units)


@dataclass(slots=True)
class Core:
    """What the rows that are walked have been told so far, and what they tell next."""

    part: Carrying
    own: NDArray[np.int64]
    total: NDArray[np.int64]
    told: NDArray[np.int64]
    telling: NDArray[np.int64]
    out_prob: NDArray[np.float64]
    own_only: NDArray[np.bool_]
    turn: NDArray[np.int8]
    turn_of_graph: NDArray[np.int8]
    #: Rows that have something to tell, or had once: what they told has to be told anew.
    speaks: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        part: Carrying,
        own: NDArray[np.int64],
        out_prob: NDArray[np.float64],
        own_only: NDArray[np.bool_],
        turn: NDArray[np.int8] | None,
        carries: NDArray[np.bool_] | None = None,
        *,
        n_threads: int = 1,
    ) -> Core:
        """Begin with what each entity knows of itself; arrays are those of the whole graph."""
        slot, of_rows = part.slot, own[part.row]
        told, telling = np.zeros(len(slot), dtype=np.int64), np.zeros(len(slot), dtype=np.int64)
        all_carry, always = np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.int8)
        turn = always if turn is None else turn
        here = np.empty(len(slot)), np.empty(len(slot), dtype=np.bool_), turn[:0]
        if len(turn):
            here = *here[:2], np.empty(len(slot), dtype=np.int8)
        over_ranges(
            _take_part, len(slot), n_threads, slot, out_prob, own_only, turn,
            all_carry if carries is None else carries, *here,
        )  # fmt: skip
        return cls(part, of_rows, of_rows.copy(), told, telling, *here, turn, speaks=of_rows < 0)

    def tell(self, now: int, floor: float, n_threads: int) -> None:
        """Let the slots whose turn it is tell what their rows know, and add up what was told."""
        if len(self.turn) and now == _TO_IDENTIFIERS:
            # Accounts ask what they were told themselves: nothing written here is read here.
            self._write(self.told, now, floor, n_threads)
            self._add_up(n_threads)
        else:
            self.say(now, floor, n_threads)
            self.hear(n_threads)

    def say(self, now: int, floor: float, n_threads: int) -> None:
        """Write what the rows tell into ``telling``, slots of those who are told."""
        if len(self.turn):
            self.telling[:] = self.told  # the others say again what they said last
        self._write(self.telling, now, floor, n_threads)

    def hear(self, n_threads: int) -> None:
        """Take what stands in ``telling`` as told, and add it up."""
        self.told, self.telling = self.telling, self.told
        self._add_up(n_threads)

    def _write(self, telling: NDArray[np.int64], now: int, floor: float, n_threads: int) -> None:
        part = self.part
        over_rows(
            tell, part.offsets, n_threads, part.neighbor, part.reverse, self.out_prob,
            self.total, self.told, telling, floor, self.turn, now, self.own,
            self.own_only, self.speaks,
        )  # fmt: skip

    def _add_up(self, n_threads: int) -> None:
        over_rows(add_up, self.part.offsets, n_threads, self.own, self.told, self.total)
        self.speaks |= self.total < 0


def total_nats(offsets: NDArray[np.int64], reached: Reached) -> NDArray[np.float64]:
    """Evidence of each entity, own and linked, in nats >= 0, shape (n_entities,)."""
    total = np.zeros(len(offsets) - 1, dtype=np.int64)
    add_up(0, len(total), offsets, reached.own_units, reached.message_units, total)
    return nats_from_units(-total)


@compiled
def _take_part(
    first: int, last: int, slot: Numbers, out_prob: Floats, own_only: Flags, turn: Codes,
    carries: Flags, prob_here: Floats, own_only_here: Flags, turn_here: Codes,
) -> int:  # fmt: skip
    """Copy what slots of the graph say to the slots of a part; empty means that nothing is said."""
    for i in range(first, last):
        j = slot[i]
        prob_here[i] = out_prob[j] if len(carries) == 0 or carries[j] else 0.0
        own_only_here[i] = own_only[j]
        if len(turn) > 0:
            turn_here[i] = turn[j]
    return 0
