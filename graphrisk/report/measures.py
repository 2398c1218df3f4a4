"""What the pictures show, counted: small tables out of an analysis, whatever its size."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.explain.waterfall import Waterfall
from graphrisk.intake.columns import TABLES
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.shelf import scan

#: Sums are taken over whole millionths of a nat, so that no order of rows can change them.
_PER_NAT = 1_000_000
_NATS_PER_BIN = 0.5
#: Risks beyond these log-odds (about 0.03% and 99.97%) are counted in the outermost bins.
_LOWEST, _HIGHEST = -8.0, 8.0


def flow(decisions: pl.DataFrame) -> pl.DataFrame:
    """Count accounts by the tier their risk asks for and the tier they got."""
    counted = decisions.group_by("tier_by_risk", "tier").agg(n_accounts=pl.len())
    return counted.sort("tier_by_risk", "tier")


def moved(decisions: pl.DataFrame) -> pl.DataFrame:
    """Count the accounts that each rule gave another tier than their risk asks for."""
    other = decisions.filter(pl.col("tier") != pl.col("tier_by_risk"))
    counted = other.group_by("rule").agg(n_accounts=pl.len())
    return counted.sort("n_accounts", "rule", descending=[True, False])


def histogram(
    risk_prob: NDArray[np.float64], ladder: tuple[float, ...]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Count accounts by log-odds, in bins that end at each threshold of the tiers.

    Returns
    -------
    edges, n_accounts
        Log-odds, shape (n_bins + 1,), and accounts, shape (n_bins,).
    """
    inner = np.clip(log_odds(np.array(ladder)), _LOWEST, _HIGHEST)
    even = np.arange(_LOWEST, _HIGHEST + _NATS_PER_BIN / 2, _NATS_PER_BIN)
    apart = np.abs(even[:, None] - inner[None, :]).min(axis=1) > _NATS_PER_BIN / 4
    apart[[0, -1]] = True
    edges = np.unique(np.concatenate((even[apart], inner)))
    return edges, np.histogram(np.clip(log_odds(risk_prob), edges[0], edges[-1]), edges)[0]


def log_odds(prob: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn probabilities into finite log-odds."""
    inside = np.clip(prob, 1e-15, 1 - 1e-15)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def families(evidence: Waterfall) -> pl.DataFrame:
    """Add up what each family brought: ``group, family, n_accounts, up_nats, down_nats``."""
    by_family, columns = ("group", "family"), ("account_id", "group", "family", "nats")
    millionths = (pl.col("nats") * _PER_NAT).round().cast(pl.Int64)
    counted = [
        part.lazy()
        .filter((pl.col("group") != "prior") & (pl.col("nats") != 0))
        .group_by(by_family)
        .agg(
            n_accounts=pl.col("account_id").n_unique(),
            up_nats=millionths.clip(lower_bound=0).sum(),
            down_nats=millionths.clip(upper_bound=0).sum(),
        )
        .collect()
        for part in evidence.parts(columns)
    ]
    sums = pl.concat(counted).group_by(by_family).agg(pl.all().sum()).sort(by_family)
    return sums.with_columns(pl.col("up_nats", "down_nats") / _PER_NAT)


def ages(dataset: Dataset) -> list[tuple[str, str, int, datetime, datetime]]:
    """Say of each table and source how many records are dated, and the oldest and newest."""
    found = []
    for name in dataset.tables:
        rows = scan(dataset.tables, name)
        times = [column.name for column in TABLES[name].columns if column.is_event_time]
        if not times:
            continue
        has_source = "source" in rows.collect_schema().names()
        source = pl.col("source").fill_null("") if has_source else pl.lit("")
        spans = (
            rows.select(
                source.alias("source"),
                oldest=pl.min_horizontal(times),
                newest=pl.max_horizontal(times),
            )
            .group_by("source")
            .agg(pl.col("newest").count().alias("n"), pl.min("oldest"), pl.max("newest"))
            .filter(pl.col("n") > 0)
            .sort("source")
            .collect()
        )
        found += [(name, *span) for span in spans.rows()]
    return sorted(found, key=lambda span: span[:2])
