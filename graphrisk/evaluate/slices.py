"""Parts of a book that are looked at by themselves: age, links, sharing, attributes."""

from __future__ import annotations

import numpy as np
import polars as pl

from graphrisk.graph.hubs import is_identifier, n_linked_accounts, protected_hubs
from graphrisk.model.kinds import EntityKind
from graphrisk.pipeline import Analysis

#: An attribute with more distinct values than this is no way to slice a book.
MOST_VALUES = 12
UNKNOWN = "unknown"
_LINKS = ((0, "none"), (1, "1"), (5, "2 to 5"), (20, "6 to 20"), (100, "21 to 100"))
_DAYS = ((90, "under 90 days"), (365, "90 days to a year"), (1095, "1 to 3 years"))


def slices_of(analysis: Analysis) -> pl.DataFrame:
    """Say for every account which part of each slicing it belongs to.

    Returns
    -------
    polars.DataFrame
        ``account_id``, and one text column for each slicing: number of links, shared
        infrastructure, tenure, credit history, status, and each attribute of few values. A
        slicing that the dataset says nothing about is absent.
    """
    graph, tables = analysis.graph, analysis.dataset.tables
    ids = pl.DataFrame({"account_id": graph.index.ids[graph.kinds.index(EntityKind.ACCOUNT)]})
    n_links = pl.Series(np.diff(graph.offsets)[graph.accounts])
    parts = ids.with_columns(
        _steps(n_links, _LINKS, "over 100").alias("links"),
        _sharing(analysis).alias("shared infrastructure"),
    )
    accounts = tables.get("accounts")
    if accounts is not None:
        parts = parts.join(_from_accounts(accounts, analysis), on="account_id", how="left")
    history = [tables[t]["account_id"] for t in ("applications", "repayments") if t in tables]
    if history:
        has = pl.col("account_id").is_in(pl.concat(history).implode())
        parts = parts.with_columns(
            pl.when(has).then(pl.lit("has applied or repaid")).otherwise(pl.lit("new to credit"))
            .alias("credit history")
        )  # fmt: skip
    entities = tables.get("entities")
    if entities is not None:
        parts = parts.join(_from_attributes(entities), on="account_id", how="left")
    filled = parts.with_columns(pl.exclude("account_id").cast(pl.String).fill_null(UNKNOWN))
    kept = [name for name in filled.columns if filled[name].n_unique() > 1]
    return filled.select("account_id", *(name for name in kept if name != "account_id"))


def _steps(values: pl.Series, steps: tuple[tuple[int, str], ...], above: str) -> pl.Series:
    """Name the step that each value falls into; null stays null."""
    named: pl.Expr = pl.when(values.is_not_null()).then(pl.lit(above))
    for most, text in reversed(steps):
        named = pl.when(values <= most).then(pl.lit(text)).otherwise(named)
    return pl.select(named).to_series()


def _sharing(analysis: Analysis) -> pl.Series:
    """Say whether an account uses a crowd's thing, one shared with few, or none."""
    graph = analysis.graph
    is_crowd = protected_hubs(graph, analysis.policy.protection) >= 0
    is_shared = is_identifier(graph) & (n_linked_accounts(graph) > 1) & ~is_crowd
    row, neighbor = graph.row_of_slot(), graph.neighbor
    touches = [
        np.bincount(row, weights=mask[neighbor], minlength=graph.n_entities)[graph.accounts] > 0
        for mask in (is_shared, is_crowd)
    ]
    words = np.where(
        touches[0], "shares a thing", np.where(touches[1], "crowd's things only", "shares nothing")
    )
    return pl.Series(words)


def _from_accounts(accounts: pl.DataFrame, analysis: Analysis) -> pl.DataFrame:
    parts = accounts.select("account_id")
    if analysis.as_of is not None and accounts["opened_at"].null_count() < len(accounts):
        days = (pl.lit(analysis.as_of) - accounts["opened_at"]).dt.total_days()
        tenure = _steps(pl.select(days).to_series(), _DAYS, "over 3 years")
        parts = parts.with_columns(tenure.alias("tenure"))
    if 1 < accounts["status"].n_unique() <= MOST_VALUES:
        parts = parts.with_columns(accounts["status"].alias("status"))
    return parts


def _from_attributes(entities: pl.DataFrame) -> pl.DataFrame:
    """Take the attributes of accounts that have few values."""
    rows = entities.filter(pl.col("kind") == EntityKind.ACCOUNT.value)
    own = [n for n in rows.columns if n not in ("entity_id", "kind", "usage")]
    few = [name for name in own if 1 < rows[name].n_unique() <= MOST_VALUES]
    return rows.select(
        pl.col("entity_id").alias("account_id"),
        *(pl.col(name).cast(pl.Float64).map_batches(_short).alias(name) for name in few),
    )


def _short(column: pl.Series) -> pl.Series:
    return column.cast(pl.String).str.strip_suffix(".0")
