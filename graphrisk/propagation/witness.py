"""The strongest path from a seed to each entity: the product of what its links carry.

A path never turns straight back, so an account is not shown its own risk as another's. The
search is the max-product form of Bellman and Ford's, one round for each link, keeping the two
best arrivals from different neighbours so that the one which would turn back can be left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Codes, Flags, Floats, Ints, Numbers, compiled
from graphrisk.propagation.carrying import Carrying, carrying
from graphrisk.threads import over_ranges, over_rows

#: In place of a slot: the path begins here, at this entity's own seed.
SEED = -1
#: In place of a slot: nothing arrives.
NONE = -2


@dataclass(frozen=True, slots=True)
class Witness:
    """The two best arrivals at each entity, round by round.

    Only entities that can pass anything on have a row; of any other nothing can arrive but its
    own seed.

    Attributes
    ----------
    place
        The row of each entity, ``-1`` for none, shape (n_entities,), int32.
    first_slot, second_slot
        Slot over which the best, and the best from another neighbour, arrives within h links;
        ``SEED`` or ``NONE``; shape (n_hops, n_rows), int32, row h for h links.
    own_only_in
        Slots over which the neighbour tells its own seed and nothing that it heard, shape
        (n_slots,), bool.
    first_from
        The entity from which the best arrives within ``n_hops - 1`` links, ``-1`` for none,
        shape (n_rows,), int32.
    first_prob, second_prob
        Probabilities after ``n_hops - 1`` links, shape (n_rows,), float64.
    """

    place: NDArray[np.int32]
    first_slot: NDArray[np.int32]
    second_slot: NDArray[np.int32]
    own_only_in: NDArray[np.bool_]
    first_from: NDArray[np.int32]
    first_prob: NDArray[np.float64]
    second_prob: NDArray[np.float64]

    def traced(self) -> Witness:
        """Keep what :func:`trace` asks for; probabilities are for the search alone."""
        none = np.zeros(0)
        return replace(self, first_prob=none, second_prob=none)


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths from chosen entities down to seeds.

    Attributes
    ----------
    slots
        The slot of each link, from the entity on, ``NONE`` after the last, shape
        (n_paths, n_hops), int32. Each slot stands in the row of the entity nearer the start.
    seed
        The entity the path ends at, ``-1`` where there is no path, shape (n_paths,), int32.
    n_links
        Links on the path, 0 where there is none, shape (n_paths,), int32.
    """

    slots: NDArray[np.int32]
    seed: NDArray[np.int32]
    n_links: NDArray[np.int32]


def search(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    reverse: NDArray[np.int32],
    out_prob: NDArray[np.float64],
    seed_strength: NDArray[np.float64],
    *,
    n_hops: int,
    own_only: NDArray[np.bool_] | None = None,
    part: Carrying | None = None,
    n_threads: int = 1,
) -> Witness:
    """Search the strongest arrivals within ``n_hops - 1`` links of each entity.

    Parameters are those of :func:`graphrisk.propagation.reach.reach`. Of equal arrivals the one
    from the smallest entity number wins.
    """
    if part is None:
        tells = seed_strength > 0
        part = carrying(offsets, neighbor, reverse, out_prob, tells, n_threads=n_threads)
    own_only_in = np.zeros(len(neighbor), dtype=bool)
    if own_only is not None:
        over_ranges(_turn_round, len(neighbor), n_threads, reverse, own_only, own_only_in)
    in_prob, own_only_here = np.empty(len(part.slot)), own_only_in[part.slot]
    over_ranges(_arriving, len(in_prob), n_threads, part.reverse, part.slot, out_prob, in_prob)
    seed = seed_strength[part.row]
    n_rows = len(seed)
    first_slot = np.full((n_hops, n_rows), NONE, dtype=np.int32)
    second_slot = np.full((n_hops, n_rows), NONE, dtype=np.int32)
    first_slot[0][seed > 0] = SEED
    first_prob, second_prob = seed, np.zeros(n_rows)
    first_from = np.full(n_rows, -1, dtype=np.int32)
    for h in range(1, n_hops):
        new_first, new_second, new_from = np.zeros(n_rows), np.zeros(n_rows), first_from.copy()
        over_rows(
            search_round, part.offsets, n_threads, part.neighbor, in_prob, own_only_here, seed,
            first_from, first_prob, second_prob,
            first_slot[h], second_slot[h], new_from, new_first, new_second,
        )  # fmt: skip
        first_from, first_prob, second_prob = new_from, new_first, new_second
    for slots in (first_slot, second_slot):
        over_ranges(_name_slots, slots.size, n_threads, part.slot, slots.reshape(-1))
    first_from = np.where(first_from >= 0, part.row[first_from], np.int32(-1))
    return Witness(
        part.place, first_slot, second_slot, own_only_in, first_from, first_prob, second_prob
    )


