"""What the stages of a run share: the lease, the archive, and where to publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from graphrisk.batch.archive import Archive
from graphrisk.batch.config import Config
from graphrisk.batch.destination import Destination
from graphrisk.batch.lease import Lease, held
from graphrisk.batch.ledger import Clock, Ledger, open_ledger
from graphrisk.batch.places import Stores, destinations_of, stores_of


def unheard(step: str) -> None:
    """Tell nobody what was reached."""
    del step


def never() -> bool:
    """Say that nobody asked to stop."""
    return False


@dataclass(frozen=True, slots=True)
class Work:
    """One holder's hands on a book.

    Attributes
    ----------
    config, lease, archive, stores, destinations
        What is scheduled, the right to write, and where from and to.
    reached
        Told of each step as it is reached.
    stopping
        Asked between stages whether to leave the rest to a later run.
    n_threads
        Threads of the kernels; all processors if None.
    """

    config: Config
    lease: Lease
    archive: Archive
    stores: Stores
    destinations: Sequence[Destination]
    reached: Callable[[str], None] = unheard
    stopping: Callable[[], bool] = never
    n_threads: int | None = None

    @property
    def ledger(self) -> Ledger:
        """The ledger that the lease is of."""
        return self.lease.ledger


def archive_of(config: Config) -> Archive:
    """Return the archive that a configuration names."""
    return Archive(config.state_folder)


@contextmanager
def at_work(
    config: Config,
    clock: Clock,
    *,
    reached: Callable[[str], None] = unheard,
    stopping: Callable[[], bool] = never,
    n_threads: int | None = None,
) -> Iterator[Work]:
    """Take the book's lease, and lend all that a run needs.

    Raises
    ------
    Locked
        If another run holds the book.
    StorageUnavailable
        If the ledger can't be used.
    """
    with (
        open_ledger(config.ledger_url, config.book, clock) as ledger,
        held(ledger, config.schedule.lease_s) as lease,
        stores_of(config) as stores,
    ):
        reached("locked")
        yield Work(
            config,
            lease,
            archive_of(config),
            stores,
            destinations_of(stores),
            reached,
            stopping,
            n_threads,
        )
