"""The ledger: a database in which every run, lock, action and order is a row.

SQLite by default, PostgreSQL by URL. Every change is one transaction that holds the write lock
from its first statement, so that what it has checked still holds when it commits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, create_engine, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from graphrisk.batch.tables import books, metadata
from graphrisk.errors import StorageUnavailable, UsageError
from graphrisk.model.times import to_microseconds

#: How long a transaction waits for another one's lock.
BUSY_S = 10.0

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One book's side of the ledger; open it with :func:`open_ledger`."""

    engine: Engine
    book: str
    clock: Clock

    @contextmanager
    def change(self) -> Iterator[tuple[Connection, Row[Any]]]:
        """Lend a transaction that holds the book's row; all of it is committed, or nothing.

        Raises
        ------
        StorageUnavailable
            If the ledger can't be reached, is locked too long, or has no room.
        """
        with self._reachable(), self.engine.begin() as connection:
            mine = select(books).where(books.c.book == self.book).with_for_update()
            yield connection, connection.execute(mine).one()

    @contextmanager
    def look(self) -> Iterator[tuple[Connection, Row[Any]]]:
        """Lend a connection to read from, and the book's row."""
        with self._reachable(), self.engine.connect() as connection:
            connection.execution_options(reading=True)
            mine = select(books).where(books.c.book == self.book)
            yield connection, connection.execute(mine).one()

    def now_us(self) -> int:
        """The clock's time in microseconds since 1970."""
        return to_microseconds(self.clock())

    def make(self) -> None:
        """Make the tables and the book's row where they are missing."""
        with self._reachable():
            metadata.create_all(self.engine)
            with self.engine.connect() as connection:
                if connection.execute(select(books).where(books.c.book == self.book)).first():
                    return
                try:
                    connection.execute(insert(books).values(book=self.book))
                    connection.commit()
                except IntegrityError:  # another process was quicker
                    connection.rollback()

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            origin = error.orig if isinstance(error, DBAPIError) else error
            raise StorageUnavailable(
                f"the ledger can't be used ({origin})".replace("\n", " "),
                expected="a database that answers, with room, and not locked for long",
                hint="check the ledger of the configuration; nothing was half done, run again",
            ) from error


@contextmanager
def open_ledger(url: str, book: str, clock: Clock) -> Iterator[Ledger]:
    """Open the ledger of a book, and make what is missing in it.

    Raises
    ------
    UsageError
        If the URL names no database that can be spoken to.
    StorageUnavailable
        If it can't be reached.
    """
    engine = _engine(url)
    try:
        ledger = Ledger(engine, book, clock)
        ledger.make()
        yield ledger
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            wait = {"options": f"-c lock_timeout={BUSY_S:g}s"}
            return create_engine(parsed, poolclass=NullPool, connect_args=wait)
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, poolclass=NullPool, connect_args={"timeout": BUSY_S})
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise UsageError(
            f"the ledger's URL can't be used ({error})",
            expected="sqlite:///FILE, or postgresql+psycopg://HOST/DATABASE",
            hint='for PostgreSQL: pip install "graphrisk[postgresql]"',
        ) from error
    except OSError as error:
        raise StorageUnavailable(
            f"the ledger's folder can't be made ({error.strerror})",
            expected="a place with room, and permission to write",
            hint="check state and ledger of the configuration",
        ) from error
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, record: object) -> None:
    """Write ahead, flush at every commit, and leave BEGIN to us."""
    del record
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a lock taken later could find what was checked changed."""
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
