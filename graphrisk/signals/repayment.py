"""Signals from instalments and how they were paid."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.model.policy import SignalRule
from graphrisk.signals.measure import Book


def late_instalments(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count instalments not paid, or paid more than ``rule.grace_days`` after they were due.

    An instalment counts once its grace has passed at ``as_of``; a payment made later than
    ``as_of`` was not known then, so the instalment is still unpaid.
    """
    repayments = book.dataset.tables.get("repayments")
    if repayments is None:
        return np.full(len(book.graph.accounts), np.nan)
    grace = timedelta(days=rule.grace_days)
    paid_at = pl.col("paid_at")
    if book.as_of is not None:
        repayments = repayments.filter(pl.col("due_at") <= book.as_of - grace)
        paid_at = pl.when(paid_at <= book.as_of).then(paid_at)
    late = (paid_at > pl.col("due_at") + grace).fill_null(True)
    counted = repayments.group_by("account_id").agg(n_late=late.sum())
    return book.by_account(counted, "n_late")
