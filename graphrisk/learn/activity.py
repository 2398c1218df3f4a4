"""What accounts do over each relation: how often, how much, when, and with whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.learn.columns import Column, activity_reason
from graphrisk.learn.grouped import gaps, grouped, most_within
from graphrisk.learn.records import Records
from graphrisk.model.policy import Policy

#: Spans of days in which records are counted: bursts, and what is recent.
BURST_DAYS, RECENT_DAYS = (1.0, 7.0, 30.0), (30.0, 90.0)

Values = Iterator[tuple[str, NDArray[np.float64]]]


def activity_columns(graph: LinkGraph, records: Sequence[Records], policy: Policy) -> list[Column]:
    """Measure, for each relation and each end that accounts are at, what they do over it."""
    accounts = graph.accounts
    is_account = np.zeros(graph.n_entities, dtype=bool)
    is_account[accounts] = True
    dated = [r.at_days[~np.isnan(r.at_days)] for r in records]
    now = max((float(at.max()) for at in dated if len(at)), default=np.nan)
    if graph.as_of is not None:
        now = graph.as_of_us / 86_400e6
    columns = []
    for each in records:
        for way, here, there in each.both_ways():
            chosen = is_account[here]
            if not chosen.any():
                continue
            reason = activity_reason(each.relation, policy, receiving=way == "in")
            one_end = here[chosen], there[chosen], each.at_days[chosen], each.amount[chosen]
            for name, values in _measured(*one_end, graph.n_entities, now):
                label = f"{each.relation}.{way}.{name}"
                columns.append(Column(label, reason, 0, values[accounts]))
    return columns


def _measured(
    here: NDArray[np.int64],
    there: NDArray[np.int64],
    at_days: NDArray[np.float64],
    amount: NDArray[np.float64],
    n: int,
    now: float,
) -> Values:
    n_records = np.bincount(here, minlength=n).astype(np.float64)
    yield "n_records", n_records
    yield from _with_whom(here, there, n_records, n)
    if not np.isnan(amount).all() and np.nanmin(amount) != np.nanmax(amount):
        money = grouped(here, amount, n)
        yield "amount", money.total
        yield "amount_mean", money.mean
        yield "amount_lowest", money.lowest
        yield "amount_highest", money.highest
        yield "amount_spread", money.spread
    if not np.isnan(at_days).all():
        yield from _when(here, at_days, n, now)


def _with_whom(
    here: NDArray[np.int64], there: NDArray[np.int64], n_records: NDArray[np.float64], n: int
) -> Values:
    pair = np.unique(here * n + there)
    one, other = pair // n, pair % n
    n_others = np.bincount(one, minlength=n).astype(np.float64)
    if len(pair) < len(here):
        yield "n_others", n_others
        yield "records_for_each", n_records / np.maximum(n_others, 1.0)
    at_other = np.bincount(other, minlength=n).astype(np.float64)
    if at_other.max(initial=0.0) > 1:
        theirs = grouped(one, np.log1p(at_other[other]), n)
        yield "others_degree_mean", theirs.mean
        yield "others_degree_highest", theirs.highest
        yield "others_degree_lowest", theirs.lowest
        shared = (at_other[other] > 1).astype(np.float64)
        yield "n_shared", np.bincount(one, weights=shared, minlength=n).astype(np.float64)


def _when(here: NDArray[np.int64], at_days: NDArray[np.float64], n: int, now: float) -> Values:
    times = grouped(here, at_days, n)
    span = times.highest - times.lowest
    yield "last_age_days", now - times.highest
    yield "first_age_days", now - times.lowest
    yield "span_days", span
    yield "rate_per_day", times.count / (span + 1.0)
    yield "times_spread_days", times.spread
    between = gaps(here, at_days, n)
    yield "gap_mean_days", between.mean
    yield "gap_lowest_days", between.lowest
    for days in BURST_DAYS:
        most = most_within(here, at_days, n, days)
        yield f"most_in_{days:.0f}_days", np.where(times.count > 0, most, np.nan)
    for days in RECENT_DAYS:
        recent = here[at_days > now - days]
        yield f"n_last_{days:.0f}_days", np.bincount(recent, minlength=n).astype(np.float64)
