"""When to run: slots of time, the last of which is kept in the ledger.

Only the newest slot that has come is looked at, so that missed runs become one. It is written
down after its run, whatever became of it: a run that was killed is taken up again at the start.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter
from sqlalchemy import select, update

from graphrisk.batch.config import Config
from graphrisk.batch.ledger import Clock, Ledger, open_ledger
from graphrisk.batch.tables import books
from graphrisk.errors import UsageError
from graphrisk.model.times import from_microseconds, to_microseconds

#: Longest sleep in one piece, after which the clock is looked at again: it may have been set.
MOST_WAIT_S = 30.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_EVERY = re.compile(r"([1-9]\d{0,5})([smhd])")


class Slots(Protocol):
    """Moments at which to run."""

    @property
    def runs_at_first(self) -> bool: ...  # noqa: D102

    def latest(self, now: datetime) -> datetime:
        """Return the newest slot that is not after ``now``."""

    def following(self, now: datetime) -> datetime:
        """Return the first slot after ``now``."""


@dataclass(frozen=True, slots=True)
class Every:
    """Slots at whole multiples of a period since 1970, UTC: a restart does not shift them."""

    period: timedelta
    runs_at_first: bool = True

    def latest(self, now: datetime) -> datetime:
        """Return the newest slot that is not after ``now``."""
        return now - (now - _EPOCH) % self.period

    def following(self, now: datetime) -> datetime:
        """Return the first slot after ``now``."""
        return self.latest(now) + self.period


@dataclass(frozen=True, slots=True)
class Cron:
    """Slots of a cron expression, in a time zone. What lay before the first start is not missed."""

    expression: str
    zone: ZoneInfo
    runs_at_first: bool = False

    def latest(self, now: datetime) -> datetime:
        """Return the newest slot that is not after ``now``."""
        past = now.astimezone(self.zone) + timedelta(seconds=1)
        return self._utc(croniter(self.expression, past).get_prev(datetime))

    def following(self, now: datetime) -> datetime:
        """Return the first slot after ``now``."""
        return self._utc(croniter(self.expression, now.astimezone(self.zone)).get_next(datetime))

    @staticmethod
    def _utc(moment: datetime) -> datetime:
        return moment.astimezone(UTC)


def slots_of(config: Config, *, cron: str | None, every: str | None) -> Slots:
    """Read when to run: a cron expression of five fields, or a period such as ``15m``.

    Raises
    ------
    UsageError
        Unless exactly one is given, and it can be read.
    """
    if (cron is None) == (every is None):
        raise UsageError(
            "both --cron and --every" if cron else "neither --cron nor --every",
            expected="one of them",
            hint='say --every 15m, or --cron "30 2 * * *"',
        )
    if cron is not None:
        zone = ZoneInfo(config.schedule.timezone)
        try:
            if len(cron.split()) != 5:
                raise ValueError("it has not five fields")
            found = Cron(cron, zone)
            found.following(_EPOCH)
        except (CroniterError, ValueError) as error:
            raise UsageError(
                f"--cron {cron!r} can't be read ({error})",
                expected="minute, hour, day of month, month, day of week",
                hint='for half past two each night: --cron "30 2 * * *"',
            ) from error
        return found
    number = _EVERY.fullmatch(every or "")
    if number is None:
        raise UsageError(
            f"--every {every!r} can't be read",
            expected="a whole number and s, m, h or d",
            hint="for every quarter of an hour: --every 15m",
        )
    return Every(timedelta(seconds=int(number[1]) * _UNITS_S[number[2]]))


def keep_running(
    config: Config,
    slots: Slots,
    clock: Clock,
    *,
    run: Callable[[], None],
    wait: Callable[[float], None],
    stopping: Callable[[], bool],
    most_runs: int | None = None,
) -> None:
    """Run at every slot until asked to stop.

    Parameters
    ----------
    config, slots, clock
        What, when, and what time it is.
    run
        Makes one run, and tells of its errors itself.
    wait
        Sleeps for some seconds, or until asked to stop.
    stopping
        Whether that was asked.
    most_runs
        Stop after so many runs.
    """
    n_runs = 0
    while not stopping() and n_runs != most_runs:
        now = clock()
        with open_ledger(config.ledger_url, config.book, clock) as ledger:
            slot = _due(ledger, slots, now)
        if slot is None:
            wait(min((slots.following(now) - now).total_seconds(), MOST_WAIT_S))
            continue
        run()
        n_runs += 1
        if not stopping():
            with open_ledger(config.ledger_url, config.book, clock) as ledger:
                _keep(ledger, slot)


def _due(ledger: Ledger, slots: Slots, now: datetime) -> datetime | None:
    """Return the slot to run for, None if it is not time yet."""
    with ledger.look() as (connection, _):
        mine = select(books.c.last_slot_us).where(books.c.book == ledger.book)
        last_us = connection.execute(mine).scalar()
    latest = slots.latest(now)
    if last_us is None and not slots.runs_at_first:
        _keep(ledger, latest)
        return None
    last = None if last_us is None else from_microseconds(last_us)
    return latest if last is None or latest > last else None


def _keep(ledger: Ledger, slot: datetime) -> None:
    with ledger.change() as (connection, _):
        mine = books.c.book == ledger.book
        connection.execute(update(books).where(mine).values(last_slot_us=to_microseconds(slot)))
