"""Signals from applications to lenders."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.build import known_by
from graphrisk.model.policy import SignalRule
from graphrisk.signals.measure import Book


def most_lenders_in_window(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count the distinct lenders applied to within any window of ``rule.window_days``."""
    applications = book.dataset.tables.get("applications")
    if applications is None:
        return np.full(len(book.graph.accounts), np.nan)
    known = applications.filter(known_by(book.as_of, "applied_at"))
    # Most accounts have fewer lenders in all than the burst starts at: no window can hold more.
    in_all = known.group_by("account_id").agg(n_lenders=pl.col("lender_id").n_unique())
    busy = in_all.filter(pl.col("n_lenders") > rule.free_count)
    windows = (
        known.join(busy.select("account_id"), on="account_id", how="semi")
        .sort("account_id", "applied_at", "lender_id")
        .rolling("applied_at", period=f"{rule.window_days}d", closed="both", group_by="account_id")
        .agg(n_lenders=pl.col("lender_id").n_unique())
        .group_by("account_id")
        .agg(pl.col("n_lenders").max())
    )
    calm = in_all.filter(pl.col("n_lenders") <= rule.free_count)
    return book.by_account(pl.concat([calm, windows.select(calm.columns)]), "n_lenders")
