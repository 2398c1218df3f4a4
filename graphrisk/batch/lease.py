"""One run at a time for each book: a lease with a fencing token.

Each holder gets a token higher than any before. The lease runs out unless it is renewed, and is
free at once where its process is gone. Whoever stood still meanwhile finds a higher token in the
ledger, and every write of his is refused in the transaction that would have made it.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sqlalchemy import Connection, Row, update

from graphrisk.batch.ledger import Ledger
from graphrisk.batch.tables import books
from graphrisk.errors import GraphRiskError, Locked
from graphrisk.model.times import from_microseconds, iso

_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to a book, as long as nobody holds a higher token."""

    ledger: Ledger
    fence: int
    lease_s: float

    @contextmanager
    def change(self) -> Iterator[tuple[Connection, Row[Any]]]:
        """Lend a transaction of the ledger in which this lease is the newest one; renew it.

        Raises
        ------
        Locked
            If another holder has taken over: nothing was written.
        """
        with self.ledger.change() as (connection, book):
            self.check(book)
            until_us = self.ledger.now_us() + round(self.lease_s * _SECOND_US)
            mine = books.c.book == self.ledger.book
            connection.execute(update(books).where(mine).values(lease_until_us=until_us))
            yield connection, book

    def check(self, book: Row[Any]) -> None:
        """Raise ``Locked`` unless the book's newest token is this one."""
        if book.fence != self.fence:
            raise Locked(
                f"this run stood still, and another took over book {self.ledger.book} "
                f"(token {self.fence} is older than {book.fence})",
                expected="the newest token",
                hint="nothing more was written; the other run goes on",
            )

    def release(self) -> None:
        """Give the book back."""
        with self.ledger.change() as (connection, book):
            if book.fence == self.fence:
                mine = books.c.book == self.ledger.book
                free = {"holder": "", "lease_until_us": 0}
                connection.execute(update(books).where(mine).values(free))


@contextmanager
def held(ledger: Ledger, lease_s: float) -> Iterator[Lease]:
    """Hold a book: take its lease, renew it in the background, give it back.

    Raises
    ------
    Locked
        If another run holds it.
    """
    lease = _take(ledger, lease_s)
    stop = Event()
    beating = Thread(target=_renew, args=(lease, stop), daemon=True)
    beating.start()
    try:
        yield lease
    finally:
        stop.set()
        beating.join()
        lease.release()


def _take(ledger: Ledger, lease_s: float) -> Lease:
    now_us = ledger.now_us()
    with ledger.change() as (connection, book):
        if book.holder and book.lease_until_us > now_us and not _is_gone(json.loads(book.holder)):
            holder = json.loads(book.holder)
            raise Locked(
                f"book {ledger.book} is held by process {holder['pid']} on {holder['host']} "
                f"until {iso(from_microseconds(book.lease_until_us))}",
                expected="one run at a time",
                hint="wait for it; a killed run's lock frees itself",
            )
        fence = book.fence + 1
        until_us = now_us + round(lease_s * _SECOND_US)
        me = json.dumps(
            {"host": socket.gethostname(), "pid": os.getpid(), "born": born(os.getpid())}
        )
        taken = {"fence": fence, "holder": me, "lease_until_us": until_us}
        connection.execute(update(books).where(books.c.book == ledger.book).values(taken))
    return Lease(ledger, fence, lease_s)


def _renew(lease: Lease, stop: Event) -> None:
    """Renew three times as often as needed; who has lost the lease learns it when he writes."""
    while not stop.wait(lease.lease_s / 3):
        try:
            with lease.change():
                pass
        except Locked:
            return
        except GraphRiskError:
            continue


def _is_gone(holder: dict[str, Any]) -> bool:
    """Whether the holder was a process of this machine that is no more; False if in doubt."""
    if holder["host"] != socket.gethostname():
        return False
    try:
        os.kill(holder["pid"], 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return born(holder["pid"]) != str(holder["born"])


def born(pid: int) -> str:
    """Return when a process was started, as the system counts; empty where that can't be told.

    A process number may be given out again, its start may not. A process that was killed and
    is not yet buried counts as gone.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    state, *rest = fields.rpartition(")")[2].split()
    return "gone" if state in "ZX" else rest[18]
