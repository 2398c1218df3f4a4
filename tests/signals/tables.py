"""Small tables of three or more accounts, as of one moment, and what a signal says of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from graphrisk import Policy, read_dataset
from graphrisk.graph.build import build_graph
from graphrisk.graph.hubs import protected_hubs
from graphrisk.signals.catalog import CATALOG
from graphrisk.signals.measure import Book

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
POLICY = Policy.default()
TIME = pl.Datetime("us", "UTC")


def ago(days: float | None) -> datetime | None:
    return None if days is None else AS_OF - timedelta(days=days)


def book(names: str = "ABC", *, opened: float | None = None, **tables: pl.DataFrame) -> Book:
    """Accounts of one letter each, opened so many days ago."""
    accounts = pl.DataFrame({"account_id": list(names)})
    if opened is not None:
        accounts = accounts.with_columns(opened_at=pl.lit(ago(opened), TIME))
    dataset = read_dataset({"accounts": accounts, **tables})
    graph = build_graph(dataset, as_of=AS_OF)
    return Book(dataset, graph, protected_hubs(graph, POLICY.protection), AS_OF)


def values(code: str, seen: Book, **settings: float) -> list[float | None]:
    """Measure one signal; settings given here replace those of the default policy."""
    signal = next(signal for signal in CATALOG if signal.code == code)
    measured = signal.measure(seen, replace(POLICY.signals[signal.rule], **settings))
    return [None if np.isnan(value) else value for value in measured]


def _frame(rows: list[tuple], **schema: type | pl.DataType) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def applications(*rows: tuple) -> pl.DataFrame:
    """Account, lender, days ago, and if given outcome and amount."""
    full = [(*row, None, None)[:5] for row in rows]
    return _frame(
        [(f"X{i}", a, lender, ago(d), o, m, "CNY") for i, (a, lender, d, o, m) in enumerate(full)],
        application_id=pl.String, account_id=pl.String, lender_id=pl.String, applied_at=TIME,
        outcome=pl.String, amount_minor=pl.Int64, currency=pl.String,
    )  # fmt: skip


def repayments(*rows: tuple) -> pl.DataFrame:
    """Account, days since due, days since paid or None, and if given the lender."""
    full = [(*row, "L1")[:4] for row in rows]
    return _frame(
        [(a, lender, ago(due), ago(paid)) for a, due, paid, lender in full],
        account_id=pl.String, lender_id=pl.String, due_at=TIME, paid_at=TIME,
    )  # fmt: skip


def identifiers(*rows: tuple) -> pl.DataFrame:
    """Account, kind, value, and if given days since first and last seen, and the source."""
    full = [(*row, None, None, None)[:6] for row in rows]
    return _frame(
        [(a, kind, value, ago(f), ago(t), source) for a, kind, value, f, t, source in full],
        account_id=pl.String, kind=pl.String, value=pl.String,
        first_seen_at=TIME, last_seen_at=TIME, source=pl.String,
    )  # fmt: skip


def transfers(*rows: tuple[str, str, float, int]) -> pl.DataFrame:
    """Sender, receiver, hours ago, amount."""
    return _frame(
        [(a, b, ago(hours / 24), amount, "CNY") for a, b, hours, amount in rows],
        from_account_id=pl.String, to_account_id=pl.String, at=TIME, amount_minor=pl.Int64,
        currency=pl.String,
    )  # fmt: skip


def guarantees(*pairs: str) -> pl.DataFrame:
    """Two letters each: the guarantor and the borrower, a month ago."""
    return _frame(
        [(a, b, ago(30)) for a, b in pairs], guarantor_id=pl.String, borrower_id=pl.String, at=TIME
    )


def assessments(*rows: tuple[str, str, str, float, float | None]) -> pl.DataFrame:
    """Account, source, measure, value, days ago."""
    return _frame(
        [(a, source, measure, value, ago(days)) for a, source, measure, value, days in rows],
        account_id=pl.String, source=pl.String, measure=pl.String, value=pl.Float64, as_of=TIME,
    )  # fmt: skip