def strongest_by_family(
    rows: NDArray[np.int32],
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    reverse: NDArray[np.int32],
    out_prob: NDArray[np.float64],
    family_in: NDArray[np.int8],
    n_families: int,
    witness: Witness,
    seed_strength: NDArray[np.float64],
    *,
    n_threads: int = 1,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Find, for each entity and family, the slot over which the strongest risk arrives.

    Returns
    -------
    slot, prob
        Shape (len(rows), n_families): the slot or ``NONE``, int32; its probability, float64.
    """
    slot = np.full((len(rows), n_families), NONE, dtype=np.int32)
    prob = np.zeros((len(rows), n_families))
    over_ranges(
        _by_family, len(rows), n_threads, rows, offsets, neighbor, reverse, out_prob, family_in,
        witness.place, witness.first_from, witness.first_prob, witness.second_prob,
        seed_strength, witness.own_only_in, slot, prob,
    )  # fmt: skip
    return slot, prob


def trace(
    rows: NDArray[np.int32],
    first_slot: NDArray[np.int32],
    neighbor: NDArray[np.int32],
    witness: Witness,
) -> Paths:
    """Follow arrivals back to their seeds.

    Parameters
    ----------
    rows
        The entities that paths start from, shape (n_paths,).
    first_slot
        The slot each path begins with, or ``NONE``, shape (n_paths,).
    neighbor
        As ``LinkGraph`` describes it.
    witness
        From :func:`search`.
    """
    n_hops = len(witness.first_slot)
    slots = np.full((len(rows), n_hops), NONE, dtype=np.int32)
    seed = np.full(len(rows), -1, dtype=np.int32)
    before, slot = rows.astype(np.int32), first_slot.astype(np.int32)
    going = np.flatnonzero(slot >= 0)
    for h in range(n_hops):
        slots[going, h] = slot[going]
        here = neighbor[slot[going]]
        left, place = n_hops - 1 - h, witness.place[here]
        onward = np.full(len(going), SEED, dtype=np.int32)  # where there is no row
        walked = place >= 0
        best = witness.first_slot[left][place[walked]]
        turns_back = (best >= 0) & (neighbor[np.maximum(best, 0)] == before[going][walked])
        onward[walked] = np.where(turns_back, witness.second_slot[left][place[walked]], best)
        onward = np.where(witness.own_only_in[slot[going]], SEED, onward)
        seed[going[onward == SEED]] = here[onward == SEED]
        before[going], slot[going] = here, onward
        going = going[onward >= 0]
    circular = seed == rows  # a seed's own risk, back over a circle of links, witnesses nothing
    slots[circular], seed[circular] = NONE, -1
    return Paths(slots, seed, (slots >= 0).sum(axis=1).astype(np.int32))


@compiled
def _turn_round(first: int, last: int, reverse: Numbers, out: Flags, into: Flags) -> int:
    """Give each slot what stands in the slot of the same link at its other end."""
    for j in range(first, last):
        into[j] = out[reverse[j]]
    return 0


@compiled
def _arriving(
    first: int, last: int, reverse: Numbers, slot: Numbers, out_prob: Floats, in_prob: Floats
) -> int:
    """Give each slot of a part what arrives over it, of what slots of the graph carry."""
    for j in range(first, last):
        in_prob[j] = out_prob[slot[reverse[j]]]
    return 0


@compiled
def _name_slots(first: int, last: int, slot: Numbers, named: Numbers) -> int:
    """Put the slots of the graph in place of those of a part."""
    for i in range(first, last):
        if named[i] >= 0:
            named[i] = slot[named[i]]
    return 0


@compiled
def search_round(
    first: int,
    last: int,
    offsets: Ints,
    neighbor: Numbers,
    in_prob: Floats,
    own_only_in: Flags,
    seed: Floats,
    from_before: Numbers,
    first_before: Floats,
    second_before: Floats,
    first_slot: Numbers,
    second_slot: Numbers,
    first_from: Numbers,
    first_prob: Floats,
    second_prob: Floats,
) -> int:
    """Find the two best arrivals at each row from what its neighbours had a round before."""
    for v in range(first, last):
        best, best_slot, best_from = seed[v], SEED, -1
        if best <= 0.0:
            best_slot = NONE
        next_best, next_slot = 0.0, NONE
        for j in range(offsets[v], offsets[v + 1]):
            u = neighbor[j]
            # No probability at u is higher than its best: most slots are done with here.
            if first_before[u] * in_prob[j] <= next_best:
                continue
            # The best probability at u that did not come from v.
            arriving = second_before[u] if from_before[u] == v else first_before[u]
            if own_only_in[j]:
                arriving = seed[u]
            prob = arriving * in_prob[j]
            if prob > best:
                if u != best_from:
                    next_best, next_slot = best, best_slot
                best, best_slot, best_from = prob, j, u
            elif prob > next_best and u != best_from:
                next_best, next_slot = prob, j
        first_prob[v], first_slot[v], first_from[v] = best, best_slot, best_from
        second_prob[v], second_slot[v] = next_best, next_slot
    return 0


@compiled
def _by_family(
    first: int,
    last: int,
    rows: Numbers,
    offsets: Ints,
    neighbor: Numbers,
    reverse: Numbers,
    out_prob: Floats,
    family_in: Codes,
    place: Numbers,
    first_from: Numbers,
    first_before: Floats,
    second_before: Floats,
    seed_strength: Floats,
    own_only_in: Flags,
    slot: Numbers,
    prob: Floats,
) -> int:
    for i in range(first, last):
        v = rows[i]
        for j in range(offsets[v], offsets[v + 1]):
            u = neighbor[j]
            row = place[u]
            if own_only_in[j] or row < 0:
                arriving = seed_strength[u]
            elif first_from[row] == v:
                arriving = second_before[row]
            else:
                arriving = first_before[row]
            # A link only takes away: what it carries is asked for where it can matter.
            if arriving <= prob[i, family_in[j]]:
                continue
            arrived = arriving * out_prob[reverse[j]]
            if arrived > prob[i, family_in[j]]:
                prob[i, family_in[j]] = arrived
                slot[i, family_in[j]] = j
    return 0
