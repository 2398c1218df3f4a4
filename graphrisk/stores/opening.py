"""``open_store``: a store by its URL."""

from __future__ import annotations

from graphrisk.stores.address import Credentials, address_of, credentials_from
from graphrisk.stores.base import Store


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
