"""Signals from money that comes in and leaves at once."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers, compiled
from graphrisk.graph.build import known_by
from graphrisk.intake.idtable import IdTable
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


def _entries(book: Book) -> tuple[Numbers, Numbers, Ints, Ints]:
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
    currencies, found = IdTable(), []
    for part in book.parts("transfers"):
        some = part.filter(known).select(*ends, "amount_minor", "currency", "at").collect()
        to, paid_by = (book.place_of(some[end]).astype(np.int32) for end in ends)
        # Which number a currency has changes nothing: each is matched for itself.
        code = currencies.add(some["currency"].fill_null(""))
        at_us = some["at"].dt.epoch("us").to_numpy()
        found.append((to, paid_by, code, at_us, some["amount_minor"].to_numpy()))
    to, paid_by, code, at_us, amount = map(np.concatenate, zip(*found, strict=True))
    order = np.argsort(at_us) if len(currencies) <= 1 else np.lexsort((at_us, code))
    return _by_account(order, to, paid_by, code, at_us, amount, len(book.graph.accounts))


@compiled
def _by_account(
    order: Ints, to: Numbers, paid_by: Numbers, code: Numbers, at_us: Ints, minor: Ints,
    n_accounts: int,
) -> tuple[Numbers, Numbers, Ints, Ints]:  # fmt: skip
    """Lay both ends out by account, keeping the order given; at one moment the largest first."""
    begins = np.zeros(n_accounts + 1, np.int64)
    for ends in (to, paid_by):
        for i in range(len(ends)):
            if ends[i] >= 0:
                begins[ends[i] + 1] += 1
    for a in range(n_accounts):
        begins[a + 1] += begins[a]
    n = begins[-1]
    account, currency = np.empty(n, np.int32), np.empty(n, np.int32)
    moment, amount = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in order:
        for end, sign in ((to[i], 1), (paid_by[i], -1)):
            if end >= 0:
                at = begins[end]
                begins[end] = at + 1
                account[at], currency[at], moment[at] = end, code[i], at_us[i]
                amount[at] = sign * minor[i]
    first = 0
    for last in range(1, n + 1):
        if (
            last == n
            or account[last] != account[first]
            or currency[last] != currency[first]
            or moment[last] != moment[first]
        ):
            if last - first > 1:
                amount[first:last] = -np.sort(-amount[first:last])
            first = last
    return account, currency, moment, amount


@compiled
def _unspent(
    account: Numbers, currency: Numbers, at_us: Ints, amount: Ints, window_us: int
) -> Ints:
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
