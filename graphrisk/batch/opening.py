"""Which run it is: a new one, one that was interrupted, or nothing to do."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from graphrisk.batch import outbox, runs
from graphrisk.batch.lease import Lease
from graphrisk.batch.runs import Run
from graphrisk.batch.source import Inputs
from graphrisk.batch.tables import runs as table
from graphrisk.errors import Frozen, PolicyError
from graphrisk.model.batch_rules import SHADOW
from graphrisk.model.policy import Policy
from graphrisk.model.times import from_microseconds, iso, to_microseconds

BACKFILL = "backfill"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: the inputs, and what decides. ``key`` is equal for equal runs."""

    inputs: Inputs
    key: str
    policy: Policy
    model_version: str
    moment: datetime
    as_of: datetime | None


def open_run(lease: Lease, asked: Asked) -> Run:
    """Find the run to go on with, or begin one.

    Returns
    -------
    Run
        With outcome ``unchanged`` if the current run was made of the same: then it is done.

    Raises
    ------
    Frozen
        If the same inputs were stopped by the breaker, and nobody released them.
    PolicyError
        If the policy leaves shadow mode too early.
    """
    ledger = lease.ledger
    with lease.change() as (connection, book):
        current = runs.find(connection, ledger, table.c.run_id == book.current_run)
        interrupted = runs.find(connection, ledger, table.c.outcome.in_(runs.OPEN))
        if interrupted is not None:
            if interrupted.key == asked.key and interrupted.base_run == book.current_run:
                runs.change(connection, interrupted.run_id, outcome="", finished_at_us=None)
                return replace(interrupted, outcome="", finished_at=None)
            outbox.void(connection, interrupted.run_id)
            runs.finish(connection, ledger, interrupted.run_id, runs.SUPERSEDED)
        _refuse_frozen(connection, lease, book, asked.key)
        done = _done_before(connection, lease, current, asked.key)
        if done is not None:
            return _note_unchanged(connection, lease, done, asked)
        _check_shadow(connection, lease, asked)
        return _begin(connection, lease, current, asked)


def _begin(connection: Connection, lease: Lease, current: Run | None, asked: Asked) -> Run:
    is_past = (
        asked.as_of is not None
        and current is not None
        and current.as_of_us is not None
        and to_microseconds(asked.as_of) < current.as_of_us
    )
    return runs.begin(
        connection,
        lease.ledger,
        asked.key,
        kind=BACKFILL if is_past else runs.SCORE,
        base_run=None if current is None else current.run_id,
        **_columns(asked),
    )


def _note_unchanged(connection: Connection, lease: Lease, done: Run, asked: Asked) -> Run:
    """Write down that somebody asked again; the decisions are those of the run done before."""
    again = runs.begin(
        connection,
        lease.ledger,
        asked.key,
        kind=runs.SCORE,
        base_run=done.run_id,
        decisions_hash=done.decisions_hash,
        **_columns(asked),
    )
    runs.finish(connection, lease.ledger, again.run_id, runs.UNCHANGED)
    found = runs.find(connection, lease.ledger, table.c.run_id == again.run_id)
    assert found is not None
    return found


def _columns(asked: Asked) -> dict[str, Any]:
    return {
        "moment_us": to_microseconds(asked.moment),
        "folder": asked.inputs.place,
        "inputs": json.dumps(dict(asked.inputs.hashes), sort_keys=True),
        "policy_hash": asked.policy.hash,
        "model_version": asked.model_version,
        "mode": asked.policy.batch.mode,
    }


def _done_before(connection: Connection, lease: Lease, current: Run | None, key: str) -> Run | None:
    """Return the current run if it was made of the same, or a backfill that was."""
    if current is not None and current.key == key:
        return current
    backfilled = (table.c.key == key, table.c.outcome == runs.BACKFILLED)
    return runs.find(connection, lease.ledger, *backfilled)


def _refuse_frozen(connection: Connection, lease: Lease, book: Row[Any], key: str) -> None:
    last = runs.find(
        connection,
        lease.ledger,
        table.c.key == key,
        table.c.outcome == runs.FROZEN,
        table.c.run_id > (book.current_run or 0),
    )
    if last is not None:
        raise frozen(last)


def frozen(run: Run) -> Frozen:
    """Say that a run is frozen, why, and what to do."""
    return Frozen(
        f"run {run.run_id} is frozen: " + "; ".join(run.reasons),
        expected="a run that the breaker lets through",
        hint=f"look at it, then: graphrisk batch release {run.run_id} --by NAME --and NAME, or "
        "correct the feed and run again",
    )


def _check_shadow(connection: Connection, lease: Lease, asked: Asked) -> None:
    """Ask for days in shadow before anything is acted on."""
    rule = asked.policy.batch
    if rule.mode == SHADOW or not rule.shadow_min_days:
        return
    first = (
        table.select()
        .where(
            table.c.book == lease.ledger.book,
            table.c.outcome == runs.PUBLISHED,
            table.c.mode == SHADOW,
        )
        .order_by(table.c.run_id)
        .limit(1)
    )
    row = connection.execute(first).first()
    since = None if row is None else from_microseconds(row.finished_at_us)
    needed = timedelta(days=rule.shadow_min_days)
    if since is None or lease.ledger.clock() - since < needed:
        raise PolicyError(
            f"batch.mode = {rule.mode!r}, and the first run in shadow was published "
            f"{iso(since) or 'never'}",
            expected=f"{rule.shadow_min_days} days in shadow first (batch.shadow_min_days)",
            hint='leave batch.mode = "shadow" until then, and compare what it would have done',
        )
