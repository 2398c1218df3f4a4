"""Give memory that nobody uses any more back to the system, where allocators would keep it."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, MutableMapping
from functools import cache

#: What allocators are told before they are loaded: the system's own serves Arrow, and the one of
#: polars gives freed pages back instead of only marking them. (Large pages for it too halved the
#: page faults of a million accounts, saved no time, and took 70 MB more.)
ALLOCATORS = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:500,muzzy_decay_ms:0",
}
#: The option of the C library's allocator (glibc) for how many heaps threads share.
_ARENA_MAX = -8


def choose_allocators(environment: MutableMapping[str, str]) -> None:
    """Set what allocators are told, unless the user has; call it before polars is imported.

    Threads share one heap: each of their own keeps what it once had, and a million accounts took
    150 MB more.
    """
    for name, value in ALLOCATORS.items():
        environment.setdefault(name, value)
    set_option = _of_c_library("mallopt")
    if set_option is not None and "MALLOC_ARENA_MAX" not in environment:
        set_option(_ARENA_MAX, 1)


def give_back() -> None:
    """Give free pages of the heap back, where the C library can (glibc); else do nothing."""
    trim = _of_c_library("malloc_trim")
    if trim is not None:
        trim(0)


@cache
def _of_c_library(name: str) -> Callable[..., int] | None:
    """Find a function of the C library, None where it has none."""
    if os.name != "posix":
        return None
    found: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return found
