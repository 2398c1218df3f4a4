"""What a store is: a Writer that loads books and keeps runs, and a View that reads them back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import polars as pl

from graphrisk.stores.terms import Answer, Progress, Written, silent

if TYPE_CHECKING:
    from graphrisk.intake.dataset import Dataset
    from graphrisk.stores.findings import RunRecords
    from graphrisk.stores.foreign import GraphSource


class View(Protocol):
    """What may be read from a store; nothing can be changed through it."""

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the book in the data standard's tables, as it was loaded.

        Raises
        ------
        UsageError
            If the database holds no book.
        IntegrityFailure
            If a load of the book has not come to its end.
        """

    def foreign(self, sources: Sequence[GraphSource]) -> dict[str, pl.DataFrame]:
        """Return a graph of the user's own as tables, one for each source, by its name."""

    def ask(
        self,
        text: str,
        parameters: Mapping[str, Any],
        *,
        n_most: int | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """Run a statement in a read transaction, with a limit of rows and of time."""

    def current_run(self) -> str | None:
        """Return the id of the run that the pointer shows to, None if there is none."""

    def state(self) -> str:
        """Say in words whether there is a book, whole or half loaded, and a run."""


class Writer(Protocol):
    """What changes a store."""

    def load(
        self, dataset: Dataset, *, n_batch: int | None = None, progress: Progress = silent
    ) -> Written:
        """Bring the store's book to a dataset: write what is missing, remove what is gone."""

    def write_run(
        self, run: RunRecords, *, n_batch: int | None = None, progress: Progress = silent
    ) -> Written:
        """Write what an analysis found; nobody sees it before all of it is there."""


class Publisher(Protocol):
    """What publishes scheduled runs. ``fence`` is the writer's token: newer ones are higher.

    Everything may be asked again after a crash, and then changes nothing. A writer with an older
    token than one seen before is refused in each of its transactions (``Locked``).
    """

    def prepare(self, name: str, dataset: Dataset, run: RunRecords, fence: int) -> None:
        """Bring the book to a dataset and write a run of it; the pointers stay."""

    def deliver(self, name: str, actions: Sequence[Mapping[str, str]], fence: int) -> None:
        """Write actions of a run: ``account_id, action, was, reason_codes``."""

    def flip(self, name: str, fence: int) -> None:
        """Make a run that was prepared the current one, at once."""

    def current(self) -> str | None:
        """Return the run that the pointers show to, None if there is none."""

    def halt(self, text: str) -> None:
        """Say that actions are halted; empty text says that they go on."""

    def forget(self, name: str, fence: int) -> None:
        """Take away a run and its actions, unless it is the current one."""


class Store(Protocol):
    """A place that holds a book and its runs."""

    @property
    def engine(self) -> str:
        """``neo4j`` or ``embedded``, as in the headers of statements."""

    @property
    def name(self) -> str:
        """Where it is, in words without secrets."""

    def view(self) -> View:
        """Lend what reads."""

    def writer(self) -> Writer:
        """Lend what writes; makes constraints and indexes first."""

    def publisher(self) -> Publisher:
        """Lend what publishes scheduled runs; makes constraints and indexes first."""

    def close(self) -> None:
        """Let go of connections, and of an embedded engine."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


Rows = Iterator[Sequence[Any]]
