"""Signals from applications to lenders: many at once, and one loan paid with the next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Floats, Ints, Numbers, compiled
from graphrisk.graph.build import known_by
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import SignalRule
from graphrisk.model.times import DAY_US
from graphrisk.signals.measure import Book
from graphrisk.signals.moments import n_between

#: How sources write what came of an application. Any other word is an outcome not known.
APPROVED = ("approved", "accepted", "granted")
DECLINED = ("declined", "rejected", "refused")
WITHDRAWN = ("withdrawn", "cancelled", "canceled")
#: Applications whose windows are weighed together, so that memory follows this and not the book.
_AT_ONCE = 200_000


def most_lenders_in_window(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count the distinct lenders applied to within any window of ``rule.window_days``.

    Lenders of a window of rate shopping count ``rule.rate_shopping_weight`` each: whoever
    compares offers asks several lenders for about the same amount, and takes one at most.
    """
    if book.scan("applications") is None:
        return np.full(len(book.graph.accounts), np.nan)
    applied, window_us = book.applied, rule.window_days * DAY_US
    most = _most_at_once(
        applied.begins, applied.lender, applied.at_us, applied.n_lenders, rule.free_count, window_us
    )
    # Few accounts have more than count at all, and only those are asked whether they compare.
    busy = most > rule.free_count
    if busy.any():
        for some in _by_accounts(_applications_of(book, busy)):
            weighed = _most_weighed(some, rule)
            most[weighed["account"].to_numpy()] = weighed["n_lenders"].to_numpy()
    return most


@compiled
def _most_at_once(
    begins: Ints, lender: Numbers, at_us: Ints, n_lenders: int, n_free: float, window_us: int
) -> Floats:
    """Count the distinct lenders of each account, those of its fullest window if over ``n_free``.

    NaN without an application. No window has more lenders than all of them together.
    """
    most = np.full(len(begins) - 1, np.nan)
    n_of = np.zeros(n_lenders, np.int64)
    for a in range(len(most)):
        first, last = begins[a], begins[a + 1]
        if first == last:
            continue
        n = 0
        for i in range(first, last):
            n += n_of[lender[i]] == 0
            n_of[lender[i]] = 1
        for i in range(first, last):
            n_of[lender[i]] = 0
        most[a] = n
        if n <= n_free:
            continue
        order, oldest, n = first + np.argsort(at_us[first:last]), 0, 0
        most[a] = 0
        for i in order:
            n += n_of[lender[i]] == 0
            n_of[lender[i]] += 1
            while at_us[order[oldest]] < at_us[i] - window_us:
                n_of[lender[order[oldest]]] -= 1
                n -= n_of[lender[order[oldest]]] == 0
                oldest += 1
            most[a] = max(most[a], n)
        for i in order[oldest:]:
            n_of[lender[i]] = 0
    return most


def _applications_of(book: Book, chosen: Flags) -> pl.DataFrame:
    """Read the applications of some accounts, by account and time."""
    names = book.graph.index.ids[book.graph.kinds.index(EntityKind.ACCOUNT)]
    known = known_by(book.as_of, "applied_at")
    asked = known & pl.col("account_id").is_in(names.filter(pl.Series(chosen)).implode())
    parts = []
    for part in book.parts("applications"):
        rows = part.filter(asked).collect()
        parts.append(
            rows.select(
                "applied_at", "amount_minor", "currency",
                account=pl.Series(book.place_of(rows["account_id"])),
                lender="lender_id",
                is_approved=_is_one_of(APPROVED),
                is_declined=_is_one_of(DECLINED),
                is_withdrawn=_is_one_of(WITHDRAWN),
            )
        )  # fmt: skip
    return pl.concat(parts).sort("account", "applied_at")


