"""Per-family sums over the slots of chosen entities: what each kernel brought, by family."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Codes, Flags, Floats, Ints, Numbers, compiled
from graphrisk.propagation.fixed import CEILING, mass_from_units, nats_from_units

#: For a kernel: no slot is closed.
NONE_CLOSED = np.zeros(0, dtype=bool)


def family_nats(
    rows: NDArray[np.int32],
    offsets: NDArray[np.int64],
    family_in: NDArray[np.int8],
    message_units: NDArray[np.int64],
    n_families: int,
) -> NDArray[np.float64]:
    """Sum reach messages by family.

    Returns
    -------
    numpy.ndarray
        Nats >= 0, shape (len(rows), n_families).
    """
    units = _sum_by_family(rows, offsets, family_in, message_units, n_families)
    return nats_from_units(-units)


def family_mass(
    rows: NDArray[np.int32],
    offsets: NDArray[np.int64],
    neighbor: NDArray[np.int32],
    family_in: NDArray[np.int8],
    in_rate: NDArray[np.float64],
    mass_units: NDArray[np.int64],
    n_families: int,
    closed: NDArray[np.bool_] = NONE_CLOSED,
) -> NDArray[np.float64]:
    """Sum the PageRank mass that arrives over links, by family.

    ``closed`` marks the slots over which nothing arrives whatever their rate; none by default.

    Returns
    -------
    numpy.ndarray
        Mass in seeds >= 0, shape (len(rows), n_families).
    """
    units = _arrivals_by_family(
        rows, offsets, neighbor, family_in, in_rate, mass_units, n_families, closed
    )
    return mass_from_units(units)


@compiled
def _sum_by_family(
    rows: Numbers, offsets: Ints, family_in: Codes, units: Ints, n_families: int
) -> Ints:
    sums = np.zeros((len(rows), n_families), np.int64)
    for i in range(len(rows)):
        for j in range(offsets[rows[i]], offsets[rows[i] + 1]):
            if units[j] < 0:
                sums[i, family_in[j]] = max(sums[i, family_in[j]] + units[j], -CEILING)
    return sums


@compiled
def _arrivals_by_family(
    rows: Numbers,
    offsets: Ints,
    neighbor: Numbers,
    family_in: Codes,
    in_rate: Floats,
    mass: Ints,
    n_families: int,
    closed: Flags,
) -> Ints:
    sums = np.zeros((len(rows), n_families), np.int64)
    for i in range(len(rows)):
        for j in range(offsets[rows[i]], offsets[rows[i] + 1]):
            if in_rate[j] > 0.0 and not (len(closed) and closed[j]):
                sums[i, family_in[j]] += np.int64(in_rate[j] * mass[neighbor[j]])
    return sums
