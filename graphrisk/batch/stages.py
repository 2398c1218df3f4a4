"""The stages of a run. Each ends in a checkpoint, in a transaction that checks the lease.

A stage that is done again after a crash makes the same: what it writes has a name of its own
until the transaction puts it in place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import update

from graphrisk.batch import archive as files
from graphrisk.batch import outbox, runs
from graphrisk.batch.guarded import Guarded, causes_of, guard, statuses_of
from graphrisk.batch.halting import check_not_halted
from graphrisk.batch.opening import BACKFILL
from graphrisk.batch.runs import ANALYSED, DELIVERED, FLIPPED, GUARDED, PREPARED, Run
from graphrisk.batch.source import Inputs, read_inputs, stale_feeds
from graphrisk.batch.tables import books
from graphrisk.batch.verdict import counts_of, verdict
from graphrisk.batch.watch import drift, feeds_watched, tier_flow
from graphrisk.batch.work import Work
from graphrisk.errors import InputRefused
from graphrisk.model.policy import Policy
from graphrisk.model.times import from_microseconds, iso, to_microseconds
from graphrisk.pipeline import analyze, version_of
from graphrisk.report.folder import drafted
from graphrisk.report.layout import DECISIONS, EVIDENCE
from graphrisk.report.run_record import Run as Facts
from graphrisk.report.run_record import totals

#: A stage: from a run to the next checkpoint. Policy, inputs and moment are the run's own.
Stage = Callable[[Work, Run, Policy, Inputs, datetime | None], None]


def analysed(work: Work, run: Run, policy: Policy, inputs: Inputs, as_of: datetime | None) -> None:
    """Read and decide, and put the analysis into the archive."""
    started_at = run.started_at or work.ledger.clock()
    moment = from_microseconds(run.moment_us) or started_at
    dataset = read_inputs(inputs, work.config, started_at)
    model = work.config.model()
    if version_of(model) != run.model_version:
        raise InputRefused(
            f"the model was {run.model_version} when the run began, and is {version_of(model)}",
            expected="a model that lies still",
            hint="run again",
        )
    scratch = work.archive.scratch(run.name, work.lease.fence)
    facts = Facts(inputs.place, started_at, started_at, {})
    with drafted(scratch / files.ANALYSIS, work.n_threads) as draft:
        dataset = draft.shelve(dataset)
        analysis = analyze(
            dataset, policy, as_of, model=model,
            n_threads=work.n_threads, progress=work.reached, on_made=draft.write,
        )  # fmt: skip
        draft.finish(analysis, facts, work.ledger.clock)
    feeds = {
        "stale": stale_feeds(dataset, work.config.source.max_age_hours, moment),
        "rows": totals(dataset.tallies),
        **feeds_watched(dataset, moment),
    }
    files.write_beside(scratch, statuses_of(dataset), feeds)
    work.reached("analysis written")
    with work.lease.change() as (connection, _):
        work.archive.put(scratch, run.name)
        work.reached("analysis in place")
        as_of_us = None if analysis.as_of is None else to_microseconds(analysis.as_of)
        runs.change(connection, run.run_id, as_of_us=as_of_us, counts=feeds)
        runs.mark(connection, work.lease, run.run_id, ANALYSED)


def guarded(work: Work, run: Run, policy: Policy, inputs: Inputs, as_of: datetime | None) -> None:
    """Let the guards speak: write where accounts stand, and the actions that follow."""
    del inputs, as_of
    folder = work.archive.folder(run.name)
    feeds = json.loads((folder / files.FEEDS).read_text(encoding="utf-8"))
    decisions, evidence = _analysis(folder)
    is_backfill = run.kind == BACKFILL
    with work.ledger.look() as (connection, _):
        base = None if is_backfill else runs.with_number(connection, work.ledger, run.base_run)
        sent = outbox.acted_on(connection, work.ledger.book)
    before = None if base is None else work.archive.decisions(base.name)
    found = guard(
        decisions,
        pl.read_parquet(folder / files.STATUSES, glob=False),
        before,
        sent,
        is_stale=bool(feeds["stale"]),
        policy=policy,
    )
    causes = causes_of(found.closing, decisions, evidence, min_nats=policy.guards.family_min_nats)
    decisions_hash = files.content_hash(found.table)
    files.write_decisions(folder, found.table)
    earlier = None if base is None else _analysis(work.archive.folder(base.name))
    counts = {
        **feeds,
        **counts_of(found, before),
        **drift(earlier, (decisions, evidence)),
        "tier_flow": tier_flow(before, found.table),
    }
    files.write_record(folder, record_of(work, run, policy, decisions_hash, counts))
    work.reached("guards written")
    with work.lease.change() as (connection, _):
        reasons = (
            [] if is_backfill else verdict(connection, work.ledger, run, found, causes, policy)
        )
        outbox.enqueue(connection, run.run_id, () if is_backfill else found.actions)
        runs.change(
            connection,
            run.run_id,
            decisions_hash=decisions_hash,
            counts=counts,
            reasons=reasons,
            n_closures=_closures(found, run, before),
        )
        runs.mark(connection, work.lease, run.run_id, GUARDED)
        if reasons:
            runs.finish(connection, work.ledger, run.run_id, runs.FROZEN)


def _analysis(folder: Path) -> tuple[pl.DataFrame, pl.LazyFrame]:
    """Return decisions and evidence of a run in the archive."""
    analysis = folder / files.ANALYSIS
    decisions = pl.read_parquet(analysis / DECISIONS, glob=False)
    return decisions, pl.scan_parquet(analysis / EVIDENCE, glob=False)


def _closures(found: Guarded, run: Run, before: pl.DataFrame | None) -> int | None:
    """Count what the median is taken of; a first run and a backfill are no part of it."""
    return None if before is None or run.kind == BACKFILL else len(found.closing)


def prepared(work: Work, run: Run, policy: Policy, inputs: Inputs, as_of: datetime | None) -> None:
    """Bring the run to its destinations, where no reader looks yet."""
    del policy, inputs, as_of
    for destination in work.destinations:
        destination.prepare(run.name, work.archive.folder(run.name), work.lease.fence)
    work.reached("destination prepared")
    with work.lease.change() as (connection, _):
        runs.mark(connection, work.lease, run.run_id, PREPARED)
        if run.kind == BACKFILL:
            runs.finish(connection, work.ledger, run.run_id, runs.BACKFILLED)


def delivered(work: Work, run: Run, policy: Policy, inputs: Inputs, as_of: datetime | None) -> None:
    """Send the actions."""
    del policy, inputs, as_of
    heed = run.kind != runs.ROLLBACK
    outbox.send_all(run, work, heed_halt=heed)
    with work.lease.change() as (connection, _):
        runs.mark(connection, work.lease, run.run_id, DELIVERED)


def flipped(work: Work, run: Run, policy: Policy, inputs: Inputs, as_of: datetime | None) -> None:
    """Make the run the current one: at the destinations, then in the ledger, in one transaction."""
    del policy, inputs, as_of
    with work.lease.change() as (connection, book):
        if run.kind != runs.ROLLBACK:
            check_not_halted(work.config, book)
        for destination in work.destinations:
            destination.flip(run.name, work.lease.fence)
        work.reached("pointer flipped")
        mine = books.c.book == work.ledger.book
        connection.execute(update(books).where(mine).values(current_run=run.run_id))
        runs.mark(connection, work.lease, run.run_id, FLIPPED)
        runs.finish(connection, work.ledger, run.run_id, runs.PUBLISHED)


#: Every stage by the checkpoint that it ends in.
MAKE: dict[str, Stage] = {
    ANALYSED: analysed,
    GUARDED: guarded,
    PREPARED: prepared,
    DELIVERED: delivered,
    FLIPPED: flipped,
}


def record_of(
    work: Work, run: Run, policy: Policy, decisions_hash: str, counts: dict[str, Any]
) -> dict[str, Any]:
    """Return what readers are told of a run."""
    return {
        **files.head_of(work.ledger.book, run, policy.batch.mode),
        "key": run.key,
        "moment": iso(from_microseconds(run.moment_us)),
        "policy_hash": policy.hash,
        "model_version": run.model_version,
        "decisions_hash": decisions_hash,
        **counts,
    }