def _by_accounts(applied: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cut rows that are sorted by account up between accounts, many of these at a time."""
    account = applied["account"].to_numpy()
    cuts = np.searchsorted(account, account[_AT_ONCE::_AT_ONCE])
    for first, last in pairwise([0, *np.unique(cuts).tolist(), len(account)]):
        yield applied[first:last]


def _most_weighed(applied: pl.DataFrame, rule: SignalRule) -> pl.DataFrame:
    """Take the most lenders of any window, as they count: ``account, n_lenders``."""
    weight = pl.when(_is_rate_shopping(rule)).then(rule.rate_shopping_weight).otherwise(1.0)
    return (
        applied.rolling(
            "applied_at", period=f"{rule.window_days}d", closed="both", group_by="account"
        )
        .agg(n_lenders=pl.col("lender").n_unique().cast(pl.Float64) * weight)
        .group_by("account")
        .agg(pl.col("n_lenders").max())
    )


def _is_one_of(words: tuple[str, ...]) -> pl.Expr:
    outcome = pl.col("outcome").str.strip_chars().str.to_lowercase()
    return outcome.is_in(words).fill_null(False)


def _is_rate_shopping(rule: SignalRule) -> pl.Expr:
    """Say of a window's applications together whether they compare offers.

    Similar amounts, at most one approval, hardly a decline that others follow, the rest
    withdrawn. An amount, currency or outcome that is not known leaves it open: then no.
    """
    amount, n_approved = pl.col("amount_minor"), pl.col("is_approved").sum()
    n_known = n_approved + pl.col("is_declined").sum() + pl.col("is_withdrawn").sum()
    is_followed = pl.col("applied_at") < pl.col("applied_at").max()
    return (
        (amount.null_count() == 0)
        & (pl.col("currency").null_count() == 0)
        & (pl.col("currency").n_unique() == 1)
        & (amount.max() <= rule.similar_amount_ratio * amount.min())
        & (n_known == pl.len())
        & (n_approved <= 1)
        & ((pl.col("is_declined") & is_followed).sum() <= rule.forgiven_declines)
    )


def repaid_with_new_loans(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count approvals after which another lender was repaid within ``rule.window_days``.

    Unknown for an account without an approval, or without a repayment made.
    """
    applications, repayments = book.scan("applications"), book.scan("repayments")
    if applications is None or repayments is None:
        return np.full(len(book.graph.accounts), np.nan)
    paid = (
        repayments.filter(pl.col("paid_at").is_not_null() & known_by(book.as_of, "paid_at"))
        .select("account_id", "lender_id", "paid_at")
        .collect()
    )
    approved = (
        applications.filter(known_by(book.as_of, "applied_at") & _is_one_of(APPROVED))
        .select("account_id", "lender_id", "applied_at")
        .join(paid.lazy().select("account_id").unique(), on="account_id", how="semi")
        .collect()
    )
    n_paid = _n_paid_after(approved, paid, ("account_id",), rule.window_days)
    # Only where somebody was paid is it worth a look whether that was the new lender alone.
    followed = approved.filter(pl.Series(n_paid > 0))
    is_hop = n_paid > 0
    is_hop[n_paid > 0] = n_paid[n_paid > 0] > _n_paid_after(
        followed, paid, ("account_id", "lender_id"), rule.window_days
    )
    counted = approved.select("account_id", is_hop=pl.Series(is_hop))
    return book.by_account(counted.group_by("account_id").agg(pl.col("is_hop").sum()), "is_hop")


def _n_paid_after(
    approved: pl.DataFrame, paid: pl.DataFrame, payee: tuple[str, ...], window_days: int
) -> Ints:
    """Count, for each approval, the payments with the same ``payee`` columns soon after it."""
    payees = approved.select(payee).unique(maintain_order=True).with_row_index("payee")
    asked = approved.join(payees, on=payee, how="left", maintain_order="left")
    of, at_us = _as_numbers(paid.join(payees, on=payee), "paid_at")
    asked_of, since_us = _as_numbers(asked, "applied_at")
    return n_between(of, at_us, asked_of, since_us, since_us + window_days * DAY_US)


def _as_numbers(rows: pl.DataFrame, time: str) -> tuple[Ints, Ints]:
    return rows["payee"].cast(pl.Int64).to_numpy(), rows[time].dt.epoch("us").to_numpy()
