"""The runs of a book as the ledger holds them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from graphrisk.batch.lease import Lease
from graphrisk.batch.ledger import Ledger
from graphrisk.batch.tables import books, checkpoints, runs
from graphrisk.errors import UsageError
from graphrisk.model.times import from_microseconds

#: What became of a run; empty while it is under way.
PUBLISHED, UNCHANGED, BACKFILLED = "published", "unchanged", "backfilled"
FROZEN, HALTED, SUPERSEDED, ROLLED_BACK = "frozen", "halted", "superseded", "rolled_back"
FAILED = "failed"
#: A run that may still be published.
OPEN = ("", HALTED)
#: A run after which readers see what its inputs say.
DONE = (PUBLISHED, UNCHANGED)

SCORE, ROLLBACK = "score", "rollback"

#: The stages of a run, in order; each is a checkpoint.
ANALYSED, GUARDED, PREPARED, DELIVERED, FLIPPED = STAGES = (
    "analysed",
    "guarded",
    "prepared",
    "delivered",
    "flipped",
)


@dataclass(frozen=True, slots=True)
class Run:
    """One row of the runs; ``name`` is what its folders are called."""

    run_id: int
    name: str
    key: str
    kind: str
    mode: str
    base_run: int | None
    started_at: datetime | None
    finished_at: datetime | None
    moment_us: int
    as_of_us: int | None
    folder: str
    policy_hash: str
    model_version: str
    decisions_hash: str
    n_closures: int | None
    counts: dict[str, Any]
    reasons: list[str]
    outcome: str


def run_of(row: Row[Any]) -> Run:
    """Make a run of its row."""
    return Run(
        started_at=from_microseconds(row.started_at_us),
        finished_at=None if row.finished_at_us is None else from_microseconds(row.finished_at_us),
        counts=json.loads(row.counts),
        reasons=json.loads(row.reasons),
        **{
            name: getattr(row, name)
            for name in (
                "run_id", "name", "key", "kind", "mode", "base_run", "moment_us", "as_of_us",
                "folder", "policy_hash", "model_version", "decisions_hash", "n_closures", "outcome",
            )
        },
    )  # fmt: skip


def find(connection: Connection, ledger: Ledger, *conditions: Any) -> Run | None:  # noqa: ANN401
    """Return the newest run of the book that fits, or None."""
    mine = select(runs).where(runs.c.book == ledger.book, *conditions)
    row = connection.execute(mine.order_by(runs.c.run_id.desc()).limit(1)).first()
    return None if row is None else run_of(row)


def with_number(connection: Connection, ledger: Ledger, run_id: int | None) -> Run | None:
    """Return the run of that number, or None."""
    return None if run_id is None else find(connection, ledger, runs.c.run_id == run_id)


def newest(ledger: Ledger, n_runs: int) -> list[Run]:
    """Return the newest runs of the book, the newest first."""
    mine = select(runs).where(runs.c.book == ledger.book).order_by(runs.c.run_id.desc())
    with ledger.look() as (connection, _):
        return [run_of(row) for row in connection.execute(mine.limit(n_runs))]


def count(connection: Connection, ledger: Ledger) -> dict[str, int]:
    """Count the runs of the book by outcome."""
    mine = select(runs.c.outcome, func.count().label("n")).where(runs.c.book == ledger.book)
    return {row.outcome: row.n for row in connection.execute(mine.group_by(runs.c.outcome))}


def named(connection: Connection, ledger: Ledger, text: str) -> Run:
    """Find the run that a user names: by number, by name, or as ``current``.

    Raises
    ------
    UsageError
        If there is none.
    """
    found = None
    if text == "current":
        current = select(books.c.current_run).where(books.c.book == ledger.book)
        found = with_number(connection, ledger, connection.execute(current).scalar())
    elif text.isdecimal():
        found = with_number(connection, ledger, int(text))
    else:
        found = find(connection, ledger, runs.c.name == text)
    if found is None:
        raise UsageError(
            f"book {ledger.book} has no run {text!r}",
            expected="the number of a run, or current",
            hint="graphrisk batch status lists them",
        )
    return found


def made(connection: Connection, ledger: Ledger, text: str) -> Run:
    """Find a run that a user names and that decided something: of one unchanged, the one before."""
    run = named(connection, ledger, text)
    if run.outcome == UNCHANGED:
        run = with_number(connection, ledger, run.base_run) or run
    return run


def begin(connection: Connection, ledger: Ledger, key: str, **columns: Any) -> Run:  # noqa: ANN401
    """Write a new run, with a name that no other ledger gives."""
    started = {"book": ledger.book, "key": key, "started_at_us": ledger.now_us(), **columns}
    (run_id,) = connection.execute(insert(runs).values(started)).inserted_primary_key or (0,)
    change(connection, run_id, name=f"{run_id:06d}-{key[:8]}")
    row = connection.execute(select(runs).where(runs.c.run_id == run_id)).one()
    return run_of(row)


def change(connection: Connection, run_id: int, **columns: Any) -> None:  # noqa: ANN401
    """Change columns of a run; lists and mappings are written as JSON."""
    plain = {
        name: json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value
        for name, value in columns.items()
    }
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(plain))


def finish(connection: Connection, ledger: Ledger, run_id: int, outcome: str) -> None:
    """Write what became of a run."""
    change(connection, run_id, outcome=outcome, finished_at_us=ledger.now_us())


def mark(connection: Connection, lease: Lease, run_id: int, stage: str) -> None:
    """Write a checkpoint."""
    values = {
        "run_id": run_id,
        "stage": stage,
        "at_us": lease.ledger.now_us(),
        "fence": lease.fence,
    }
    connection.execute(insert(checkpoints).values(values))


def stages_done(connection: Connection, run_id: int) -> set[str]:
    """Return the stages that a run has behind it."""
    mine = select(checkpoints.c.stage).where(checkpoints.c.run_id == run_id)
    return set(connection.execute(mine).scalars())
