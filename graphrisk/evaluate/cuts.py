"""Moments to stand at when a book is tested backwards in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import polars as pl

from graphrisk.errors import UsageError
from graphrisk.evaluate.split import LEAST_BAD, outcomes
from graphrisk.intake.dataset import Dataset


def cuts_of(dataset: Dataset, n_cuts: int) -> list[datetime]:
    """Choose moments between which equally many accounts became known as bad.

    Half of the dated bad labels come before the first cut.

    Raises
    ------
    UsageError
        If too few bad labels carry a time.
    """
    times = _times(dataset)
    if len(times) < 2 * LEAST_BAD * n_cuts:
        raise UsageError(
            f"{len(times):,} bad labels say when they became known",
            expected=f"at least {2 * LEAST_BAD * n_cuts} for {n_cuts} cuts",
            hint="supply known_at, ask for fewer --cuts, or use --split random",
        )
    places = [(len(times) - 1) * (n_cuts + i) // (2 * n_cuts) for i in range(n_cuts + 1)]
    return [times[place] for place in places]


def months_of(
    dataset: Dataset, n_months: int, sight: Callable[[datetime], pl.Series]
) -> list[datetime]:
    """Choose the first moments (UTC) of the last months in which bad accounts became known.

    A month with fewer than ``LEAST_BAD`` that could be seen when it began is tested together with
    the months before it, so that a test may span several; the newest month ends the last test.

    Parameters
    ----------
    sight
        Gives the accounts that could be seen at a moment.

    Returns
    -------
    list of datetime
        ``n_months + 1`` moments in rising order.

    Raises
    ------
    UsageError
        If there are not so many, with as many bad accounts known before the first.
    """
    bad = outcomes(dataset).filter("is_bad", pl.col("known_at").is_not_null()).sort("known_at")
    just_before = pl.col("known_at") - pl.duration(microseconds=1)  # known at a cut is known by it
    months = bad.select(just_before.dt.truncate("1mo"))["known_at"].unique().sort()
    cuts: list[datetime] = []
    if len(months):
        cuts.append(pl.select(pl.lit(months[-1]).dt.offset_by("1mo")).item())
    for month in reversed(months.to_list()):
        due = bad.filter((pl.col("known_at") > month) & (pl.col("known_at") <= cuts[0]))
        if int(due["account_id"].is_in(sight(month).implode()).sum()) >= LEAST_BAD:
            cuts.insert(0, month)
        if len(cuts) == n_months + 1:
            break
    n_before = int((bad["known_at"] <= cuts[0]).sum()) if cuts else 0
    if len(cuts) <= n_months or n_before < LEAST_BAD:
        raise UsageError(
            f"{len(bad):,} bad labels say when they became known, in {len(months):,} months",
            expected=f"{n_months} spans of whole months with {LEAST_BAD} of accounts that could be "
            "seen, and as many before the first",
            hint="supply known_at, ask for fewer --cuts, or use --split time",
        )
    return cuts


def _times(dataset: Dataset) -> pl.Series:
    return outcomes(dataset).filter("is_bad")["known_at"].drop_nulls().sort()
