"""Fixed-point numbers for sums, so that the order of adding never changes a byte.

Floating sums depend on their order: on the order of rows, on the numbering of ids, on how many
threads share the work. Every sum in propagation is therefore taken over whole numbers: nats in
units of 2**-48, mass in units of 2**-40. Whole numbers also make retraction exact. See
docs/adr/0001-fixed-point-sums.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Units in one nat.
NAT: float = float(2**48)
#: Evidence of more nats than this is certainty; sums stop here, far from overflow.
CEILING_NATS: int = 2**13
CEILING: int = CEILING_NATS * 2**48

#: Units in the mass of one seed. A whole book of seeds (2**22) still fits a 64-bit number.
MASS: float = float(2**40)


def nats_from_units(units: NDArray[np.int64]) -> NDArray[np.float64]:
    """Convert whole units to nats, any shape."""
    return np.asarray(units / NAT, dtype=np.float64)


def units_from_nats(nats: NDArray[np.float64]) -> NDArray[np.int64]:
    """Convert nats to whole units, nearest, any shape."""
    return np.rint(nats * NAT).astype(np.int64)


def mass_from_units(units: NDArray[np.int64]) -> NDArray[np.float64]:
    """Convert whole units to mass in seeds, any shape."""
    return np.asarray(units / MASS, dtype=np.float64)
