"""Hide labels: which accounts are tested, and the dataset without what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from graphrisk.errors import IntegrityFailure, UsageError
from graphrisk.intake.dataset import Dataset
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import is_good

#: Parts of a split file.
VISIBLE, HIDDEN = "visible", "hidden"
#: Fewer bad accounts to test than this say nothing.
LEAST_BAD = 5


@dataclass(frozen=True, slots=True)
class Split:
    """One test: what the pipeline may see, and what it is asked about.

    Attributes
    ----------
    name
        What tells this split from others of the same backtest.
    visible
        The dataset without any label of a tested account.
    tested
        ``account_id`` and ``is_bad`` of the hidden accounts, sorted by id.
    as_of
        The moment the pipeline decides at; nothing known later is used.
    """

    name: str
    visible: Dataset
    tested: pl.DataFrame
    as_of: datetime | None

    def check(self) -> None:
        """Raise ``IntegrityFailure`` if a tested account has a label that the pipeline can see."""
        labels = account_labels(self.visible)
        leaked = labels.join(self.tested, on="account_id", how="semi")["account_id"].n_unique()
        if leaked:
            raise IntegrityFailure(
                f"{leaked:,} of {len(self.tested):,} tested accounts still have a label",
                expected="no label on any account that is tested",
                hint="this is a fault in graphrisk; figures of this split can't be trusted",
            )


def account_labels(dataset: Dataset) -> pl.DataFrame:
    """Return the labels of accounts: ``account_id, is_bad, known_at``, one row for each label."""
    labels = dataset.tables.get("labels")
    if labels is None:
        return pl.DataFrame(
            schema={"account_id": pl.String, "is_bad": pl.Boolean, "known_at": _UTC}
        )
    good = [label for label in labels["label"].unique() if is_good(label)]
    return labels.filter(pl.col("entity_kind") == EntityKind.ACCOUNT.value).select(
        account_id="entity_id",
        is_bad=~pl.col("label").is_in(good),
        known_at=pl.coalesce("known_at", "event_at"),
    )


def outcomes(dataset: Dataset) -> pl.DataFrame:
    """Return what each labelled account turned out to be: ``account_id, is_bad, known_at``.

    Of labels of both signs the newest counts, and at equal times bad, as everywhere; an undated
    label is older than any dated one. ``known_at`` is when the account was first called so.
    """
    ordered = account_labels(dataset).sort(
        "account_id", "known_at", "is_bad", nulls_last=[True, False, False]
    )
    newest = ordered.group_by("account_id", maintain_order=True).agg(pl.col("is_bad").last())
    same = ordered.join(newest, on=["account_id", "is_bad"], how="semi")
    first = same.group_by("account_id", maintain_order=True).agg(pl.col("known_at").min())
    return newest.join(first, on="account_id", how="left").sort("account_id")


def hide(dataset: Dataset, accounts: pl.Series) -> Dataset:
    """Return the dataset without any label of the accounts."""
    labels = dataset.tables["labels"]
    of_them = (pl.col("entity_kind") == EntityKind.ACCOUNT.value) & pl.col("entity_id").is_in(
        accounts.implode()
    )
    return replace(dataset, tables={**dataset.tables, "labels": labels.filter(~of_them)})


def random_splits(
    dataset: Dataset, *, as_of: datetime | None, share: float, n_splits: int, seed: int
) -> list[Split]:
    """Hide a share of the bad and the same share of the good, at random, several times.

    Random splits flatter: what is hidden is as old as what is seen.
    """
    known = _known_by(outcomes(dataset), as_of)
    splits = []
    for number, stream in enumerate(np.random.SeedSequence(seed).spawn(n_splits)):
        chosen = _drawn(known, share, np.random.default_rng(stream))
        splits.append(_split(f"random {number + 1}", dataset, known.filter(chosen), as_of))
    return splits


def file_splits(dataset: Dataset, parts: pl.DataFrame, *, as_of: datetime | None) -> list[Split]:
    """Hide what a table says: ``account_id``, and one column of visible or hidden for each split.

    Accounts that a column does not name, or leaves empty, are neither seen nor tested.

    Raises
    ------
    UsageError
        If the table has no such columns.
    """
    columns = [name for name in parts.columns if _is_parts(parts[name])]
    if "account_id" not in parts.columns or not columns:
        raise UsageError(
            f"the split file has the columns {', '.join(parts.columns)}",
            expected=f"account_id, and columns that hold {VISIBLE} or {HIDDEN}",
            hint="write one column for each split",
        )
    known = _known_by(outcomes(dataset), as_of)
    named = known.join(
        parts.with_columns(pl.col("account_id").cast(pl.String)), on="account_id", how="left"
    )
    splits = []
    for name in columns:
        unseen = named.filter((pl.col(name) != VISIBLE).fill_null(True))["account_id"]
        tested = known.filter((named[name] == HIDDEN).fill_null(False))
        splits.append(replace(_split(name, dataset, tested, as_of), visible=hide(dataset, unseen)))
    return splits


def time_splits(
    dataset: Dataset,
    seen_by: Mapping[datetime, pl.Series],
    cuts: list[datetime],
    *,
    share: float,
    seed: int,
) -> list[Split]:
    """Stand at each cut, and ask who turns out bad before the next one.

    Bad labels known after a cut, up to the next, are tested against good accounts: those called
    good after the cut and, since most good labels carry no date, a share of the undated ones
    drawn at random, which are hidden. Only accounts that could be seen at the cut are tested.

    Parameters
    ----------
    seen_by
        For each cut but the last, the accounts that had been opened or had a link by then.
    cuts
        Moments in rising order; the last one ends the last test.
    """
    known = outcomes(dataset)
    splits = []
    for number, (cut, until) in enumerate(pairwise(cuts)):
        random = np.random.default_rng([seed, number])
        undated = pl.Series(_drawn(known, share, random)) & known["known_at"].is_null()
        later = (known["known_at"] > cut).fill_null(False)
        in_time = later & (known["known_at"] <= until).fill_null(False)
        held_back = known.filter(later | undated)
        asked = (known["is_bad"] & in_time) | (~known["is_bad"] & (later | undated))
        tested = known.filter(asked & known["account_id"].is_in(seen_by[cut].implode()))
        split = _split(f"{cut:%Y-%m-%d}", dataset, tested, cut)
        splits.append(replace(split, visible=hide(dataset, held_back["account_id"])))
    return splits


def read_parts(file: Path) -> pl.DataFrame:
    """Read a split file, CSV or Parquet.

    Raises
    ------
    UsageError
        If it can't be read.
    """
    try:
        if file.suffix == ".parquet":
            return pl.read_parquet(file, glob=False)
        return pl.read_csv(file, infer_schema=False, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UsageError(
            f"split file {file} can't be read ({type(error).__name__})",
            expected="a CSV or Parquet table",
            hint="check the path given with --split-file",
        ) from error


def _split(name: str, dataset: Dataset, tested: pl.DataFrame, as_of: datetime | None) -> Split:
    n_bad = int(tested["is_bad"].sum())
    if n_bad < LEAST_BAD or n_bad == len(tested):
        raise UsageError(
            f"split {name} would test {n_bad:,} bad and {len(tested) - n_bad:,} good accounts",
            expected=f"at least {LEAST_BAD} bad ones, and a good one",
            hint="supply more labels, good ones too, or hide a larger share",
        )
    asked = tested.select("account_id", "is_bad")
    return Split(name, hide(dataset, asked["account_id"]), asked, as_of)


def _known_by(known: pl.DataFrame, as_of: datetime | None) -> pl.DataFrame:
    if as_of is None:
        return known
    return known.filter((pl.col("known_at") <= as_of).fill_null(True))


def _drawn(
    known: pl.DataFrame, share: float, random: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Draw the same share of the bad and of the good, in the order of ids."""
    drawn = np.zeros(len(known), dtype=bool)
    is_bad = known["is_bad"].to_numpy()
    for sign in (True, False):
        rows = np.flatnonzero(is_bad == sign)
        drawn[random.permutation(rows)[: round(share * len(rows))]] = True
    return drawn


def _is_parts(column: pl.Series) -> bool:
    if column.dtype != pl.String:
        return False
    return bool(column.drop_nulls().is_in([VISIBLE, HIDDEN]).all()) and column.null_count() < len(
        column
    )


_UTC = pl.Datetime("us", "UTC")
