"""The stages of a run: each is done once, and a mark keeps what it told.

Until it is marked, a stage removes nothing but what it made itself. So one that was cut short finds
all that it reads, and begins again from its beginning; one that is marked is not begun again, and
what no later one asks for is removed.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from graphrisk.spark.files import write_whole

Progress = Callable[[str], None]
Told = TypeVar("Told")

#: The stages of the engine, in their order.
STAGES = ("read", "graph", "weights", "reach", "rank", "groups", "trails", "decided")
#: What comes after them: it is done from its beginning each time.
PUBLISHED = "published"


def _keep(_: object) -> None:
    """Remove nothing."""


class Stages:
    """Does the stages of one run, and takes their time.

    Parameters
    ----------
    progress
        Told what is done.
    marks
        The folder of the marks; without one, every stage is done.

    Attributes
    ----------
    seconds
        How long each stage took, in this run or in the one that did it.
    """

    def __init__(self, progress: Progress, marks: Path | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress, self._marks = progress, marks

    def once(
        self, stage: str, text: str, work: Callable[[], Told], free: Callable[[Told], None] = _keep
    ) -> Told:
        """Do a stage, unless it is marked; return what it told.

        ``free`` is given the same, and removes what no later stage asks for; a driver may have died
        before it did.
        """
        mark = None if self._marks is None else self._marks / stage
        if mark is not None and mark.is_file():
            said: Told  # written by a driver of this run, in a folder of its own
            said, self.seconds[stage] = pickle.loads(mark.read_bytes())
            free(said)
            return said
        self._progress(text)
        start = time.perf_counter()
        said = work()
        self.seconds[stage] = time.perf_counter() - start
        if mark is not None:
            write_whole(mark, pickle.dumps((said, self.seconds[stage]), protocol=5))
        free(said)
        return said


def next_stage(marks: Path) -> str:
    """Name the first stage that has no mark."""
    return next((stage for stage in STAGES if not (marks / stage).is_file()), PUBLISHED)
