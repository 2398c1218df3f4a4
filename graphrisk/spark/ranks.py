"""PageRank in blocks: mass is spread within each until it rests, then borders are exchanged.

It is a least fixed point of whole units that any schedule reaches, so neither the number of
blocks nor what is in them changes one bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
