"""Rounds of messages: each block runs the kernels on its own rows, then borders are exchanged.

Reach sends what was told over the links between two blocks; the search for paths sends the best
arrivals at border entities; PageRank sends their mass. Sums are in whole units, reach and search
are synchronous, and PageRank is a least fixed point that any schedule reaches, so neither the
number of blocks nor what is in them changes one bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Floats, Ints, Numbers
from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.policy import Policy
from graphrisk.propagation.backing import backing_runs
from graphrisk.propagation.carrying import Carrying, carrying
from graphrisk.propagation.messages import add_up
from graphrisk.propagation.pagerank import starting_mass, sweep_rows
from graphrisk.propagation.reach import STEP, Core, own_units, turns_of_slots
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights
from graphrisk.propagation.witness import NONE, SEED, search_round
from graphrisk.spark.block import Block, Border
from graphrisk.spark.counting import places_of
from graphrisk.spark.place import Site
from graphrisk.spark.weighing import weighed_with_halo
from graphrisk.spark.wide import tie_pairs

#: Sweeps of one block before it hears from its neighbours again.
MOST_SWEEPS = 64
BAD, GOOD, STANDING = "bad", "good", "standing"
BACKING = ("near", "fresh", "confirmed", "unclaimed")


def begin(site: Site) -> None:
    """Lay out what the kernels walk over in this block."""
    run, block = site.shared("run"), site.recall("block")
    graph, weights, seeds = block.graph, site.recall("weights"), site.recall("seeds")
    tie_pairs(site)
    *_, in_share = weighed_with_halo(site, block)
    every = np.ones(graph.n_entities, dtype=bool)
    part = carrying(graph.offsets, graph.neighbor, graph.reverse, weights.out_prob, every)
    walk = _Walk.of(block, part)
    site.keep("walk", walk)
    site.keep("turns", _turns(run.policy))
    cores = _cores(block, part, weights, seeds, run.policy)
    site.keep("reach-0", {name: (core.told, core.speaks) for name, core in cores.items()})
    site.keep("cores", cores)
    ranks = _ranks(block, weights, seeds, in_share, run.policy)
    site.keep("ranks", ranks)
    site.keep("mass-0", {name: rank.mass for name, rank in ranks.items()})
    site.keep("found-0", Found.begin(part, seeds, run.policy.reach.n_hops))
    in_prob = weights.out_prob[part.slot][part.reverse]
    own_only = weights.own_only[part.slot][part.reverse]
    site.keep("search", (in_prob, own_only, seeds.bad_strength[part.row]))


@dataclass(frozen=True, slots=True)
class _Walk:
    """The part of a block that carries, and where it crosses the borders."""

    part: Carrying
    near: dict[int, Numbers]
    far: dict[int, Numbers]
    is_own: NDArray[np.bool_]

    @classmethod
    def of(cls, block: Block, part: Carrying) -> _Walk:
        of_slot = np.full(len(block.graph.neighbor), -1, dtype=np.int32)
        of_slot[part.slot] = np.arange(len(part.slot), dtype=np.int32)

        def kept(slots: Ints) -> Numbers:
            here = of_slot[slots]
            return here[here >= 0]

        return cls(
            part,
            {other: kept(slots) for other, slots in block.near.items()},
            {other: kept(slots) for other, slots in block.far.items()},
            block.is_own[part.row],
        )


def _turns(policy: Policy) -> dict[str, list[int]]:
    """Say for each run of reach whose turn it is in each round."""
    steps = STEP * policy.guards.close_max_account_steps
    return {
        BAD: [0] * policy.reach.n_hops,
        GOOD: [0] * policy.reach.good_n_hops,
        **dict.fromkeys(BACKING, steps),
    }


def n_rounds(policy: Policy) -> int:
    """Count the rounds of reach and search."""
    return max(policy.reach.n_hops - 1, *(len(turns) for turns in _turns(policy).values()))


def _cores(
    block: Block, part: Carrying, weights: Weights, seeds: Seeds, policy: Policy
) -> dict[str, Core]:
    graph = block.graph
    turn = turns_of_slots(graph.offsets, graph.neighbor, ~is_identifier(graph))
    runs = {
        BAD: (weights.out_prob, seeds.bad_strength, None),
        GOOD: (weights.out_prob * weights.vouches, seeds.good_strength, None),
        **{
            name: (*run, turn)
            for name, run in zip(BACKING, backing_runs(graph, weights, seeds, policy), strict=True)
        },
    }
    cores = {}
    for name, (out_prob, strength, of_turn) in runs.items():
        core = Core.of(part, own_units(strength), out_prob, weights.own_only, of_turn)
        core.speaks &= block.is_own[part.row]
        cores[name] = core
    return cores


@dataclass(frozen=True, slots=True)
class _Rank:
    """One PageRank of a block: own entities first, then the halo.

    Attributes
    ----------
    begins, near, rate
        For each own entity where its slots begin, and for each slot the place from which it
        receives, and the damped share.
    start
        What each own entity has from its seed, in units.
    mass
        What every entity has before the first round, shape (n_entities,), by entity number.
    """

    begins: Ints
    near: Numbers
    rate: Floats
    start: Ints
    mass: Ints


def _ranks(
    block: Block, weights: Weights, seeds: Seeds, in_share: Floats, policy: Policy
) -> dict[str, _Rank]:
    graph, damping = block.graph, policy.pagerank.damping
    shares = shares_of(graph, weights, in_share)
    bad, good = seeds.bad_strength > 0, seeds.good_strength > 0
    unlabelled = ~(bad | good | is_identifier(graph))
    standing = np.where(good, 1.0, policy.pagerank.presumed_good_mass * unlabelled)
    masses = {BAD: bad.astype(np.float64), GOOD: good.astype(np.float64), STANDING: standing}
    order = np.argsort(~block.is_own, kind="stable")
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    row = graph.row_of_slot()
    ranks = {}
    for name, share in shares.items():
        slots = np.flatnonzero(block.is_own[row] & (share > 0))
        mass = starting_mass(masses[name], damping)
        counts = np.bincount(place[row[slots]], minlength=int(block.is_own.sum()))
        ranks[name] = _Rank(
            np.concatenate(([0], np.cumsum(counts, dtype=np.int64))),
            place[graph.neighbor[slots]],
            damping * share[slots],
            mass[block.is_own],
            mass,
        )
    return ranks


def shares_of(graph: LinkGraph, weights: Weights, in_share: Floats) -> dict[str, Floats]:
    """Return the shares that arrive of bad, good and standing mass, each of shape (n_slots,)."""
    damped = in_share * weights.sharing.passes[graph.reverse]
    return {BAD: damped, GOOD: damped * weights.vouches[graph.reverse], STANDING: in_share}


def exchange(site: Site, number: int, n_rounds: int) -> int:
    """Hear what neighbours said in the round before, and say what follows from it.

    Returns how many rounds are left. The last one says what search found, and no messages.
    """
    if number:
        _hear(site, number - 1)
        for done in (f"reach-{number - 1}", f"telling-{number - 1}", f"found-{number - 1}"):
            if number > 1:
                site.drop(done)
    _say(site, number)
    return n_rounds - number


def _say(site: Site, number: int) -> None:
    """Say to neighbours what reach tells them in a round, and what search found before it."""
    run, walk, border = site.shared("run"), site.recall("walk"), site.recall("border")
    cores, turns = _cores_at(site, number), site.recall("turns")
    found = site.recall(f"found-{number}")
    telling = {}
    for name, core in cores.items():
        if number < len(turns[name]):
            core.say(turns[name][number], run.policy.reach.message_floor_prob, 1)
            telling[name] = core.telling
    site.keep(f"telling-{number}", telling)
    arrivals = found.of_entities(site.recall("numbers"))
    site.send(f"round-{number}", {
        other: (
            {name: values[walk.far[other]] for name, values in telling.items()},
            {name: values[border.mine[other]] for name, values in arrivals.items()},
        )
        for other in walk.far
    })  # fmt: skip


def _cores_at(site: Site, number: int) -> dict[str, Core]:
    """Return the runs of reach as they stood when a round began."""
    cores: dict[str, Core] = site.recall("cores")
    for name, (told, speaks) in site.recall(f"reach-{number}").items():
        core = cores[name]
        core.told, core.speaks = told.copy(), speaks.copy()
        core.telling = np.zeros(len(told), dtype=np.int64)
        add_up(0, len(core.own), core.part.offsets, core.own, core.told, core.total)
    return cores


def _hear(site: Site, number: int) -> None:
    """Hear what neighbours said in a round, and add it up."""
    walk, turns = site.recall("walk"), site.recall("turns")
    cores, telling = _cores_at(site, number), site.recall(f"telling-{number}")
    found: Found = site.recall(f"found-{number}")
    told = {name: values.copy() for name, values in telling.items()}
    for other, (messages, _) in site.receive(f"round-{number}"):
        for name, values in messages.items():
            told[name][walk.near[other]] = values
    for name, core in cores.items():
        if number < len(turns[name]):
            core.telling = told[name]
            core.hear(1)
            core.speaks &= walk.is_own
    site.keep(f"reach-{number + 1}", {
        name: (core.told, core.speaks) for name, core in cores.items()
    })  # fmt: skip
    site.keep(f"found-{number + 1}", _searched(site, with_halo(site, found, number)))


@dataclass(frozen=True, slots=True)
class Found:
    """The best arrivals so far, as ``Witness`` describes them; ``first_from`` by row."""

    part: Carrying
    first_slot: Numbers
    second_slot: Numbers
    first_prob: Floats
    second_prob: Floats
    first_from: Numbers
    n_done: int

    @classmethod
    def begin(cls, part: Carrying, seeds: Seeds, n_hops: int) -> Found:
        """Begin with the seeds themselves."""
        seed = seeds.bad_strength[part.row]
        first, second = (np.full((n_hops, len(seed)), NONE, dtype=np.int32) for _ in range(2))
        first[0][seed > 0] = SEED
        nobody = np.full(len(seed), -1, dtype=np.int32)
        return cls(part, first, second, seed, np.zeros(len(seed)), nobody, 1)

    def of_entities(self, number: Ints) -> dict[str, NDArray[Any]]:
        """Lay arrivals out by entity; ``first_from`` by number among those of all blocks."""
        part = self.part
        n_entities = len(part.place)
        columns: dict[str, NDArray[Any]] = {
            "first_prob": np.zeros(n_entities),
            "second_prob": np.zeros(n_entities),
            "first_from": np.full(n_entities, -1, dtype=np.int64),
        }
        columns["first_prob"][part.row] = self.first_prob
        columns["second_prob"][part.row] = self.second_prob
        came = self.first_from >= 0
        columns["first_from"][part.row[came]] = number[part.row[self.first_from[came]]]
        return columns


def with_halo(site: Site, found: Found, number: int) -> Found:
    """Return what was found, with what neighbours found by a round."""
    border, numbers, part = site.recall("border"), site.recall("numbers"), found.part
    arrivals = found.of_entities(numbers)
    for other, (_, told) in site.receive(f"round-{number}"):
        for name, values in told.items():
            arrivals[name][border.halo[other]] = values
    here = places_of(numbers, arrivals["first_from"][part.row])
    first_from = np.where(here >= 0, part.place[here], np.int32(-1)).astype(np.int32)
    return Found(
        part, found.first_slot, found.second_slot, arrivals["first_prob"][part.row],
        arrivals["second_prob"][part.row], first_from, found.n_done,
    )  # fmt: skip


def _searched(site: Site, found: Found) -> Found:
    """Search one link further, if the paths may be longer yet."""
    h, part = found.n_done, found.part
    if h >= len(found.first_slot):
        return found
    in_prob, own_only, seed = site.recall("search")
    first_slot, second_slot = found.first_slot.copy(), found.second_slot.copy()
    first_prob, second_prob = np.zeros(len(seed)), np.zeros(len(seed))
    first_from = found.first_from.copy()
    search_round(
        0, len(seed), part.offsets, part.neighbor, in_prob, own_only, seed,
        found.first_from, found.first_prob, found.second_prob,
        first_slot[h], second_slot[h], first_from, first_prob, second_prob,
    )  # fmt: skip
    return Found(part, first_slot, second_slot, first_prob, second_prob, first_from, h + 1)


def spread(site: Site, number: int) -> int:
    """Spread mass within the block until it rests; return how much moved, in entities."""
    border: Border = site.recall("border")
    ranks = site.recall("ranks")
    masses = {name: mass.copy() for name, mass in site.recall(f"mass-{number}").items()}
    if number:
        for other, told in site.receive(f"mass-{number}"):
            for name, values in told.items():
                masses[name][border.halo[other]] = values
    order = np.argsort(~border.is_own, kind="stable")
    n_moved = 0
    for name, rank in ranks.items():
        mass = masses[name][order]
        before = mass.copy()
        changed_in = np.full(len(mass), -1, dtype=np.int32)
        n_own = len(rank.start)
        for sweep in range(MOST_SWEEPS):
            if not sweep_rows(
                0, n_own, rank.begins, rank.near, rank.rate, rank.start, mass, changed_in, sweep,
                False,
            ):  # fmt: skip
                break
        n_moved += int((mass != before).sum())
        masses[name][order] = mass
    site.keep(f"mass-{number + 1}", masses)
    if number > 2:  # the first are kept, so that all can begin again
        site.drop(f"mass-{number - 1}")
    site.send(f"mass-{number + 1}", {
        other: {name: mass[mine] for name, mass in masses.items()}
        for other, mine in border.mine.items()
    })  # fmt: skip
    return n_moved
