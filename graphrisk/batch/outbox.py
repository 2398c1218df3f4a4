"""The outbox: actions are written with the decision that asks for them, and sent once.

An action is one row, whose key is (run, account, action). It is sent in the transaction that
marks it as sent; a crash between the two sends the same batch again, under the same number, which
a destination knows for the same.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from graphrisk.batch.destination import Action, Destination
from graphrisk.batch.halting import check_not_halted
from graphrisk.batch.runs import Run
from graphrisk.batch.tables import acted, actions
from graphrisk.batch.work import Work

#: Actions sent at a time: a halt waits for one such batch at most.
BATCH_ACTIONS = 200
#: Rest between two batches, in which others get the ledger's lock.
REST_S = 0.005

PENDING, SENT, VOID = "pending", "sent", "void"
#: What an account stands in about which nothing was ever sent.
NOTHING_SENT = "clear"


def acted_on(connection: Connection, book: str) -> dict[str, str]:
    """Return the last action sent for each account of a book."""
    mine = select(acted.c.account_id, acted.c.action).where(acted.c.book == book)
    return {row.account_id: row.action for row in connection.execute(mine)}


def enqueue(connection: Connection, run_id: int, wanted: Sequence[Action]) -> None:
    """Write a run's actions, in batches by account id."""
    ordered = sorted(wanted, key=lambda action: action.account_id)
    rows = [
        {
            "run_id": run_id,
            "account_id": action.account_id,
            "action": action.action,
            "was": action.was,
            "reason_codes": action.reason_codes,
            "batch": 1 + place // BATCH_ACTIONS,
            "state": PENDING,
        }
        for place, action in enumerate(ordered)
    ]
    if rows:
        connection.execute(insert(actions), rows)


def void(connection: Connection, run_id: int) -> None:
    """Strike out what a run has not sent yet."""
    pending = and_(actions.c.run_id == run_id, actions.c.state == PENDING)
    connection.execute(update(actions).where(pending).values(state=VOID))


def count(connection: Connection, run_id: int) -> dict[str, int]:
    """Count a run's actions by state."""
    mine = select(actions.c.state, func.count().label("n")).where(actions.c.run_id == run_id)
    counted = connection.execute(mine.group_by(actions.c.state))
    return {row.state: row.n for row in counted}


def send_all(run: Run, work: Work, *, heed_halt: bool) -> None:
    """Send what is pending, batch by batch.

    Parameters
    ----------
    run, work
        Whose actions, and the right to send them, which is checked before each batch.
    heed_halt
        Whether a halt stops it. Only what takes actions back goes on.

    Raises
    ------
    Frozen
        If actions are halted; what was sent stays sent.
    Locked
        If another holder took over.
    """
    while _send_next(run, work, heed_halt=heed_halt):
        time.sleep(REST_S)


def send_again(connection: Connection, run: Run, destination: Destination, fence: int) -> None:
    """Bring what a run has sent to a destination that lost it; one that has it stays the same."""
    mine = select(actions).where(actions.c.run_id == run.run_id, actions.c.state == SENT)
    batches: dict[int, list[Action]] = {}
    for row in connection.execute(mine.order_by(actions.c.batch, actions.c.account_id)):
        batches.setdefault(row.batch, []).append(_action(run, row))
    for number, batch in batches.items():
        destination.deliver(run.name, number, batch, fence)


def _action(run: Run, row: Row[Any]) -> Action:
    return Action(run.name, row.account_id, row.action, row.was, row.reason_codes)


def _send_next(run: Run, work: Work, *, heed_halt: bool) -> bool:
    with work.lease.change() as (connection, book):
        if heed_halt:
            check_not_halted(work.config, book)
        pending = and_(actions.c.run_id == run.run_id, actions.c.state == PENDING)
        number = connection.execute(select(func.min(actions.c.batch)).where(pending)).scalar()
        if number is None:
            return False
        this = and_(actions.c.run_id == run.run_id, actions.c.batch == number)
        rows = connection.execute(select(actions).where(this).order_by(actions.c.account_id)).all()
        batch = [_action(run, row) for row in rows]
        for destination in work.destinations:
            destination.deliver(run.name, number, batch, work.lease.fence)
        work.reached(f"batch {number} written")
        sent = {"state": SENT, "sent_at_us": work.ledger.now_us()}
        connection.execute(update(actions).where(this).values(sent))
        _remember(connection, work.ledger.book, run.run_id, batch)
    work.reached(f"batch {number} sent")
    return True


def _remember(connection: Connection, book: str, run_id: int, batch: Sequence[Action]) -> None:
    """Keep the last action of each account."""
    ids = [action.account_id for action in batch]
    mine = and_(acted.c.book == book, acted.c.account_id.in_(ids))
    connection.execute(delete(acted).where(mine))
    rows = [
        {"book": book, "account_id": a.account_id, "action": a.action, "run_id": run_id}
        for a in batch
    ]
    connection.execute(insert(acted), rows)


def counter_actions(connection: Connection, book: str, run_ids: Sequence[int]) -> list[Action]:
    """Return what takes back all that some runs have sent: each account as it was before them."""
    mine = select(actions).where(actions.c.run_id.in_(run_ids), actions.c.state == SENT)
    first: dict[str, Action] = {}
    for row in connection.execute(mine.order_by(actions.c.run_id)):
        taken = Action("", row.account_id, row.was, "", "ROLLED_BACK")
        first.setdefault(row.account_id, taken)
    now = acted_on(connection, book)
    return [
        replace(action, was=now[action.account_id])
        for action in first.values()
        if now[action.account_id] != action.action
    ]
