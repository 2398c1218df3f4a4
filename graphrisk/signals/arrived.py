"""What propagation brought to each entity, before it is made into terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.column import Column
from graphrisk.model.policy import Policy
from graphrisk.propagation.carrying import Carrying
from graphrisk.propagation.families import NONE_CLOSED, family_mass, family_nats
from graphrisk.propagation.flow import Flow
from graphrisk.propagation.pagerank import pagerank, transition
from graphrisk.propagation.reach import reach
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.shares import damp, undamped, unvouched
from graphrisk.propagation.ties import Ties, find_ties, tie_share_by_family
from graphrisk.propagation.weights import Weights


@dataclass(frozen=True, slots=True)
class Undamped:
    """Rates beside damped ones, kept where they differ: hardly any slot is damped.

    Attributes
    ----------
    slot
        Slots, rising, shape (n,), int64.
    rate
        The rates there, shape (n,), float64.
    """

    slot: NDArray[np.int64]
    rate: NDArray[np.float64]

    @classmethod
    def beside(cls, damped_rate: NDArray[np.float64], rate: NDArray[np.float64]) -> Undamped:
        """Keep of rates, shape (n_slots,), those that differ from damped ones."""
        slot = np.flatnonzero(damped_rate != rate)
        return cls(slot, rate[slot])

    def of(self, damped_rate: NDArray[np.float64], some: slice) -> NDArray[np.float64]:
        """Give the rates of a range of slots, of which the damped ones are known."""
        here = slice(*np.searchsorted(self.slot, (some.start, some.stop)).tolist())
        rate = damped_rate.copy()
        rate[self.slot[here] - some.start] = self.rate[here]
        return rate


@dataclass(frozen=True, slots=True)
class Propagated:
    """Both kernels from both sides.

    Attributes
    ----------
    bad_units, good_units
        For each slot what the neighbour told the row's entity of bad seeds, and of good ones, as
        ``Reached.message_units``, kept as columns.
    in_rate
        Damped share of the neighbour's mass that arrives over each slot, of bad mass and of good,
        shape (n_slots,).
    undamped
        The same of standing mass, which innocent sharing does not damp.
    unvouched
        Slots over which no good mass arrives, since nothing vouches, shape (n_slots,), bool.
    bad_mass, good_mass, standing_mass
        PageRank mass from bad seeds, from good ones, and from good ones and accounts without a
        label together, in units of 2**-40 of a seed, shape (n_entities,), int64.
    ties
        Uses of a thing that a confirmed bad account uses too.
    prevalence_prob
        How common bad accounts are known to be.
    """

    bad_units: Column
    good_units: Column
    in_rate: NDArray[np.float64]
    undamped: Undamped
    unvouched: NDArray[np.bool_]
    bad_mass: NDArray[np.int64]
    good_mass: NDArray[np.int64]
    standing_mass: NDArray[np.int64]
    ties: Ties
    prevalence_prob: float


@dataclass(frozen=True, slots=True)
class LinkedEvidence:
    """What links brought to chosen entities, before it is made into terms.

    Attributes
    ----------
    reach_nats
        Reach from bad seeds by family, uncapped, shape (n, n_families).
    bad_mass
        PageRank mass from bad seeds that arrived over links, by family, in seeds, same shape.
    reach_good_nats, good_mass
        The same from good seeds, over all families, shape (n,).
    standing_mass
        The same from good seeds and from accounts without a label, in seeds, shape (n,).
    tie_share, n_tied
        The strongest tie to a confirmed bad account by family, as a share of a whole one, and to
        how many it is, shape (n, n_families).
    prevalence_prob
        How common bad accounts are known to be.
    """

    reach_nats: NDArray[np.float64]
    bad_mass: NDArray[np.float64]
    reach_good_nats: NDArray[np.float64]
    good_mass: NDArray[np.float64]
    standing_mass: NDArray[np.float64]
    tie_share: NDArray[np.float64]
    n_tied: NDArray[np.float64]
    prevalence_prob: float


def propagate(
    graph: LinkGraph,
    weights: Weights,
    seeds: Seeds,
    policy: Policy,
    *,
    part: Carrying | None = None,
    n_threads: int,
) -> Propagated:
    """Run reach and PageRank from bad and from good seeds.

    Raises
    ------
    NotConverged
        If PageRank does not reach its fixed point.
    """
    rows = (graph.offsets, graph.neighbor)
    # Each run takes as much memory as all slots, so one comes after the other, and what is left
    # of it is kept in as few numbers as it takes.
    ties = find_ties(graph, weights, seeds)

    def told(out_prob: NDArray[np.float64], strength: NDArray[np.float64], n_hops: int) -> Column:
        units = reach(
            *rows, graph.reverse, out_prob, strength,
            n_hops=n_hops, message_floor_prob=policy.reach.message_floor_prob,
            own_only=weights.own_only, part=part, n_threads=n_threads,
        ).message_units  # fmt: skip
        return Column.of(units)

    good_units = told(
        weights.out_prob * weights.vouches, seeds.good_strength, policy.reach.good_n_hops
    )
    bad_units = told(weights.out_prob, seeds.bad_strength, policy.reach.n_hops)

    # What innocent sharing damps is lost on the way: were it damped before mass is divided, all
    # of it would arrive nevertheless. What is to be expected of a place is not damped: else those
    # who share innocently would stand out from nobody, and a little bad mass would say more.
    in_share = _shares(graph, weights, n_threads)
    bad, good = seeds.bad_strength > 0, seeds.good_strength > 0
    unlabelled = ~(bad | good | is_identifier(graph))
    # One run for all in good standing: a label on one of them leaves it exactly as it was.
    standing = np.where(good, 1.0, policy.pagerank.presumed_good_mass * unlabelled)
    flow = Flow.of(*rows, in_share, bad | good | (standing > 0), n_threads=n_threads)

    def spread(share: NDArray[np.float64], seed_mass: NDArray[np.float64]) -> NDArray[np.int64]:
        return pagerank(
            *rows, share, seed_mass,
            damping=policy.pagerank.damping,
            max_sweeps=policy.pagerank.max_sweeps,
            flow=flow,
            n_threads=n_threads,
        )  # fmt: skip

    standing_mass = spread(in_share, standing)
    del standing, unlabelled
    # What somebody did to others says nothing good of him. What is to be expected of a place is
    # asked of all links: it takes away what PageRank would say against him, and no more.
    undamped_shares = Undamped(*damp(in_share, graph.reverse, weights.sharing.kept_passes))
    damped_share = in_share
    closed_to_good = unvouched(graph.reverse, weights.vouches, n_threads=n_threads)
    bad_mass = spread(damped_share, bad.astype(np.float64))
    closed = np.flatnonzero(closed_to_good)
    held_back = damped_share[closed]
    damped_share[closed] = 0.0
    good_mass = spread(damped_share, good.astype(np.float64))
    damped_share[closed] = held_back
    for share in (damped_share, undamped_shares.rate):
        np.multiply(share, policy.pagerank.damping, out=share)
    return Propagated(
        bad_units, good_units, damped_share, undamped_shares, closed_to_good,
        bad_mass, good_mass, standing_mass, ties, seeds.prevalence_prob,
    )  # fmt: skip


def _shares(graph: LinkGraph, weights: Weights, n_threads: int) -> NDArray[np.float64]:
    """Divide each entity's mass among its links, innocent sharing left out, shape (n_slots,)."""
    passing_on = undamped(weights.out_prob, weights.sharing.kept_passes, weights.own_only)
    return transition(
        graph.offsets, graph.neighbor, graph.reverse, passing_on, is_identifier(graph),
        n_threads=n_threads,
    )  # fmt: skip


