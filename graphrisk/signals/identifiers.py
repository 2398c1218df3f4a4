"""Signals from identifiers that an account has not had for long."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Ints
from graphrisk.graph.uses import FAR_US
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import SignalRule
from graphrisk.model.times import DAY_US
from graphrisk.signals.measure import Book
from graphrisk.signals.moments import n_between


def new_before_application(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count applications shortly after a device or phone was first seen with an old account.

    Shortly is within ``rule.window_days``; old is open for ``rule.account_age_days`` when it
    applied. Unknown without an application, an opening time, or a dated device or phone.
    """
    accounts = book.scan("accounts")
    if accounts is None or book.scan("applications") is None:
        return np.full(len(book.graph.accounts), np.nan)
    opened = accounts.select("account_id", us=pl.col("opened_at").dt.epoch("us")).collect()
    opened_us = book.by_account(opened, "us")  # exact: below 2**53
    account, seen_us = _first_seen(book)
    asked = np.zeros(len(opened_us), dtype=bool)
    asked[account] = True
    asked &= ~np.isnan(opened_us)

    applicant, at_us = _applied(book, asked)
    since_us = at_us - rule.window_days * DAY_US
    is_new = n_between(account, seen_us, applicant, since_us, at_us) > 0
    is_old = at_us - opened_us[applicant] > rule.account_age_days * DAY_US
    return book.sum_by_account(applicant, (is_new & is_old).astype(np.int64))


def _applied(book: Book, asked: Flags) -> tuple[Ints, Ints]:
    """When the accounts that are asked for applied: account, rising, and microseconds."""
    applied = book.applied
    n_applied = np.diff(applied.begins)
    applicant = np.repeat(np.flatnonzero(asked), n_applied[asked])
    return applicant, applied.at_us[np.repeat(asked, n_applied)]


def _first_seen(book: Book) -> tuple[Ints, Ints]:
    """When each device and phone was first seen with its account: account, microseconds."""
    accounts, moments = [], []
    for kind in (EntityKind.DEVICE, EntityKind.PHONE):
        uses = book.uses_of(kind)
        dated = uses.begun_us > -FAR_US
        accounts.append(uses.account[dated])
        moments.append(uses.begun_us[dated])
    return np.concatenate(accounts), np.concatenate(moments)
