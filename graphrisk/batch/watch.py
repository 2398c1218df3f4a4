"""What is worth watching about a run: drift, label delay, the age of data, where accounts went."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.batch.source import newest_fact
from graphrisk.intake.columns import TABLES
from graphrisk.intake.dataset import Dataset
from graphrisk.report.run_record import totals
from graphrisk.risk.stability import population_stability

#: Labels that became known in so many days before the run tell the delay.
LABEL_DAYS = 30
DELAY_QUANTILES = (0.5, 0.9)
NEW, GONE = "new", "gone"
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def feeds_watched(dataset: Dataset, moment: datetime) -> dict[str, Any]:
    """Measure the feeds, as of ``moment``.

    Returns
    -------
    dict
        ``data_age_hours`` by table, ``label_delay_days`` by quantile (of labels that became known
        in the last days; empty if there are none), and ``quarantined_share`` of the rows read.
    """
    rows = totals(dataset.tallies)
    ages = {name: newest_fact(dataset, name) for name in TABLES if name in dataset.tables}
    return {
        "data_age_hours": {
            name: round((moment - newest) / _HOUR, 3)
            for name, newest in ages.items()
            if newest is not None
        },
        "label_delay_days": _label_delay(dataset, moment),
        "quarantined_share": round(rows["n_quarantined"] / max(rows["n_rows_read"], 1), 6),
    }


def _label_delay(dataset: Dataset, moment: datetime) -> dict[str, float]:
    labels = dataset.tables.get("labels")
    if labels is None:
        return {}
    known = pl.col("known_at")
    lately = labels.filter(known.is_between(moment - timedelta(days=LABEL_DAYS), moment))
    delay = lately.select((known - pl.col("event_at")).dt.total_microseconds()).to_series()
    delay = delay.drop_nulls().cast(pl.Float64) / (_DAY / timedelta(microseconds=1))
    if delay.is_empty():
        return {}
    return {f"{q:g}": round(float(delay.quantile(q, "linear") or 0.0), 3) for q in DELAY_QUANTILES}


def drift(
    earlier: tuple[pl.DataFrame, pl.LazyFrame] | None, later: tuple[pl.DataFrame, pl.LazyFrame]
) -> dict[str, Any]:
    """Measure how far risk and each signal have moved since another run, as stability indexes.

    Parameters
    ----------
    earlier, later
        Decisions and evidence of two analyses; None for a run with none before it.

    Returns
    -------
    dict
        ``risk_psi``, None without an earlier run, and ``signal_psi`` by reason code.
    """
    if earlier is None:
        return {"risk_psi": None, "signal_psi": {}}
    (stood, then), (stands, now) = earlier, later
    before, after = _nats_by_code(then), _nats_by_code(now)
    moved = {
        code: population_stability(
            _filled(before.get(code), len(stood)), _filled(after.get(code), len(stands))
        )
        for code in sorted(set(before) | set(after))
    }
    risk = population_stability(stood["risk_prob"].to_numpy(), stands["risk_prob"].to_numpy())
    return {
        "risk_psi": round(risk, 6),
        "signal_psi": {code: round(psi, 6) for code, psi in moved.items()},
    }


def _nats_by_code(evidence: pl.LazyFrame) -> dict[str, NDArray[np.float64]]:
    """Return what each reason added, for the accounts that it spoke of."""
    told = evidence.filter(pl.col("group") != "prior").select("reason_code", "nats").collect()
    return {str(code): part["nats"].to_numpy() for (code,), part in told.group_by("reason_code")}


def _filled(nats: NDArray[np.float64] | None, n_accounts: int) -> NDArray[np.float64]:
    """Give every account a value: NaN where the reason is silent, shape (n_accounts,)."""
    told = np.full(n_accounts, np.nan)
    if nats is not None:
        told[: len(nats)] = nats
    return told


def tier_flow(before: pl.DataFrame | None, now: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Count the accounts that went from each tier to each other; ``new`` and ``gone`` are tiers."""
    if before is None:
        return {}
    both = now.select("account_id", later="tier").join(
        before.select("account_id", earlier="tier"), on="account_id", how="full", coalesce=True
    )
    counted = (
        both.with_columns(pl.col("earlier").fill_null(NEW), pl.col("later").fill_null(GONE))
        .group_by("earlier", "later")
        .len()
        .sort("earlier", "later")
    )
    flow: dict[str, dict[str, int]] = {}
    for earlier, later, n_accounts in counted.iter_rows():
        flow.setdefault(earlier, {})[later] = n_accounts
    return flow
