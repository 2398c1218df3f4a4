"""Whether a run may be published, by what the ledger knows of the runs before it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from graphrisk.batch import runs
from graphrisk.batch.guarded import CODES, Guarded
from graphrisk.batch.ledger import Ledger
from graphrisk.batch.runs import Run
from graphrisk.batch.tables import orders
from graphrisk.batch.tables import runs as table
from graphrisk.decisions.breaker import Closures, trips
from graphrisk.explain.account import masked_entity
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy

_HOUR_US = 3_600_000_000
RELEASE = "release"


def verdict(
    connection: Connection,
    ledger: Ledger,
    run: Run,
    found: Guarded,
    causes: Counter[str],
    policy: Policy,
) -> list[str]:
    """Say what stops a run; nothing where it may go on."""
    published = (
        select(table.c.run_id, table.c.n_closures, table.c.finished_at_us)
        .where(
            table.c.book == ledger.book,
            table.c.kind == runs.SCORE,
            table.c.outcome == runs.PUBLISHED,
            table.c.n_closures.is_not(None),
        )
        .order_by(table.c.run_id.desc())
    )
    earlier = connection.execute(published.limit(policy.breaker.median_n_runs)).all()
    since_us = ledger.now_us() - policy.breaker.budget_hours * _HOUR_US
    lately = connection.execute(published.where(table.c.finished_at_us > since_us)).all()
    released = set(
        connection.execute(select(orders.c.run_id).where(orders.c.what == RELEASE)).scalars()
    )
    closures = Closures(
        n_closures=len(found.closing),
        n_active=found.n_active,
        n_recent=sum(row.n_closures for row in lately if row.run_id not in released),
        earlier=[row.n_closures for row in earlier],
        causes=causes,
    )
    told = [
        f"{trip.text} ({masked_entity(trip.cause)})" if trip.cause else trip.text
        for trip in trips(closures, policy.breaker)
    ]
    back = runs.find(
        connection, ledger, table.c.key == run.key, table.c.outcome == runs.ROLLED_BACK
    )
    if back is not None:
        told.append(f"the same inputs and policy as run {back.run_id}, which was rolled back")
    return told


def counts_of(found: Guarded, before: pl.DataFrame | None) -> dict[str, Any]:
    """Count what a run found: tiers, guards, actions, and accounts that rose and fell."""
    now = found.table
    counted = Counter(now["tier"])
    held = Counter(name for name in now["guard"] if name)
    rose = fell = new = 0
    if before is not None:
        stood = before.select("account_id", before="tier")
        both = now.join(stood, on="account_id", how="left")
        codes = both.select(
            now=pl.col("tier").replace_strict(CODES, return_dtype=pl.Int8),
            before=pl.col("before").replace_strict(CODES, default=None, return_dtype=pl.Int8),
        )
        rose = int((codes["now"] > codes["before"]).sum())
        fell = int((codes["now"] < codes["before"]).sum())
        new = int(codes["before"].is_null().sum())
    return {
        "n_accounts": now.height,
        "n_active": found.n_active,
        "tiers": {tier.word: counted[tier.word] for tier in Tier},
        "held": dict(sorted(held.items())),
        "n_actions": len(found.actions),
        "n_closing": len(found.closing),
        "n_rose": rose,
        "n_fell": fell,
        "n_new": new,
    }
