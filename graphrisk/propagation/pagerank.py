"""Personalised PageRank in which every seed keeps mass one, solved exactly in whole units.

    x = (1 - d) * s + d * P' x,   P_{uv} = w_{uv} / (sum of w_{u.})

Mass is counted in units of 2**-40 of a seed and every product is rounded down, so one sweep is a
monotone map of whole numbers. Sweeping up from zero reaches its least fixed point, which is the
same for any order of rows, any number of threads and any schedule of updates (Knaster and
Tarski; chaotic iteration, Cousot 1977), and which never falls when a seed is added. Rounding
costs at most (links of an entity) * 2**-40 / (1 - d) of a seed. See
docs/adr/0002-pagerank-least-fixed-point.md.

Source: Page et al. 1999; Haveliwala 2002 (topic-sensitive PageRank).
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Floats, Ints, Numbers, compiled
from graphrisk.errors import NotConverged
from graphrisk.propagation.fixed import MASS
from graphrisk.threads import over_rows

#: Share of the rows from below which on a sweep looks for what has changed before it adds up.
FEW_CHANGED = 0.1


def transition(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    reverse: NDArray[np.int32],
    out_prob: NDArray[np.float64],
    is_identifier: NDArray[np.bool_],
    *,
    n_threads: int = 1,
) -> NDArray[np.float64]:
    """Divide each entity's mass among its links by their weights.

    An identifier with one link leads nowhere, so nothing is sent to it; it may still send.

    Returns
    -------
    numpy.ndarray
        For each slot the share that *arrives* at the row's entity out of the neighbour's mass,
        in [0, 1], shape (n_slots,), float64.
    """
    leads_nowhere = is_identifier & (np.diff(offsets) == 1)
    return arriving_shares(offsets, neighbor, reverse, out_prob, leads_nowhere, n_threads=n_threads)


def arriving_shares(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    reverse: NDArray[np.int32],
    out_prob: NDArray[np.float64],
    leads_nowhere: NDArray[np.bool_],
    units_elsewhere: Ints | None = None,
    *,
    n_threads: int = 1,
) -> NDArray[np.float64]:
    """Divide masses as :func:`transition` does, given the entities that nothing is sent to.

    ``units_elsewhere`` is what :func:`units_sent` says of links that are not in the graph, shape
    (n_entities,); nothing by default.
    """
    in_share = np.zeros(len(neighbor), dtype=np.float64)
    elsewhere = np.zeros(0, dtype=np.int64) if units_elsewhere is None else units_elsewhere
    over_rows(
        _normalise, offsets, n_threads, neighbor, reverse, out_prob, leads_nowhere, elsewhere,
        in_share,
    )  # fmt: skip
    return in_share


@compiled
def units_sent(
    first: int, last: int, neighbor: Numbers, out_prob: Floats, leads_nowhere: Flags
) -> np.int64:
    """Add up, in units, the weights of the slots between which a mass is divided."""
    weight = np.int64(0)
    for j in range(first, last):
        if not leads_nowhere[neighbor[j]]:
            weight += np.int64(np.rint(out_prob[j] * MASS))
    return weight


def pagerank(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    in_share: NDArray[np.float64],
    seed_mass: NDArray[np.float64],
    *,
    damping: float,
    max_sweeps: int = 5000,
    n_threads: int = 1,
) -> NDArray[np.int64]:
    """Spread the seeds' mass until not one unit moves any more.

    Parameters
    ----------
    offsets, neighbor
        Rows of slots, as ``LinkGraph`` describes them.
    in_share
        From :func:`transition`, shape (n_slots,).
    seed_mass
        Mass of each entity's seed, usually 1 or 0, shape (n_entities,).
    damping
        Share of its mass that an entity passes on, in (0, 1).
    max_sweeps
        Sweeps after which it gives up.
    n_threads
        Threads to use; the result has the same bytes for any number.

    Returns
    -------
    numpy.ndarray
        Mass in units of 2**-40 of a seed, shape (n_entities,), int64. Total mass of all
        entities is at most that of the seeds; it is less where mass meets a dead end.

    Raises
    ------
    NotConverged
        If units still move after ``max_sweeps``.
    """
    mass = starting_mass(seed_mass, damping)
    rows, offsets, neighbor, in_rate, start = _receiving(
        offsets, neighbor, in_share, damping, mass, n_threads
    )
    received, changed_in = start.copy(), np.full(len(rows), -1, dtype=np.int32)
    n_changed = len(rows)
    with ThreadPoolExecutor(n_threads) as pool:
        for sweep in range(max_sweeps):
            looks = n_changed < FEW_CHANGED * len(rows)
            n_changed = over_rows(
                sweep_rows, offsets, n_threads, neighbor, in_rate, start, received, changed_in,
                sweep, looks, pool=pool,
            )  # fmt: skip
            if not n_changed:
                mass[rows] = received
                return mass
    raise NotConverged(
        f"PageRank still moved mass after {max_sweeps} sweeps at damping {damping}",
        expected=f"a fixed point within about {math.ceil(-28.0 / math.log(damping))} sweeps",
        hint="raise pagerank.max_sweeps in the policy, or lower pagerank.damping",
    )


def starting_mass(seed_mass: NDArray[np.float64], damping: float) -> NDArray[np.int64]:
    """Give what each entity has from its own seed, in units, shape (n_entities,)."""
    return np.floor((1.0 - damping) * seed_mass * MASS).astype(np.int64)


@compiled
def _normalise(
    first: int,
    last: int,
    offsets: Ints,
    neighbor: Numbers,
    reverse: Numbers,
    out_prob: Floats,
    leads_nowhere: Flags,
    elsewhere: Ints,
    in_share: Floats,
) -> int:
    for v in range(first, last):
        weight = units_sent(offsets[v], offsets[v + 1], neighbor, out_prob, leads_nowhere)
        if len(elsewhere):
            weight += elsewhere[v]
        if weight > 0:
            for j in range(offsets[v], offsets[v + 1]):
                if not leads_nowhere[neighbor[j]]:
                    in_share[reverse[j]] = np.rint(out_prob[j] * MASS) / weight
    return 0


def _receiving(
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    in_share: NDArray[np.float64],
    damping: float,
    mass: NDArray[np.int64],
    n_threads: int,
) -> tuple[Ints, Ints, Numbers, Floats, Ints]:
    """Keep the rows that receive mass, numbered anew, and the slots over which it can change.

    Links to lenders, to protected hubs and to identifiers of one account carry none: on a
    lender's book they are most of all links. What receives nothing sends the same every time, so
    that is part of what its neighbours start with.

    Returns
    -------
    rows, offsets, neighbor, in_rate, start
        The entity of each row; where rows begin; the row that each slot receives from, and its
        damped share; and what each row has before anything changes.
    """
    n_entities = len(offsets) - 1
    n_kept = np.full(n_entities, -1, dtype=np.int32)
    over_rows(_count_receiving, offsets, n_threads, in_share, n_kept)
    receives = n_kept >= 0
    over_rows(_count_changing, offsets, n_threads, neighbor, in_share, receives, n_kept)
    rows = np.flatnonzero(receives)
    begins = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(n_kept[rows], out=begins[1:])
    place = np.full(n_entities, -1, dtype=np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    near = np.empty(begins[-1], dtype=np.int32)
    rate, start = np.empty(begins[-1], dtype=np.float64), mass[rows]
    over_rows(
        _lay_out, begins, n_threads, rows, offsets, neighbor, in_share, damping, place, mass,
        near, rate, start,
    )  # fmt: skip
    return rows, begins, near, rate, start


@compiled
def _count_receiving(
    first: int, last: int, offsets: Ints, in_share: Floats, n_kept: Numbers
) -> int:
    """Mark with a zero the rows over whose slots anything arrives."""
    for v in range(first, last):
        for j in range(offsets[v], offsets[v + 1]):
            if in_share[j] > 0.0:
                n_kept[v] = 0
                break
    return 0


@compiled
def _count_changing(
    first: int,
    last: int,
    offsets: Ints,
    neighbor: Numbers,
    in_share: Floats,
    receives: Flags,
    n_kept: Numbers,
) -> int:
    for v in range(first, last):
        for j in range(offsets[v], offsets[v + 1]):
            if in_share[j] > 0.0 and receives[neighbor[j]]:
                n_kept[v] += 1
    return 0


@compiled
def _lay_out(
    first: int,
    last: int,
    begins: Ints,
    rows: Ints,
    offsets: Ints,
    neighbor: Numbers,
    in_share: Floats,
    damping: float,
    place: Numbers,
    mass: Ints,
    near: Numbers,
    rate: Floats,
    start: Ints,
) -> int:
    for i in range(first, last):
        at = begins[i]
        for j in range(offsets[rows[i]], offsets[rows[i] + 1]):
            if in_share[j] > 0.0:
                arriving = damping * in_share[j]
                if place[neighbor[j]] >= 0:
                    near[at], rate[at] = place[neighbor[j]], arriving
                    at += 1
                else:
                    start[i] += np.int64(arriving * mass[neighbor[j]])
    return 0


@compiled
def sweep_rows(
    first: int,
    last: int,
    offsets: Ints,
    neighbor: Numbers,
    in_rate: Floats,
    start: Ints,
    mass: Ints,
    changed_in: Numbers,
    sweep: int,
    looks: bool,
) -> int:
    """Update the rows in place; return how many changed.

    Other threads may be writing the mass read here. Every value met lies between zero and the
    fixed point, and that is all that convergence to it needs. Where hardly any row changes any
    more, ``looks`` says to pass over rows whose sources have changed neither in this sweep nor
    in the one before: what they would add up is what they added up last.
    """
    n_changed = 0
    for v in range(first, last):
        if looks:
            is_new = False
            for j in range(offsets[v], offsets[v + 1]):
                if changed_in[neighbor[j]] >= sweep - 1:
                    is_new = True
                    break
            if not is_new:
                continue
        units = start[v]
        for j in range(offsets[v], offsets[v + 1]):
            units += np.int64(in_rate[j] * mass[neighbor[j]])
        if units != mass[v]:
            mass[v] = units
            changed_in[v] = sweep
            n_changed += 1
    return n_changed
