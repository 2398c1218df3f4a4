"""One way to compile a loop: cached on disk, and free of the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Loop = TypeVar("Loop", bound=Callable[..., object])

#: Columns as compiled loops take them.
Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Shorts = NDArray[np.int16]
Words = NDArray[np.uint64]
Codes = NDArray[np.int8]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def compiled(loop: Loop) -> Loop:
    """Compile a function of arrays and numbers on its first call."""
    return cast(Loop, njit(cache=True, nogil=True)(loop))
