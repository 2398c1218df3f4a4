"""Where tasks that run at the same time wait for each other, round after round."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from graphrisk.spark.files import write_whole

#: A task that has shown no sign of life for so long is taken for lost.
MOST_SILENT_S = 30.0
_SIGN_S, _LOOK_AGAIN_S = 1.0, 0.01


class Lost(Exception):
    """A task does not come, or has left: its worker died, or there is no room for it."""


@dataclass(slots=True)
class Meeting:
    """One task among those that meet over files in the shared folder.

    A file of an earlier attempt at the same round says the same, so it does no harm. Spark's own
    barrier looks only once a second, and waits for ever where a lost worker leaves too few.
    """

    folder: Path
    task: int
    n_tasks: int
    _ends: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def attended(self) -> Iterator[None]:
        """Show signs of life while the task works."""
        signs = threading.Thread(target=self._show_signs, daemon=True)
        signs.start()
        try:
            yield
        finally:
            self._ends.set()
            signs.join()

    def add_up(self, number: int, n: int) -> int:
        """Add up what all tasks say in a round.

        Raises
        ------
        Lost
            If one of them does not say anything.
        """
        write_whole(self.folder / f"{number}-{self.task}", str(n).encode())
        return sum(self._heard(number, task) for task in range(self.n_tasks))

    def leave(self) -> None:
        """Tell the others not to wait."""
        write_whole(self.folder / "left", b"")

    def _heard(self, number: int, task: int) -> int:
        said, sign = self.folder / f"{number}-{task}", self.folder / f"sign-{task}"
        seen, since = "", time.perf_counter()
        while not said.is_file():
            shown = sign.read_text() if sign.is_file() else ""
            if shown != seen:
                seen, since = shown, time.perf_counter()
            silent_s = time.perf_counter() - since
            if silent_s > MOST_SILENT_S or (self.folder / "left").is_file():
                self.leave()
                raise Lost
            time.sleep(_LOOK_AGAIN_S)
        return int(said.read_text())

    def _show_signs(self) -> None:
        n_shown = 0
        while not self._ends.is_set():
            n_shown += 1
            write_whole(self.folder / f"sign-{self.task}", str(n_shown).encode())
            self._ends.wait(_SIGN_S)
