"""The places that a configuration names outside the ledger: stores, and where runs go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphrisk.batch.config import Config
from graphrisk.batch.destination import Destination, Folder
from graphrisk.batch.graph import Graph

if TYPE_CHECKING:
    from graphrisk.stores.base import Store


@dataclass(frozen=True, slots=True)
class Stores:
    """Stores of a configuration, each opened when it is first asked for, and once."""

    config: Config
    _opened: dict[tuple[str, str], Store] = field(default_factory=dict)

    def store(self, url: str, database: str) -> Store:
        """Open a store; name and password come from the environment.

        Raises
        ------
        StorageUnavailable
            If it can't be reached.
        Locked
            If another process uses an embedded one.
        """
        from graphrisk.stores.opening import open_store

        key = (url, database)
        if key not in self._opened:
            self._opened[key] = open_store(self.config.store_url(url), database=database or None)
        return self._opened[key]

    def close(self) -> None:
        """Close what was opened."""
        while self._opened:
            self._opened.popitem()[1].close()


@contextmanager
def stores_of(config: Config) -> Iterator[Stores]:
    """Lend the stores of a configuration, and close those that were opened."""
    stores = Stores(config)
    try:
        yield stores
    finally:
        stores.close()


def destinations_of(stores: Stores) -> tuple[Destination, ...]:
    """Return the places where a configuration publishes."""
    config, rule = stores.config, stores.config.destination
    found: list[Destination] = []
    if rule.folder:
        found.append(Folder(config.path_of(rule.folder)))
    if rule.store:
        found.append(Graph(lambda: stores.store(rule.store, rule.database).publisher()))
    return tuple(found)
