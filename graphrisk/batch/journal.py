"""The log of a book: one JSON object a line, appended, with nothing that names a person.

Free text (an error, a reason that somebody gave) is masked: of a word that looks like an id or
an address no more than the ends are kept.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from graphrisk.batch.config import Config
from graphrisk.batch.ledger import Clock
from graphrisk.batch.metrics import write_metrics
from graphrisk.batch.runs import STAGES, Run
from graphrisk.errors import GraphRiskError, StorageUnavailable
from graphrisk.model.times import iso

#: Words long enough to be an id, and what in them makes them one.
_WORD = re.compile(r"[\w+@.-]{6,}")
_FEWEST_DIGITS = 4
#: Dates and times, and the names of runs: they tell of nobody.
_HARMLESS = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d.]*)?|\d{6}-[0-9a-f]{8}")


def masked(text: str) -> str:
    """Return a text in which no word that looks like an id or an address can be read."""
    return _WORD.sub(lambda found: _masked(found[0]), text)


def _masked(word: str) -> str:
    bare = word.rstrip(".-")
    n_digits = sum(char.isdigit() for char in bare)
    if _HARMLESS.fullmatch(bare) or ("@" not in bare and n_digits < _FEWEST_DIGITS):
        return word
    return f"{bare[:2]}****{bare[-2:]}{word[len(bare) :]}"


@dataclass(frozen=True, slots=True)
class Journal:
    """Appends to the file that a configuration names; does nothing where it names none."""

    config: Config
    clock: Clock

    def write(self, event: str, **told: object) -> None:
        """Append a line; texts under ``found`` and ``reason`` are masked.

        Raises
        ------
        StorageUnavailable
            If the file can't be written.
        """
        if not self.config.monitoring.log_file:
            return
        safe = {
            name: masked(value) if name in ("found", "reason") and isinstance(value, str) else value
            for name, value in told.items()
        }
        line = {"at": iso(self.clock()), "event": event, "book": self.config.book, **safe}
        place = self.config.path_of(self.config.monitoring.log_file)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            try:
                os.write(handle, (json.dumps(line, ensure_ascii=False) + "\n").encode())
            finally:
                os.close(handle)
        except OSError as error:
            raise StorageUnavailable(
                f"{place} can't be written ({error.strerror or error})",
                expected="a place with room, and permission to write",
                hint="see monitoring.log_file of the configuration",
            ) from error

    def stages(self, reached: Callable[[str], None]) -> Callable[[str], None]:
        """Return a listener that writes the stages down, and passes every step on."""

        def heard(step: str) -> None:
            if step in STAGES or step == "started":
                self.write("stage", stage=step)
            reached(step)

        return heard

    def ended(self, run: Run) -> None:
        """Write what became of a run."""
        self.write(
            "run",
            run_id=run.run_id,
            run=run.name,
            kind=run.kind,
            mode=run.mode,
            outcome=run.outcome or "open",
            decisions_hash=run.decisions_hash,
            counts={
                name: run.counts[name]
                for name in ("n_accounts", "n_closing", "n_actions", "tiers", "stale")
                if name in run.counts
            },
        )

    def order(
        self, what: str, who: str, *, second: str = "", run_id: int | None = None, reason: str = ""
    ) -> None:
        """Write what somebody ordered."""
        self.write("order", what=what, who=who, second=second, run_id=run_id, reason=reason)

    def failed(self, error: GraphRiskError) -> None:
        """Write an error."""
        name, code = type(error).__name__, int(error.exit_code)
        self.write("error", error=name, exit_code=code, found=error.found)


@contextmanager
def observed(config: Config, clock: Clock) -> Iterator[Journal]:
    """Lend the log; write errors into it, and the metrics at the end, however it ends.

    Raises
    ------
    StorageUnavailable
        If log or metrics can't be written, unless there is a graver error to tell.
    """
    journal = Journal(config, clock)
    try:
        yield journal
    except GraphRiskError as error:
        with suppress(GraphRiskError):
            journal.failed(error)
            write_metrics(config, clock)
        raise
    write_metrics(config, clock)
