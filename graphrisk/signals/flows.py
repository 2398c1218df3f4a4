"""Signals from money that comes in and leaves at once."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Ints, compiled
from graphrisk.graph.build import known_by
from graphrisk.graph.order import in_order
from graphrisk.model.policy import SignalRule
from graphrisk.signals.measure import Book

HOUR_US = 3_600_000_000


def pass_throughs(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count receipts of which ``rule.passed_on_share`` left within ``rule.window_hours``.

    Payments are matched to receipts of the same currency in the order of time, the oldest
    receipt first, and no amount is matched twice. Unknown for an account without a transfer.
    """
    if book.scan("transfers") is None:
        return np.full(len(book.graph.accounts), np.nan)
    account, currency, at_us, amount = _entries(book)
    window_us = rule.window_hours * HOUR_US
    unspent = _unspent(account, currency, at_us, amount, window_us)
    is_passed = (amount > 0) & (amount - unspent >= rule.passed_on_share * amount)
    return book.sum_by_account(account, is_passed.astype(np.int64))


def _entries(book: Book) -> tuple[Ints, Ints, Ints, Ints]:
    """Lay both ends of each transfer out by account, currency and time, receipts first.

    Returns
    -------
    tuple of numpy.ndarray
        Place of the account, code of the currency, microseconds, and minor units: above zero
        what came in, below zero what went out. Transfers without amount or time are not there.
    """
    ends = [f"{end}_account_id" for end in ("to", "from")]
    known = (
        known_by(book.as_of, "at")
        & (pl.col("from_account_id") != pl.col("to_account_id"))
        & (pl.col("amount_minor") > 0)
        & pl.col("at").is_not_null()
    )
    parts = []
    for part in book.parts("transfers"):
        some = part.filter(known).select(*ends, "amount_minor", "currency", "at").collect()
        places = {end: pl.Series(book.place_of(some[end])) for end in ends}
        parts.append(some.with_columns(**places))
    rows = pl.concat(parts)
    account = np.concatenate([rows[end].to_numpy() for end in ends])
    minor = rows["amount_minor"].to_numpy()
    # Currencies in the order of their names, so that codes depend on no order of rows.
    code = rows["currency"].fill_null("").rank("dense").cast(pl.Int64).to_numpy()
    at_us = rows["at"].dt.epoch("us").to_numpy()
    currency, at_us = np.tile(code, 2), np.tile(at_us, 2)
    amount = np.concatenate([minor, -minor])
    keys = (-amount, at_us) if code.max(initial=0) <= 1 else (-amount, at_us, currency)
    order = np.lexsort(keys)
    by_time = order[account[order] >= 0].astype(np.int32)
    order = in_order(account.astype(np.int32), len(book.graph.accounts), by_time).astype(np.int64)
    return account[order], currency[order], at_us[order], amount[order]


@compiled
def _unspent(account: Ints, currency: Ints, at_us: Ints, amount: Ints, window_us: int) -> Ints:
    """Take each payment from the receipts of the time before it, the oldest first."""
    left = amount.copy()
    oldest = 0
    for i in range(len(amount)):
        while oldest < i and (
            account[oldest] != account[i]
            or currency[oldest] != currency[i]
            or left[oldest] <= 0
            or at_us[oldest] < at_us[i] - window_us
        ):
            oldest += 1
        if amount[i] > 0:
            continue
        paid = -amount[i]
        j = oldest
        while paid > 0 and j < i:
            if left[j] > 0:
                taken = min(paid, left[j])
                left[j] -= taken
                paid -= taken
            j += 1
    return left
