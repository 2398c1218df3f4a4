"""Give memory that nobody uses any more back to the system, where allocators would keep it."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, MutableMapping
from functools import cache

#: What allocators are told before they are loaded: the system's own serves Arrow, and the one of
#: polars gives freed pages back instead of only marking them, and asks for large ones, as numpy
#: does: a million accounts took 3.3 million page faults, and take half of them.
ALLOCATORS = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:500,muzzy_decay_ms:0,thp:always",
}


def choose_allocators(environment: MutableMapping[str, str]) -> None:
    """Set what allocators are told, unless the user has; call it before polars is imported."""
    for name, value in ALLOCATORS.items():
        environment.setdefault(name, value)


def give_back() -> None:
    """Give free pages of the heap back, where the C library can (glibc); else do nothing."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    if os.name != "posix":
        return None
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim
