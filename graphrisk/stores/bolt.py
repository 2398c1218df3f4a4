"""A connection over Bolt, by which the statements of the library are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import neo4j
from neo4j.exceptions import (
    AuthError,
    ConstraintError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
)

from graphrisk.errors import IntegrityFailure, StorageUnavailable, UsageError
from graphrisk.stores.address import PASSWORD_FILE, USER, Address, Credentials
from graphrisk.stores.library import statement
from graphrisk.stores.terms import BOOK, Answer, Written

#: Rows that the server sends at a time while an answer is read.
FETCH_ROWS = 10_000
#: A server that can't be reached is given up after so long; a transaction is tried again for so
#: long when the server says that trying again may help.
CONNECT_S, RETRY_S = 10.0, 60.0
#: New nodes from which on plans are made anew. Among fewer a scan is as quick as an index, and all
#: statements would have to be planned again.
MANY_NODES = 1000

_Taken = TypeVar("_Taken")

#: Codes of what is wrong with a statement: its words, or that it writes.
_FAULTS_OF_A_STATEMENT = (
    "Neo.ClientError.Statement",
    "Neo.ClientError.Security.Forbidden",
    "Neo.ClientError.Schema",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of the library within a transaction. ``must_answer``: no row, no commit."""

    name: str
    parameters: Mapping[str, Any]
    must_answer: str = ""


class Overtaken(Exception):
    """A statement that must answer gave nothing: its transaction was taken back."""


class Bolt:
    """A connection to one database. Transactions are tried again where the server advises it."""

    def __init__(self, driver: neo4j.Driver, address: Address) -> None:
        self._driver = driver
        self._address = address

    def read(
        self, name: str, take: Callable[[neo4j.Result], _Taken], **parameters: object
    ) -> _Taken:
        """Run a statement that reads, and give its rows to ``take``; once more if it fails."""
        text = statement(name).text

        def work(tx: neo4j.ManagedTransaction) -> _Taken:
            return take(tx.run(text, parameters))

        with self.plainly(), self._session(neo4j.READ_ACCESS) as session:
            return session.execute_read(work)

    def row(self, name: str, **parameters: object) -> tuple[Any, ...] | None:
        """Return the first row of a statement that reads, None if there is none."""
        found = self.read(name, lambda result: next(iter(result), None), **parameters)
        return None if found is None else tuple(found.values())

    def write(self, *steps: Step) -> Written:
        """Run statements in one transaction, all or none of them, and count what they changed.

        What a step that must answer sets is a lock, and does not count.

        Raises
        ------
        Overtaken
            If a step that must answer gave no row. Nothing was written then.
        """
        texts = [statement(step.name).text for step in steps]

        def work(tx: neo4j.ManagedTransaction) -> Written:
            written = Written()
            for step, text in zip(steps, texts, strict=True):
                result = tx.run(text, dict(step.parameters))
                if step.must_answer and not list(result):
                    raise Overtaken(step.must_answer)
                counted = _counted(result.consume())
                written += Written() if step.must_answer else counted
            return written

        with self.plainly(), self._session(neo4j.WRITE_ACCESS) as session:
            return session.execute_write(work)

    def remove_all(self, name: str, n_batch: int, **parameters: object) -> Written:
        """Run a statement that removes at most so many rows a time until it finds none."""
        written = Written()
        while True:
            step = Step(name, {**parameters, "n_most": n_batch})
            now = self.write(step)
            if now.is_nothing:
                return written
            written += now

    def define(self, name: str) -> None:
        """Run a statement that makes a constraint or an index, unless it is there."""
        with self.plainly(), self._session(neo4j.WRITE_ACCESS) as session:
            session.run(statement(name).text).consume()

    def replan(self, written: Written) -> None:
        """Have the server plan for what is there now, if many nodes were written.

        An engine that has no such procedure, and one that refuses it to this user, plan as they
        did: the answers are the same, and come later.
        """
        if written.n_nodes_created < MANY_NODES:
            return
        step = statement("load/replan")
        asked = {one.name: one.default for one in step.parameters}
        with self.plainly(), self._session(neo4j.WRITE_ACCESS) as session, suppress(Neo4jError):
            session.run(step.text, asked).consume()

    def ask(
        self,
        text: str,
        parameters: Mapping[str, Any],
        n_most: int | None,
        timeout_s: float | None,
    ) -> Answer:
        """Run a statement in a read transaction, with a limit of rows and of time."""

        @neo4j.unit_of_work(timeout=timeout_s)
        def work(tx: neo4j.ManagedTransaction) -> Answer:
            result = tx.run(text, dict(parameters))
            limit = None if n_most is None else n_most + 1
            rows = tuple(tuple(one.values()) for one in islice(result, limit))
            is_cut = n_most is not None and len(rows) > n_most
            return Answer(tuple(result.keys()), rows[:n_most] if is_cut else rows, is_cut)

        n_fetch = FETCH_ROWS if n_most is None else min(FETCH_ROWS, n_most + 1)
        with self.plainly(), self._session(neo4j.READ_ACCESS, n_fetch) as session:
            try:
                return session.execute_read(work)
            except ConstraintError as error:  # it tried to write, which it may not either way
                raise _refused(self._address, error) from error

    def check(self) -> None:
        """Find out whether the server answers, takes the password and has the database."""
        with self.plainly():
            self._driver.verify_connectivity()  # at once: transactions would try for a minute
        self.row("read/book", book=BOOK)

    def close(self) -> None:
        """Let go of the connections."""
        self._driver.close()

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """Turn what the driver says into an error of ours, without what was sent to it."""
        try:
            yield
        except AuthError as error:
            raise StorageUnavailable(
                f"{self._address.name} refused the name or the password",
                expected=f"a user of the server, in {USER} and {PASSWORD_FILE}",
                hint="check both; the server locks out who tries too often",
            ) from error
        except ConstraintError as error:
            raise IntegrityFailure(
                f"{self._address.name} holds nodes of another origin that have the keys of ours",
                expected="a database for this book alone, or other labels for what else is in it",
                hint="name another database with --database",
            ) from error
        except ServiceUnavailable as error:
            raise StorageUnavailable(
                f"{self._address.name} can't be reached, or went away",
                expected="a server that answers there",
                hint="start it, check host, port and scheme (+s for TLS), and run the same again",
            ) from error
        except Neo4jError as error:
            raise _refused(self._address, error) from error
        except (DriverError, OSError) as error:
            raise StorageUnavailable(
                f"{self._address.name} can't be used ({type(error).__name__})",
                expected="a Neo4j server, 5 or newer",
                hint="check scheme, host and port",
            ) from error

    def _session(self, access: str, n_fetch: int = FETCH_ROWS) -> neo4j.Session:
        return self._driver.session(
            database=self._address.database, default_access_mode=access, fetch_size=n_fetch
        )


