"""Rounds of messages: each block runs the kernels on its own rows, then borders are exchanged.

Reach sends what was told over the links between two blocks; the search for paths sends the best
arrivals at border entities. Sums are in whole units and both are synchronous, so neither the
number of blocks nor what is in them changes one bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers
from graphrisk.graph.hubs import is_identifier
from graphrisk.model.policy import Policy
from graphrisk.propagation.backing import backing_runs
from graphrisk.propagation.carrying import Carrying, carrying
from graphrisk.propagation.messages import add_up
from graphrisk.propagation.reach import STEP, Core, own_units, turns_of_slots
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights
from graphrisk.spark.block import Block
from graphrisk.spark.place import Site
from graphrisk.spark.ranks import BAD, GOOD, ranks_of
from graphrisk.spark.searching import Found, searched, with_halo
from graphrisk.spark.weighing import weighed_with_halo
from graphrisk.spark.wide import tie_pairs

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
    # What changes from round to round is kept by itself, so that it need not be read twice.
    nothing = np.zeros(0, dtype=np.int64)
    site.keep("cores", {
        name: replace(core, total=nothing, told=nothing, telling=nothing)
        for name, core in cores.items()
    })  # fmt: skip
    ranks = ranks_of(block, weights, seeds, in_share, run.policy)
    site.keep("ranks", ranks)
    site.keep("mass-0", {name: (rank.mass, False) for name, rank in ranks.items()})
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
            name: (weights.out_prob if carries is None else weights.out_prob * carries, bad, turn)
            for name, (carries, bad) in zip(
                BACKING, backing_runs(graph, weights, seeds, policy), strict=True
            )
        },
    }
    cores = {}
    for name, (out_prob, strength, of_turn) in runs.items():
        core = Core.of(part, own_units(strength), out_prob, weights.own_only, of_turn)
        core.speaks &= block.is_own[part.row]
        cores[name] = core
    return cores


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
    kept: dict[str, Core] = site.recall("cores")
    cores = {}
    for name, (told, speaks) in site.recall(f"reach-{number}").items():
        core = replace(
            kept[name], told=told.copy(), speaks=speaks.copy(),
            telling=np.zeros_like(told), total=np.empty_like(kept[name].own),
        )  # fmt: skip
        add_up(0, len(core.own), core.part.offsets, core.own, core.told, core.total)
        cores[name] = core
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
    site.keep(f"found-{number + 1}", searched(site, with_halo(site, found, number)))
