"""Signals from who says what: sources that contradict each other, and sources gone stale."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.build import known_by
from graphrisk.model.policy import SignalRule
from graphrisk.signals.measure import Book

#: Disagreement counts at most this much, in percent: beyond it, a unit is wrong.
MOST_PERCENT = 1000


def contradiction_percent(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Measure how far the sources' newest beliefs of an account lie apart, in whole percent.

    Incomes and repayment capacities: how much the largest exceeds the smallest. Scores: one
    point counts as one percent. The measure that disagrees most speaks. Beliefs older than
    ``rule.stale_days`` are left out; unknown without two fresh sources of one measure.
    """
    assessments = book.dataset.tables.get("assessments")
    if assessments is None:
        return np.full(len(book.graph.accounts), np.nan)
    fresh = assessments.filter(known_by(book.as_of, "as_of"), pl.col("value").is_not_null())
    if book.as_of is not None:
        stale = pl.col("as_of") < book.as_of - timedelta(days=rule.stale_days)
        fresh = fresh.filter(~stale.fill_null(False))
    beliefs = (
        fresh.sort("as_of", "value")  # undated first; of two at one moment the larger last
        .group_by("account_id", "measure", "source")
        .agg(pl.col("value").last())
        .group_by("account_id", "measure")
        .agg(n=pl.len(), least=pl.col("value").min(), most=pl.col("value").max())
        .filter(pl.col("n") >= 2)
        .with_columns(percent=_percent_apart().clip(0, MOST_PERCENT))
        .drop_nulls("percent")
        .group_by("account_id")
        .agg(pl.col("percent").max())
    )
    return book.by_account(beliefs, "percent")


def _percent_apart() -> pl.Expr:
    """Compare least and most by the measure's nature; null where it has none we know."""
    measure, least, most = pl.col("measure"), pl.col("least"), pl.col("most")
    is_money = measure.str.starts_with("income") | measure.str.starts_with("repayment_capacity")
    ratio = pl.when(least > 0).then(most / least).when(most <= 0).then(1.0)
    excess = (100 * (ratio - 1)).fill_null(MOST_PERCENT)
    is_score = measure.str.ends_with("score")
    return pl.when(is_money).then(excess).when(is_score).then(most - least).round()


def stale_sources(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count the sources of an account whose newest record is older than ``rule.stale_days``.

    Unknown for an account of which no source has a dated record.
    """
    if book.as_of is None:
        return np.full(len(book.graph.accounts), np.nan)
    parts = [
        _newest(rows, at).collect()
        for table, at in _true_at(book.as_of).items()
        for rows in book.parts(table)
    ]
    if not parts:
        return np.full(len(book.graph.accounts), np.nan)
    oldest_fresh = book.as_of - timedelta(days=rule.stale_days)
    counted = (
        pl.concat(parts)
        .group_by("account_id", "source")
        .agg(pl.col("at").max())
        .group_by("account_id")
        .agg(n_stale=(pl.col("at") < oldest_fresh).sum())
    )
    return book.by_account(counted, "n_stale")


def _true_at(as_of: datetime) -> dict[str, pl.Expr]:
    """Say for each table whose rows name a source when a row was last known to be true."""

    def known(time: str) -> pl.Expr:
        return pl.when(pl.col(time) <= as_of).then(time)

    seen_last = pl.coalesce("last_seen_at", "first_seen_at")
    is_known = pl.coalesce("first_seen_at", "last_seen_at") <= as_of
    return {
        "identifiers": pl.when(is_known).then(
            pl.min_horizontal(seen_last, pl.lit(as_of, pl.Datetime("us", "UTC")))
        ),
        "applications": known("applied_at"),
        "repayments": pl.coalesce(known("paid_at"), known("due_at")),
        "assessments": known("as_of"),
    }


def _newest(rows: pl.LazyFrame, at: pl.Expr) -> pl.LazyFrame:
    """Newest record of each source of each account: ``account_id, source, at``."""
    return (
        rows.filter(pl.col("source").is_not_null())
        .with_columns(at=at)
        .drop_nulls("at")
        .group_by("account_id", "source")
        .agg(pl.col("at").max())
    )