def linked_evidence(
    rows: NDArray[np.int32], graph: LinkGraph, weights: Weights, propagated: Propagated
) -> LinkedEvidence:
    """Sum what arrived at each of ``rows``, by family.

    Of the slots from the first of the rows to the last, numbers are laid out: rows that lie close
    together cost least.
    """
    n_families = len(weights.families)
    low, high = (int(rows.min()), int(rows.max()) + 1) if len(rows) else (0, 0)
    some = slice(int(graph.offsets[low]), int(graph.offsets[high]))
    near, offsets = rows - np.int32(low), graph.offsets[low : high + 1] - some.start
    neighbor, family_in = graph.neighbor[some], weights.family_in[some]
    in_rate = propagated.in_rate[some]

    def nats(units: Column) -> NDArray[np.float64]:
        return family_nats(near, offsets, family_in, units[some], n_families)

    def mass(
        units: NDArray[np.int64],
        rate: NDArray[np.float64],
        closed: NDArray[np.bool_] = NONE_CLOSED,
    ) -> NDArray[np.float64]:
        return family_mass(near, offsets, neighbor, family_in, rate, units, n_families, closed)

    tie_share, n_tied = tie_share_by_family(
        rows, graph, weights.family_in, propagated.ties, n_families
    )
    unvouched, undamped_rate = propagated.unvouched[some], propagated.undamped.of(in_rate, some)
    return LinkedEvidence(
        reach_nats=nats(propagated.bad_units),
        bad_mass=mass(propagated.bad_mass, in_rate),
        reach_good_nats=nats(propagated.good_units).sum(axis=1),
        good_mass=mass(propagated.good_mass, in_rate, unvouched).sum(axis=1),
        standing_mass=mass(propagated.standing_mass, undamped_rate).sum(axis=1),
        tie_share=tie_share,
        n_tied=n_tied,
        prevalence_prob=propagated.prevalence_prob,
    )
