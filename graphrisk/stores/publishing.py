"""Scheduled runs in a store: written where nobody looks, then shown at once.

A store that is published to holds a pointer of its own (``Publication``) beside that of the runs,
the highest token of a writer that it has seen, and whether actions are halted. Actions are nodes
whose key is (run, account, action).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphrisk.errors import IntegrityFailure, Locked
from graphrisk.stores.bolt import Bolt, Overtaken, Step
from graphrisk.stores.loading import load
from graphrisk.stores.records import records_of
from graphrisk.stores.runs import remove, write
from graphrisk.stores.terms import BOOK, Written, silent
from graphrisk.stores.writing import BATCH_ROWS

if TYPE_CHECKING:
    from graphrisk.intake.dataset import Dataset
    from graphrisk.stores.findings import RunRecords


class BoltPublisher:
    """Publishes to one database; see :class:`graphrisk.stores.base.Publisher`."""

    def __init__(self, bolt: Bolt) -> None:
        self._bolt = bolt

    def prepare(self, name: str, dataset: Dataset, run: RunRecords, fence: int) -> None:
        """Bring the book to a dataset and write a run of it; the pointers stay."""
        bolt = self._fenced(fence)
        load(bolt, records_of(dataset.tables), BATCH_ROWS, silent)
        write(bolt, run, BATCH_ROWS, silent, flip=False)
        bolt.write(Step("publish/note", {"run": name, "run_id": run.run_id}))

    def deliver(self, name: str, actions: Sequence[Mapping[str, str]], fence: int) -> None:
        """Write actions of a run: ``account_id, action, was, reason_codes``."""
        rows = [
            {
                "action_key": f"{name}:{one['action']}:{one['account_id']}",
                "properties": {"run": name, **one},
            }
            for one in actions
        ]
        self._fenced(fence).write(Step("publish/actions", {"rows": rows}))

    def flip(self, name: str, fence: int) -> None:
        """Make a run that was prepared the current one, at once.

        Raises
        ------
        IntegrityFailure
            If it was not prepared in this store.
        """
        step = Step("publish/flip", {"book": BOOK, "run": name}, must_answer="run")
        try:
            self._fenced(fence).write(step)
        except Overtaken as unknown:
            raise IntegrityFailure(
                f"run {name} is not in the store",
                expected="a run that was written there before the pointer flips",
                hint="run the same again: the store is filled from the archive",
            ) from unknown

    def current(self) -> str | None:
        """Return the run that the pointers show to, None if there is none."""
        found = self._bolt.row("publish/current", book=BOOK)
        return None if found is None else str(found[0])

    def halt(self, text: str) -> None:
        """Say that actions are halted; empty text says that they go on."""
        self._bolt.write(Step("publish/halt", {"book": BOOK, "text": text}))

    def forget(self, name: str, fence: int) -> None:
        """Take away a run and its actions, unless it is the current one."""
        if self.current() == name:
            return
        bolt = self._fenced(fence)
        bolt.remove_all("publish/remove_actions", BATCH_ROWS, run=name)
        unneeded = bolt.row("publish/unneeded", run=name)
        if unneeded is not None:
            remove(bolt, unneeded[0], BATCH_ROWS)
        bolt.write(Step("publish/forget", {"run": name}))

    def _fenced(self, fence: int) -> Bolt:
        return _Fenced(self._bolt, fence)


class _Fenced(Bolt):
    """A connection whose writes are refused when a newer writer has been there."""

    def __init__(self, bolt: Bolt, fence: int) -> None:
        super().__init__(bolt._driver, bolt._address)
        names = {"book": BOOK, "fence": fence}
        self._guard = Step("publish/fence", names, must_answer="fence")

    def write(self, *steps: Step) -> Written:
        """Run statements in one transaction, behind the guard."""
        try:
            return super().write(self._guard, *steps)
        except Overtaken as overtaken:
            if overtaken.args != (self._guard.must_answer,):
                raise
            raise Locked(
                f"a newer run has published to {self._address.name} meanwhile",
                expected="the newest token",
                hint="nothing more was written; the other run goes on",
            ) from overtaken
