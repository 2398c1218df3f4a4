"""Signals from instalments and how they were paid."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.model.policy import SignalRule
from graphrisk.model.times import DAY_US
from graphrisk.signals.measure import Book


def late_instalments(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count instalments not paid, or paid more than ``rule.grace_days`` after they were due.

    An instalment counts once its grace has passed at ``as_of``; a payment made later than
    ``as_of`` was not known then, so the instalment is still unpaid.
    """
    due = _due(book, rule.grace_days)
    if due is None:
        return np.full(len(book.graph.accounts), np.nan)
    counted = due.group_by("account_id").agg(n_late=_is_late(rule).sum())
    return book.by_account(counted, "n_late")


def first_payment_defaults(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count lenders whose first instalment was not paid within ``rule.grace_days``.

    As with late instalments, an instalment counts once that time has passed at ``as_of``.
    """
    due = _due(book, rule.grace_days)
    if due is None:
        return np.full(len(book.graph.accounts), np.nan)
    # The earliest due, and among those due at one moment a late one first: one number each.
    order = pl.col("due_at").dt.epoch("us") * 2 + (~_is_late(rule)).cast(pl.Int64)
    firsts = due.group_by("account_id", "lender_id").agg(first=order.min())
    counted = firsts.group_by("account_id").agg(n_defaults=(pl.col("first") % 2 == 0).sum())
    return book.by_account(counted, "n_defaults")


def worsening_days(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Compare the mean lateness of the later half of the instalments with the earlier half's.

    In days, above zero when payments come later than they used to. An instalment still unpaid
    is as late as it is old; none counts as more than ``rule.most_days_late``, and early ones as
    punctual. Unknown below ``rule.least_instalments`` instalments due.
    """
    due = _due(book, 0)
    if due is None:
        return np.full(len(book.graph.accounts), np.nan)
    paid_at = pl.coalesce("paid_at", pl.lit(book.as_of, pl.Datetime("us", "UTC")))
    late_us = (paid_at - pl.col("due_at")).dt.total_microseconds()
    n_early = pl.len() // 2
    halves = (
        due.select("account_id", "due_at", late_us=late_us.clip(0, rule.most_days_late * DAY_US))
        .drop_nulls("late_us")
        .filter(pl.len().over("account_id") >= rule.least_instalments)
        .sort("account_id", "due_at", "late_us")
        .group_by("account_id", maintain_order=True)
        .agg(
            early=pl.col("late_us").head(n_early).sum() / n_early,
            recent=pl.col("late_us").tail(pl.len() - n_early).sum() / (pl.len() - n_early),
        )
        .select("account_id", later_us=pl.col("recent") - pl.col("early"))
    )
    # Polars multiplies by the inverse where it divides many rows by one number, and divides
    # where there is one row: the last bit would depend on who else is in the book.
    return book.by_account(halves, "later_us") / DAY_US


def _due(book: Book, grace_days: int) -> pl.DataFrame | None:
    """Instalments whose grace has passed, without payments that were not yet made."""
    repayments = book.dataset.tables.get("repayments")
    if repayments is None or book.as_of is None:
        return repayments
    paid_at = pl.when(pl.col("paid_at") <= book.as_of).then("paid_at")
    passed = pl.col("due_at") <= book.as_of - timedelta(days=grace_days)
    return repayments.filter(passed).with_columns(paid_at=paid_at)


def _is_late(rule: SignalRule) -> pl.Expr:
    grace = timedelta(days=rule.grace_days)
    return (pl.col("paid_at") > pl.col("due_at") + grace).fill_null(True)
