"""``run_batch``: one scheduled run, from inputs to what readers see."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import select

from graphrisk.batch import outbox, runs
from graphrisk.batch.config import Config
from graphrisk.batch.halting import halt_of, tell
from graphrisk.batch.journal import observed
from graphrisk.batch.ledger import Clock
from graphrisk.batch.opening import Asked, frozen, open_run
from graphrisk.batch.runs import STAGES, Run
from graphrisk.batch.source import NO_INPUTS, Inputs, find_inputs, run_key
from graphrisk.batch.stages import MAKE
from graphrisk.batch.tables import runs as table
from graphrisk.batch.work import Work, at_work, never, unheard
from graphrisk.errors import Frozen, GraphRiskError, Locked, StorageUnavailable
from graphrisk.model.policy import Policy
from graphrisk.pipeline import version_of


def run_batch(
    config: Config,
    clock: Clock,
    *,
    as_of: datetime | None = None,
    reached: Callable[[str], None] = unheard,
    stopping: Callable[[], bool] = never,
    n_threads: int | None = None,
) -> Run:
    """Score a book once and publish what was found, or nothing.

    Parameters
    ----------
    config
        The book.
    clock
        Gives the time, with its zone.
    as_of
        Decide as of this moment. Earlier than the current run it is a backfill: kept, and
        neither current nor acted on. None takes the newest fact.
    reached
        Told of each step as it is reached.
    stopping
        Asked between stages whether to leave the rest to a later run.
    n_threads
        Threads of the kernels.

    Returns
    -------
    Run
        With its outcome; an empty outcome means it was asked to stop, and waits.

    Raises
    ------
    Locked
        If another run holds the book, or took over.
    Frozen
        If the breaker tripped, or actions are halted.
    InputRefused
        If the inputs can't be used.
    StorageUnavailable
        If the ledger or a destination can't be used; the run goes on next time.
    """
    with observed(config, clock) as journal:
        heard = journal.stages(reached)
        with at_work(config, clock, reached=heard, stopping=stopping, n_threads=n_threads) as work:
            done = _run(work, as_of)
        journal.ended(done)
    return done


def _run(work: Work, as_of: datetime | None) -> Run:
    finish_rollback(work)
    _mend(work)
    policy = work.config.policy()
    moment = as_of or work.ledger.clock()
    inputs = find_inputs(work.stores, moment)
    model_version = version_of(work.config.model())
    key = run_key(inputs, work.config, policy.hash, model_version, as_of)
    run = open_run(work.lease, Asked(inputs, key, policy, model_version, moment, as_of))
    work.reached("started")
    return run if run.outcome else advance(work, run, policy, inputs, as_of)


def advance(work: Work, run: Run, policy: Policy, inputs: Inputs, as_of: datetime | None) -> Run:
    """Take a run through the stages that it does not have behind it.

    Raises
    ------
    Frozen, Locked, StorageUnavailable, GraphRiskError
        As the stages raise them. A run that can't be made is marked as failed.
    """
    with work.ledger.look() as (connection, _):
        done = runs.stages_done(connection, run.run_id)
    try:
        for stage in STAGES:
            if stage in done:
                continue
            if work.stopping():
                return run
            MAKE[stage](work, run, policy, inputs, as_of)
            work.reached(stage)
            run = _again(work, run)
            if run.outcome == runs.FROZEN:
                raise frozen(run)
            if run.outcome:
                break
    except Frozen:
        if not run.outcome:
            _end(work, run, runs.HALTED)
            _tell_halt(work)
        raise
    except (Locked, StorageUnavailable):
        raise
    except (GraphRiskError, OSError) as error:
        _check_still_ours(work, error)
        if isinstance(error, GraphRiskError):
            _end(work, run, runs.FAILED, str(error))
            raise
        raise StorageUnavailable(
            f"a file of the run can't be used ({error})",
            expected="a state folder with room, and permission to write",
            hint="free some room or bring it back; the next run goes on where this one was",
        ) from error
    if run.outcome == runs.PUBLISHED:
        _tidy(work)
    return run


def finish_rollback(work: Work) -> None:
    """Bring to its end a rollback that was interrupted."""
    pending = (table.c.kind == runs.ROLLBACK, table.c.outcome == "")
    with work.ledger.look() as (connection, _):
        run = runs.find(connection, work.ledger, *pending)
    if run is not None:
        advance(work, run, Policy.default(), NO_INPUTS, None)


def _mend(work: Work) -> None:
    """Bring the current run, and whether actions are halted, to where it should be seen.

    A destination may have been lost, or a writer that had lost the book flipped it late: the
    ledger's lock stands around every flip, but a database that drops a session gives the lock
    away, and the writer at the other end may flip before it learns of that.
    """
    _tell_halt(work)
    with work.lease.change() as (connection, book):
        current = runs.with_number(connection, work.ledger, book.current_run)
        interrupted = runs.find(connection, work.ledger, table.c.outcome.in_(runs.OPEN))
        for destination in work.destinations:
            seen = destination.current()
            is_early = interrupted is not None and seen == interrupted.name
            if current is not None and seen != current.name and not is_early:
                archived = work.archive.folder(current.name)
                destination.prepare(current.name, archived, work.lease.fence)
                outbox.send_again(connection, current, destination, work.lease.fence)
                destination.flip(current.name, work.lease.fence)


def _tell_halt(work: Work) -> None:
    with work.ledger.look() as (_, book):
        halt = halt_of(work.config, book)
    tell(work.destinations, halt)


def _again(work: Work, run: Run) -> Run:
    with work.ledger.look() as (connection, _):
        return runs.with_number(connection, work.ledger, run.run_id) or run


def _end(work: Work, run: Run, outcome: str, reason: str = "") -> None:
    with work.lease.change() as (connection, _):
        if outcome == runs.FAILED:
            outbox.void(connection, run.run_id)
            runs.change(connection, run.run_id, reasons=[reason])
        runs.finish(connection, work.ledger, run.run_id, outcome)


def _check_still_ours(work: Work, error: BaseException) -> None:
    """Say that another took over, where that is why files went missing under this run."""
    with work.ledger.look() as (_, book):
        try:
            work.lease.check(book)
        except Locked as lost:
            raise lost from error


def _tidy(work: Work) -> None:
    """Forget runs beyond those to keep, and scratch of killed holders."""
    kept = work.config.destination.keep_runs
    mine = select(table.c.run_id, table.c.name).where(table.c.book == work.ledger.book)
    with work.lease.change() as (connection, book):
        work.archive.sweep()
        current = runs.with_number(connection, work.ledger, book.current_run)
        spared = {book.current_run, current.base_run if current else None}
        folders = mine.where(table.c.outcome != runs.UNCHANGED).order_by(table.c.run_id.desc())
        old = [
            row.name for row in connection.execute(folders.offset(kept)) if row.run_id not in spared
        ]
    for name in old:
        work.archive.forget(name)
        for destination in work.destinations:
            with suppress(StorageUnavailable):
                destination.forget(name, work.lease.fence)
