"""PageRank in blocks: mass is spread within each until it rests, then borders are exchanged.

It is a least fixed point of whole units that any schedule reaches, so neither the number of
blocks nor what is in them changes one bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Floats, Ints, Numbers
from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.policy import Policy
from graphrisk.propagation.pagerank import starting_mass, sweep_rows
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights
from graphrisk.spark.block import Block, Border
from graphrisk.spark.place import Site

#: Sweeps of one block before it hears from its neighbours again.
MOST_SWEEPS = 64
BAD, GOOD, STANDING = "bad", "good", "standing"


@dataclass(frozen=True, slots=True)
class Rank:
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


def ranks_of(
    block: Block, weights: Weights, seeds: Seeds, in_share: Floats, policy: Policy
) -> dict[str, Rank]:
    """Lay out the three PageRanks of a block: of bad, of good, and of standing mass."""
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
        ranks[name] = Rank(
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


def spread(site: Site, number: int) -> int:
    """Spread mass within the block until it rests; return how much moved, in entities.

    Neighbours are told what moved, and only rows that hear of it are looked at again.
    """
    border: Border = site.recall("border")
    kept = site.recall(f"mass-{number}")
    order = np.argsort(~border.is_own, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    masses, moved = {}, {}
    came = _came(site, border, number)
    for name, rank in site.recall("ranks").items():
        mass, changed_in = kept[name][0][order], np.full(len(order), _LONG_AGO, dtype=np.int32)
        for rows, values in came.get(name, ()):
            mass[place[rows]], changed_in[place[rows]] = values, _JUST_NOW
        if not kept[name][1]:
            changed_in[:] = _JUST_NOW
        before = mass.copy()
        rests = _spread(rank, mass, changed_in, looks=bool(number))
        masses[name] = mass[place], rests
        moved[name] = (mass != before)[place]
    site.keep(f"mass-{number + 1}", masses)
    if number > 2:  # the first are kept, so that all can begin again
        site.drop(f"mass-{number - 1}")
    site.send(f"mass-{number + 1}", {
        other: {
            name: (at := np.flatnonzero(moved[name][mine]).astype(np.int32), mass[mine[at]])
            for name, (mass, _) in masses.items()
        }
        for other, mine in border.mine.items()
    })  # fmt: skip
    return sum(int(one.sum()) for one in moved.values())


#: In which sweep a source has changed last: before the round, or with what has just been heard.
_LONG_AGO, _JUST_NOW = -2, -1


def _came(
    site: Site, border: Border, number: int
) -> dict[str, list[tuple[NDArray[np.int64], Ints]]]:
    """Return by PageRank the halo entities whose mass moved, and what it is now."""
    came: dict[str, list[tuple[NDArray[np.int64], Ints]]] = {}
    if number:
        for other, told in site.receive(f"mass-{number}"):
            for name, (at, values) in told.items():
                came.setdefault(name, []).append((border.halo[other][at], values))
    return came


def _spread(rank: Rank, mass: Ints, changed_in: Numbers, *, looks: bool) -> bool:
    """Sweep own rows, in place, until nothing moves or for long enough; say if it rests."""
    for sweep in range(MOST_SWEEPS):
        if not sweep_rows(
            0, len(rank.start), rank.begins, rank.near, rank.rate, rank.start, mass, changed_in,
            sweep, looks,
        ):  # fmt: skip
            return True
    return False