def connect(
    address: Address,
    credentials: Credentials,
    kind: Callable[[neo4j.Driver, Address], Bolt] = Bolt,
) -> Bolt:
    """Connect, and find out whether the server answers.

    Raises
    ------
    StorageUnavailable
        If it can't be reached, refuses the password, or has no such database.
    """
    try:
        driver = neo4j.GraphDatabase.driver(
            address.url,
            auth=credentials.pair,
            connection_timeout=CONNECT_S,
            max_transaction_retry_time=RETRY_S,
            # Hints about labels that no node has yet are not for the user of a command.
            notifications_min_severity="OFF",
        )
    except (DriverError, ValueError) as error:
        raise UsageError(
            f"{address.name} is not an address that the driver takes ({type(error).__name__})",
            expected="neo4j://HOST:PORT or bolt://HOST:PORT, each also +s or +ssc",
        ) from error
    bolt = kind(driver, address)
    try:
        bolt.check()
    except BaseException:
        driver.close()
        raise
    return bolt


def columns_of(
    result: neo4j.Result, n_chunk: int = FETCH_ROWS
) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield an answer column by column, so many rows at a time."""
    while chunk := [one.values() for one in islice(result, n_chunk)]:
        yield list(zip(*chunk, strict=True))


def _counted(summary: neo4j.ResultSummary) -> Written:
    counters = summary.counters
    return Written(
        counters.nodes_created,
        counters.nodes_deleted,
        counters.relationships_created,
        counters.relationships_deleted,
        counters.properties_set,
    )


def _refused(address: Address, error: Neo4jError) -> StorageUnavailable | UsageError:
    """Say what a server refused, by its code; its own words may hold values."""
    code = str(error.code)
    if code.startswith(_FAULTS_OF_A_STATEMENT):
        return UsageError(
            f"the statement was refused by {address.name}: {error.message}",
            expected="Cypher that reads",
            hint="correct the statement",
        )
    if "DatabaseNotFound" in code:
        return StorageUnavailable(
            f"there is no database {address.database!r} at {address.url}",
            expected="the name of a database of the server",
            hint="name it with --database; Neo4j Community has one, called neo4j",
        )
    if "TransactionTimedOut" in code:
        return StorageUnavailable(
            f"{address.name} took longer than allowed",
            expected="an answer in time",
            hint="ask for less, or allow more time",
        )
    return StorageUnavailable(
        f"{address.name} could not do it ({code})",
        expected="a server in order",
        hint="look into its log, and run the same again",
    )
