"""What people order: halt, resume, release, rollback. Each is a row of the ledger."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, update

from graphrisk.batch import archive as files
from graphrisk.batch import outbox, runs
from graphrisk.batch.config import Config
from graphrisk.batch.halting import remove_halt, tell, write_halt
from graphrisk.batch.journal import observed
from graphrisk.batch.ledger import Clock, Ledger, open_ledger
from graphrisk.batch.places import destinations_of, stores_of
from graphrisk.batch.run import advance, finish_rollback
from graphrisk.batch.runs import ANALYSED, GUARDED, Run
from graphrisk.batch.source import NO_INPUTS
from graphrisk.batch.tables import books, orders
from graphrisk.batch.tables import runs as table
from graphrisk.batch.verdict import RELEASE
from graphrisk.batch.work import Work, at_work
from graphrisk.errors import UsageError
from graphrisk.model.times import iso

HALT, RESUME, ROLLBACK = "halt", "resume", "rollback"


def halt(config: Config, clock: Clock, by: str, reason: str) -> None:
    """Stop all actions of a book, until two people resume them.

    A run that is sending stops before its next batch. Destinations are told, so that readers may
    stop too. It holds from the first moment, by a file, also where the ledger is locked; it takes
    no lease, and works while a run is under way.
    """
    who = _name(by)
    halted = {"by": who, "at": iso(clock()), "reason": reason}
    write_halt(config, halted)
    with observed(config, clock) as journal:
        opened = open_ledger(config.ledger_url, config.book, clock)
        with opened as ledger, ledger.change() as (connection, _):
            row = {"halted_at_us": ledger.now_us(), "halted_by": who, "halt_reason": reason}
            connection.execute(update(books).where(books.c.book == ledger.book).values(row))
            _note(connection, ledger, HALT, who, reason=reason)
        journal.order(HALT, who, reason=reason)
        with stores_of(config) as stores:
            tell(destinations_of(stores), halted)


def resume_actions(config: Config, clock: Clock, by: str, second: str, reason: str = "") -> None:
    """Let actions go on.

    Raises
    ------
    UsageError
        If the two names are not two.
    """
    who, other = _two(by, second)
    with observed(config, clock) as journal:
        opened = open_ledger(config.ledger_url, config.book, clock)
        with opened as ledger, ledger.change() as (connection, _):
            free = {"halted_at_us": None, "halted_by": "", "halt_reason": ""}
            connection.execute(update(books).where(books.c.book == ledger.book).values(free))
            _note(connection, ledger, RESUME, who, second=other, reason=reason)
        remove_halt(config)
        journal.order(RESUME, who, second=other, reason=reason)
        with stores_of(config) as stores:
            tell(destinations_of(stores), {})


def release(config: Config, clock: Clock, run: str, by: str, second: str, reason: str = "") -> Run:
    """Publish a run that the breaker froze. The order is bound to the hash of its decisions.

    Returns
    -------
    Run
        As it is now; as it was if it is published already.

    Raises
    ------
    UsageError
        If the names are not two, or the run can't be published any more.
    Frozen
        If actions are halted.
    """
    who, other = _two(by, second)
    with observed(config, clock) as journal, at_work(config, clock) as work:
        with work.lease.change() as (connection, book):
            found = runs.named(connection, work.ledger, run)
            if found.outcome in (runs.PUBLISHED, runs.UNCHANGED):
                return found
            if found.outcome != runs.FROZEN or found.base_run != book.current_run:
                raise UsageError(
                    f"run {found.run_id} is {found.outcome or 'under way'}, "
                    f"and the current run is {book.current_run}",
                    expected="a frozen run, made on top of the current one",
                    hint="run again, and release that run",
                )
            runs.change(connection, found.run_id, outcome="", finished_at_us=None)
            found = replace(found, outcome="", finished_at=None)
            _note(connection, work.ledger, RELEASE, who, second=other, run=found, reason=reason)
        journal.order(RELEASE, who, second=other, run_id=found.run_id, reason=reason)
        done = advance(work, found, config.policy(), NO_INPUTS, None)
        journal.ended(done)
    return done


def rollback(config: Config, clock: Clock, run: str, by: str, reason: str) -> Run:
    """Take back a run and all after it: the run before it is current again.

    Every action that they sent gets its counter-action. Works while actions are halted: it undoes
    what was sent, and nothing else.

    Returns
    -------
    Run
        The run that does it.

    Raises
    ------
    UsageError
        If the run was not published, or there was none before it.
    """
    who = _name(by)
    with observed(config, clock) as journal, at_work(config, clock) as work:
        finish_rollback(work)
        with work.lease.change() as (connection, book):
            target = runs.named(connection, work.ledger, run)
            base = _base_of(connection, work.ledger, target)
            undone = [
                row.run_id
                for row in connection.execute(
                    table.select().where(
                        table.c.book == work.ledger.book,
                        table.c.run_id >= target.run_id,
                        table.c.outcome.in_((runs.PUBLISHED, *runs.OPEN)),
                    )
                )
            ]
            counter = outbox.counter_actions(connection, work.ledger.book, undone)
            taking_back = runs.begin(
                connection,
                work.ledger,
                base.key,
                kind=runs.ROLLBACK,
                base_run=book.current_run,
                **_kept(base),
            )
            outbox.enqueue(connection, taking_back.run_id, counter)
            for run_id in undone:
                outbox.void(connection, run_id)
                runs.finish(connection, work.ledger, run_id, runs.ROLLED_BACK)
            for stage in (ANALYSED, GUARDED):
                runs.mark(connection, work.lease, taking_back.run_id, stage)
            counts = {**base.counts, "n_actions": len(counter), "n_closing": 0}
            runs.change(connection, taking_back.run_id, counts=counts)
            work.archive.copy(taking_back.name, base.name)
            record = _record(work, taking_back, base, undone) | counts
            files.write_record(work.archive.folder(taking_back.name), record)
            _note(connection, work.ledger, ROLLBACK, who, run=target, reason=reason)
        journal.order(ROLLBACK, who, run_id=target.run_id, reason=reason)
        done = advance(work, taking_back, config.policy(), NO_INPUTS, None)
        journal.ended(done)
    return done


def _base_of(connection: Connection, ledger: Ledger, target: Run) -> Run:
    """Find the run that is current again when ``target`` is taken back."""
    is_undoable = target.outcome in (runs.PUBLISHED, *runs.OPEN)
    base = runs.with_number(connection, ledger, target.base_run)
    while base is not None and base.outcome == runs.ROLLED_BACK:
        base = runs.with_number(connection, ledger, base.base_run)
    if base is None or not is_undoable:
        raise UsageError(
            f"run {target.run_id} is {target.outcome or 'under way'}"
            + ("" if base else ", and no run was published before it"),
            expected="a published run with another before it",
            hint="graphrisk batch status lists the runs; graphrisk batch halt stops all actions",
        )
    return base


def _kept(base: Run) -> dict[str, Any]:
    """Return what a rollback has of the run that it makes current again."""
    return {
        name: getattr(base, name)
        for name in (
            "mode", "moment_us", "as_of_us", "folder", "policy_hash", "model_version",
            "decisions_hash",
        )
    }  # fmt: skip


def _record(work: Work, run: Run, base: Run, undone: list[int]) -> dict[str, Any]:
    return {
        **files.head_of(work.ledger.book, run, run.mode),
        "same_as": base.name,
        "takes_back": undone,
        "decisions_hash": base.decisions_hash,
    }


def _note(
    connection: Connection,
    ledger: Ledger,
    what: str,
    who: str,
    *,
    second: str = "",
    run: Run | None = None,
    reason: str = "",
) -> None:
    connection.execute(
        insert(orders).values(
            book=ledger.book,
            at_us=ledger.now_us(),
            what=what,
            who=who,
            second=second,
            run_id=None if run is None else run.run_id,
            decisions_hash="" if run is None else run.decisions_hash,
            reason=reason,
        )
    )


def _name(text: str) -> str:
    """Return a name in one spelling; raise ``UsageError`` if there is none in it."""
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name or not name.isprintable():
        raise UsageError(f"{text!r} is not a name", expected="the name of the person who orders it")
    return name


def _two(by: str, second: str) -> tuple[str, str]:
    who, other = _name(by), _name(second)
    if who.casefold() == other.casefold():
        raise UsageError(
            f"{who} is named twice",
            expected="two people",
            hint="ask a second person to look; name both with --by and --and",
        )
    return who, other
