"""What every contender is given: a clock, the seeds, and what all agree on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

DAMPING = 0.85
STEP = 1e-6
MOST = 1000


class Clock:
    """Seconds of named steps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.details: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        """Time a step."""
        start = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - start


Contender = Callable[[Path, Clock], pl.DataFrame | None]


def seed_ids(folder: Path) -> pl.Series:
    """Read the seeds."""
    return pl.read_parquet(folder / "seeds.parquet")["entity_id"]
