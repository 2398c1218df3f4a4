"""Personalised PageRank in which every seed keeps mass one, solved exactly in whole units.

    x = (1 - d) * s + d * P' x,   P_{uv} = w_{uv} / (sum of w_{u.})

Mass is counted in units of 2**-40 of a seed and every product is rounded down, so one sweep is a
monotone map of whole numbers. Sweeping up from anywhere below reaches its least fixed point, which
is the same for any order of rows, any number of threads and any schedule of updates (Knaster and
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
from graphrisk.propagation.flow import Flow
from graphrisk.propagation.headstart import head_start
from graphrisk.threads import over_ranges, over_rows

#: Share of the rows from below which on only those that hear of a change are looked at.
FEW_CHANGED = 0.05


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
    flow: Flow | None = None,
    n_threads: int = 1,
) -> NDArray[np.int64]:
    """Spread the seeds' mass until not one unit moves any more.

    Parameters
    ----------
    offsets, neighbor
        Rows of slots, as ``LinkGraph`` describes them.
    in_share
        From :func:`transition`, shape (n_slots,): of one entity's mass no more than all arrives.
    seed_mass
        Mass of each entity's seed, usually 1 or 0, shape (n_entities,).
    damping
        Share of its mass that an entity passes on, in (0, 1).
    max_sweeps
        Sweeps after which it gives up.
    flow
        Where mass can move, if it is known already.
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
    if flow is None:
        flow = Flow.of(offsets, neighbor, in_share, mass > 0, n_threads=n_threads)
    rate, start, n = flow.rates(in_share, damping, n_threads), mass[flow.row], flow.n_senders
    received, begins = start.copy(), flow.offsets[: n + 1]
    changed_in, n_sweeps, n_changed = np.full(n, -1, dtype=np.int32), 0, n
    with ThreadPoolExecutor(n_threads) as pool:
        received[:n] = head_start(
            begins, flow.near, rate, start[:n], damping, n_threads=n_threads, pool=pool
        )
        while n_changed > FEW_CHANGED * n and n_sweeps < max_sweeps:
            n_changed = over_rows(
                sweep_rows, begins, n_threads, flow.near, rate, start, received, changed_in,
                n_sweeps, False, pool=pool,
            )  # fmt: skip
            n_sweeps += 1
    changed = np.flatnonzero(changed_in == n_sweeps - 1)
    if n_changed and settle(
        changed, (max_sweeps - n_sweeps) * n, flow.row, flow.place, offsets, neighbor,
        begins, flow.near, rate, start, received,
    ):  # fmt: skip
        raise NotConverged(
            f"PageRank still moved mass after {max_sweeps} sweeps at damping {damping}",
            expected=f"a fixed point within about {math.ceil(-28.0 / math.log(damping))} sweeps",
            hint="raise pagerank.max_sweeps in the policy, or lower pagerank.damping",
        )
    over_ranges(
        _receive, len(start) - n, n_threads, flow.offsets[n:], flow.near, rate, start[n:],
        received, received[n:],
    )  # fmt: skip
    mass[flow.row] = received
    return mass


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


@compiled
def _arrived(
    v: int, offsets: Ints, near: Numbers, rate: Floats, start: Ints, mass: Ints
) -> np.int64:
    units = np.int64(start[v])
    for j in range(offsets[v], offsets[v + 1]):
        units += np.int64(rate[j] * mass[near[j]])
    return units


@compiled
def _receive(
    first: int, last: int, offsets: Ints, near: Numbers, rate: Floats, start: Ints, mass: Ints,
    received: Ints,
) -> int:  # fmt: skip
    """Add up what arrives at rows that send nothing."""
    for v in range(first, last):
        received[v] = _arrived(v, offsets, near, rate, start, mass)
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

    Other threads may be writing the mass read here. Every value met lies between one that climbs
    from below and the fixed point, and that is all that convergence to it needs. Where few rows
    have heard of a change, ``looks`` says to pass over rows whose sources have changed neither in
    this sweep nor in the one before: what they would add up is what they added up last.
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
        units = _arrived(v, offsets, neighbor, in_rate, start, mass)
        if units != mass[v]:
            mass[v] = units
            changed_in[v] = sweep
            n_changed += 1
    return n_changed


@compiled
def settle(
    changed: Ints,
    most: int,
    row: Numbers,
    place: Numbers,
    offsets: Ints,
    neighbor: Numbers,
    begins: Ints,
    near: Numbers,
    rate: Floats,
    start: Ints,
    mass: Ints,
) -> int:
    """Update rows that hear of a change, and those that hear of that, until nothing moves.

    Where few rows change, a sweep spends its time on the others.

    Parameters
    ----------
    changed
        Rows that have changed since those that hear of them were looked at.
    most
        Updates after which it gives up.
    row, place, begins, near, rate
        As ``Flow`` describes them, of its senders.
    offsets, neighbor
        The rows of the graph.
    start, mass
        What each row has of its own, and what it has now; updated in place.

    Returns
    -------
    int
        How many rows are still to be looked at; none unless it has given up.
    """
    n = len(begins) - 1
    waits, queue = np.zeros(n, np.bool_), np.empty(n, np.int32)
    first = n_waiting = n_updates = 0
    for v in changed:
        n_waiting = _call(v, row, place, offsets, neighbor, waits, queue, first, n_waiting)
    while n_waiting > 0 and n_updates < most:
        v = queue[first]
        first = first + 1 if first + 1 < n else 0
        n_waiting -= 1
        n_updates += 1
        waits[v] = False
        units = _arrived(v, begins, near, rate, start, mass)
        if units != mass[v]:
            mass[v] = units
            n_waiting = _call(v, row, place, offsets, neighbor, waits, queue, first, n_waiting)
    return n_waiting


@compiled
def _call(
    v: int, row: Numbers, place: Numbers, offsets: Ints, neighbor: Numbers, waits: Flags,
    queue: Numbers, first: int, n_waiting: int,
) -> int:  # fmt: skip
    """Put the rows that may hear of a row's change at the end of the queue, if not in it."""
    n = len(waits)
    for j in range(offsets[row[v]], offsets[row[v] + 1]):
        u = place[neighbor[j]]
        if 0 <= u < n and not waits[u]:
            waits[u] = True
            at = first + n_waiting
            queue[at if at < n else at - n] = u
            n_waiting += 1
    return n_waiting
