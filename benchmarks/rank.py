"""How well an analysis ranks the accounts whose labels it did not see.

    python benchmarks/rank.py ANALYSIS SOURCE --split s0

ANALYSIS is what ``graphrisk analyze`` wrote for the tables of ``long_tables.py``; SOURCE is the
folder those came from. Prints ROC-AUC, average precision, and precision among the first n, with
n the number of hidden bad accounts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.risk.metrics import average_precision, precision_at, roc_auc

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


def hidden(decisions: pl.DataFrame, splits: pl.DataFrame, split: str) -> tuple[Flags, Floats]:
    """Return label and risk of the accounts whose labels were hidden."""
    labelled = splits.filter((pl.col(split) == "hidden") & pl.col("label").is_not_null())
    both = labelled.select(
        account_id=pl.col("id").cast(pl.String), is_bad=pl.col("label") == 1
    ).join(decisions.select("account_id", "risk_prob"), on="account_id", how="left")
    if both["risk_prob"].null_count():
        raise SystemExit(f"{both['risk_prob'].null_count():,} hidden accounts have no decision")
    return both["is_bad"].to_numpy(), both["risk_prob"].to_numpy()


def main() -> None:
    """Print the three figures of one split."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("analysis", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--split", default="s0")
    given = parser.parse_args()
    decisions = pl.read_parquet(given.analysis / "decisions.parquet")
    splits = pl.read_parquet(given.source / "splits.parquet")
    is_bad, risk = hidden(decisions, splits, given.split)
    n_bad = int(is_bad.sum())
    print(f"{len(is_bad):,} hidden accounts, {n_bad:,} of them bad ({n_bad / len(is_bad):.4f})")
    print(f"ROC-AUC            {roc_auc(is_bad, risk):.3f}")
    print(f"average precision  {average_precision(is_bad, risk):.3f}")
    print(f"precision at {n_bad:<5} {precision_at(is_bad, risk, n_bad):.3f}")


if __name__ == "__main__":
    main()
