"""``open_store``: a store by its URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphrisk.errors import UsageError
from graphrisk.stores.address import Credentials, address_of, credentials_from
from graphrisk.stores.base import Store

if TYPE_CHECKING:
    from graphrisk.stores.bolt import Bolt


def open_store(
    url: str, *, database: str | None = None, credentials: Credentials | None = None
) -> Store:
    """Open a store, and find out whether it answers.

    Parameters
    ----------
    url
        ``neo4j://HOST:PORT`` or ``bolt://HOST:PORT``, each also ``+s`` (TLS) or ``+ssc`` (TLS,
        certificate not checked); or ``embedded:DIR``.
    database
        The database of a server; ``neo4j`` by default.
    credentials
        By default the environment's: ``GRAPHRISK_NEO4J_USER``, and ``GRAPHRISK_NEO4J_PASSWORD``
        or ``GRAPHRISK_NEO4J_PASSWORD_FILE``.

    Returns
    -------
    Store
        To be closed, or used in a ``with`` block.

    Raises
    ------
    UsageError
        If the URL is none, or holds a password.
    StorageUnavailable
        If the server can't be reached or refuses the password, or the engine does not start.
    Locked
        If another process uses the embedded store.
    """
    address = address_of(url, database)
    if address.folder is not None:
        from graphrisk.stores.embedded import open_embedded

        return open_embedded(address)
    from graphrisk.stores.bolt import connect
    from graphrisk.stores.bolt_store import BoltStore

    return BoltStore(connect(address, credentials or credentials_from()), address, "neo4j")


@contextmanager
def open_bolt(url: str, database: str | None = None) -> Iterator[Bolt]:
    """Connect to a server as one of many processes that write to it; see :func:`open_store`.

    Raises
    ------
    UsageError
        Also if the store is embedded: one process alone works with it.
    """
    address = address_of(url, database)
    if address.folder is not None:
        raise UsageError(
            f"{address.name} for many processes",
            expected="a server that each of them reaches: neo4j://HOST:PORT or bolt://HOST:PORT",
            hint="load the finished folder into it: graphrisk query --in DIR",
        )
    from graphrisk.stores.bolt import connect

    bolt = connect(address, credentials_from())
    try:
        yield bolt
    finally:
        bolt.close()
