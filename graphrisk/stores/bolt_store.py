"""The one implementation of a store: a connection over Bolt, and what reads and writes by it."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from graphrisk.stores.address import Address
from graphrisk.stores.bolt import Bolt
from graphrisk.stores.publishing import BoltPublisher
from graphrisk.stores.reading import BoltView
from graphrisk.stores.writing import BoltWriter


class BoltStore:
    """A store behind a Bolt listener: Neo4j, or the embedded engine on loopback."""

    def __init__(
        self,
        bolt: Bolt,
        address: Address,
        engine: str,
        reader: Bolt | None = None,
        stop: Callable[[], None] | None = None,
    ) -> None:
        self._bolt, self._address, self._engine = bolt, address, engine
        self._reader = reader or bolt
        self._stop = stop
        self._writer: BoltWriter | None = None

    @property
    def engine(self) -> str:
        """``neo4j`` or ``embedded``."""
        return self._engine

    @property
    def name(self) -> str:
        """Where it is, in words without secrets."""
        return self._address.name

    def view(self) -> BoltView:
        """Lend what reads."""
        return BoltView(self._reader)

    def publisher(self) -> BoltPublisher:
        """Lend what publishes scheduled runs; makes constraints and indexes first."""
        self.writer()
        return BoltPublisher(self._bolt)

    def writer(self) -> BoltWriter:
        """Lend what writes; makes constraints and indexes first, where they are missing."""
        if self._writer is None:
            self._writer = BoltWriter(self._bolt)
        return self._writer

    def close(self) -> None:
        """Let go of the connections, and stop the engine if this store started one."""
        self._bolt.close()
        self._reader.close()
        if self._stop is not None:
            self._stop()
            self._stop = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
