"""What an operator asks first: what is current, what was run, is anything halted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from graphrisk.batch import outbox, runs
from graphrisk.batch.config import Config
from graphrisk.batch.halting import halt_of
from graphrisk.batch.ledger import Clock, open_ledger
from graphrisk.batch.runs import Run
from graphrisk.batch.tables import runs as table
from graphrisk.model.times import from_microseconds, iso


@dataclass(frozen=True, slots=True)
class State:
    """The state of a book.

    ``halt`` says who halted actions, when and why, and ``holder`` who works on a run; both are
    empty where there is nobody. ``actions`` counts those of the newest run by state, ``outcomes``
    all runs by what became of them. ``last_done`` was published, or found nothing new.
    """

    book: str
    current: Run | None
    halt: dict[str, str]
    holder: dict[str, Any]
    runs: list[Run]
    actions: dict[str, int]
    outcomes: dict[str, int]
    last_done: Run | None

    def told(self) -> dict[str, Any]:
        """Lay it out as JSON holds it, the runs left out."""
        return {
            "book": self.book,
            "current": None if self.current is None else told_of(self.current),
            "halted": bool(self.halt),
            "halted_at": self.halt.get("at") or None,
            "halted_by": self.halt.get("by") or None,
            "halt_reason": self.halt.get("reason") or None,
            "held_by": self.holder or None,
            "actions": self.actions,
        }

    def text(self) -> str:
        """Say it in lines."""
        current = line_of(self.current) if self.current else "No run is published yet."
        lines = [f"Book {self.book}", f"Current: {current}"]
        if self.halt:
            why = f": {self.halt['reason']}" if self.halt["reason"] else ""
            lines.append(f"Actions are HALTED since {self.halt['at']} by {self.halt['by']}{why}")
        if self.holder:
            lines.append(
                f"A run is under way: process {self.holder['pid']} on {self.holder['host']}"
            )
        return "\n".join(lines)


def state_of(config: Config, clock: Clock, n_runs: int) -> State:
    """Read the state of a book, and its newest runs."""
    with open_ledger(config.ledger_url, config.book, clock) as ledger:
        listed = runs.newest(ledger, n_runs)
        with ledger.look() as (connection, book):
            is_held = book.holder and book.lease_until_us > ledger.now_us()
            halt = halt_of(config, book)
            return State(
                ledger.book,
                runs.with_number(connection, ledger, book.current_run),
                halt,
                json.loads(book.holder) if is_held else {},
                listed,
                outbox.count(connection, listed[0].run_id) if listed else {},
                runs.count(connection, ledger),
                runs.find(
                    connection, ledger, table.c.outcome.in_((runs.PUBLISHED, runs.UNCHANGED))
                ),
            )


def run_named(config: Config, clock: Clock, text: str) -> Run:
    """Read the run that a user names; of one that found nothing new, the run that it repeats.

    Raises
    ------
    UsageError
        If there is none.
    """
    opened = open_ledger(config.ledger_url, config.book, clock)
    with opened as ledger, ledger.look() as (connection, _):
        return runs.made(connection, ledger, text)


def told_of(run: Run) -> dict[str, Any]:
    """Lay a run out as JSON holds it."""
    return {
        "run_id": run.run_id,
        "run": run.name,
        "kind": run.kind,
        "mode": run.mode,
        "outcome": run.outcome or None,
        "base_run": run.base_run,
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at) or None,
        "as_of": None if run.as_of_us is None else iso(from_microseconds(run.as_of_us)),
        "folder": run.folder,
        "policy_hash": run.policy_hash,
        "model_version": run.model_version,
        "decisions_hash": run.decisions_hash or None,
        "n_closures": run.n_closures,
        "counts": run.counts,
        "reasons": run.reasons,
    }


def line_of(run: Run) -> str:
    """Say in one line what became of a run."""
    if run.outcome == runs.UNCHANGED:
        return f"run {run.run_id}: unchanged, the same inputs as run {run.base_run}"
    counts = run.counts
    what = f"run {run.run_id} ({run.mode}): {run.outcome or 'asked to stop, and waits'}"
    if "tiers" not in counts:
        return what
    tiers = ", ".join(f"{tier} {n:,}" for tier, n in counts["tiers"].items())
    stale = f"; stale, no adverse action: {', '.join(counts['stale'])}" if counts["stale"] else ""
    return (
        f"{what}; {tiers}; rose {counts['n_rose']:,}, fell {counts['n_fell']:,}, "
        f"actions {counts['n_actions']:,}{stale}"
    )
