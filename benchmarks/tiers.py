"""What the tiers of a demo book found, and whom they wronged, against its truth.

    python benchmarks/tiers.py ANALYSIS TRUTH

ANALYSIS is what ``graphrisk analyze`` wrote for a book of ``graphrisk demo``; TRUTH is the
book's ``truth`` folder. Only accounts without a label in force are counted: the others are known
to the analysis already.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

TIERS = ("clear", "monitor", "review", "limit", "close")


def unlabelled(decisions: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Join tiers to the truth of the accounts without a label: ``role, is_bad, tier``."""
    return truth.filter(~pl.col("is_labelled")).join(
        decisions.select("account_id", "tier"), on="account_id", how="left"
    )


def by_tier(accounts: pl.DataFrame) -> pl.DataFrame:
    """Count, for each tier and above, the bad found and the honest wronged.

    Returns
    -------
    polars.DataFrame
        ``tier, n_accounts, n_bad, recall, precision``: recall among all bad accounts given,
        precision among those of the tier and above.
    """
    rows = []
    n_all_bad = int(accounts["is_bad"].sum())
    for rung in range(1, len(TIERS)):
        reached = accounts.filter(pl.col("tier").is_in(TIERS[rung:]))
        n_bad = int(reached["is_bad"].sum())
        rows.append(
            (
                TIERS[rung],
                len(reached),
                n_bad,
                n_bad / n_all_bad if n_all_bad else None,
                n_bad / len(reached) if len(reached) else None,
            )
        )
    names = ["tier", "n_accounts", "n_bad", "recall", "precision"]
    return pl.DataFrame(rows, schema=names, orient="row")


def by_role(accounts: pl.DataFrame) -> pl.DataFrame:
    """Count the accounts of each role in each tier, honest roles first."""
    counted = accounts.group_by("is_bad", "role").agg(
        *((pl.col("tier") == tier).sum().alias(tier) for tier in TIERS)
    )
    return counted.sort("is_bad", "role")


def read_truth(path: Path) -> pl.DataFrame:
    """Read the truth of a book, from its folder or its file."""
    if path.is_dir():
        (path,) = [p for p in path.glob("accounts.*") if p.suffix in (".csv", ".parquet")]
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)


def _lines(table: pl.DataFrame) -> list[str]:
    """Write a table as text, numbers to the right."""
    shown = [
        [f"{value:.3f}" if isinstance(value, float) else f"{value}" for value in row]
        for row in table.rows()
    ]
    widths = [max(map(len, column)) for column in zip(table.columns, *shown, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if i < 1 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in [table.columns, *shown]
    ]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("analysis", type=Path)
    parser.add_argument("truth", type=Path)
    given = parser.parse_args()
    accounts = unlabelled(
        pl.read_parquet(given.analysis / "decisions.parquet"), read_truth(given.truth)
    )
    n_bad = int(accounts["is_bad"].sum())
    print(f"{len(accounts):,} accounts without a label, {n_bad:,} of them bad\n")
    print("tier and above", *_lines(by_tier(accounts)), sep="\n")
    for is_bad, title in ((False, "honest accounts by role"), (True, "bad accounts by role")):
        roles = by_role(accounts).filter(pl.col("is_bad") == is_bad).drop("is_bad")
        print(f"\n{title}", *_lines(roles), sep="\n")


if __name__ == "__main__":
    main()
