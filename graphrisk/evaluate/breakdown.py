"""What each tier, and each part of a book, held: counts, figures, and how sure they are."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.model.kinds import Tier
from graphrisk.risk.metrics import average_precision, roc_auc

#: A slice smaller than this is counted and not judged.
LEAST_ACCOUNTS, LEAST_OF_EACH = 50, 10
N_DRAWS = 200
#: Bounds of the interval that is told.
_BOUNDS = (0.05, 0.95)


def tiers_held(scored: pl.DataFrame) -> pl.DataFrame:
    """Count the tested accounts of each tier, and the bad among them, from close to clear."""
    n_bad = max(int(scored["is_bad"].sum()), 1)
    counted = scored.group_by("tier").agg(
        n_accounts=pl.len(), n_bad=pl.col("is_bad").sum(), mean_risk=pl.col("risk_prob").mean()
    )
    ladder = pl.DataFrame({"tier": [tier.word for tier in reversed(Tier)]})
    return ladder.join(counted, on="tier", how="left", maintain_order="left").with_columns(
        pl.col("n_accounts", "n_bad").fill_null(0),
        precision=pl.col("n_bad") / pl.col("n_accounts"),
        recall_from_here=pl.col("n_bad").fill_null(0).cum_sum() / n_bad,
    )


def slices_held(scored: pl.DataFrame, parts: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Judge each part of the book by itself, with a 90% interval by bootstrap over accounts."""
    wide = pl.concat([scored, parts.drop("account_id")], how="horizontal")
    rows = []
    for slicing in parts.columns[1:]:
        for value in sorted(wide[slicing].drop_nulls().unique()):
            part = wide.filter(pl.col(slicing) == value)
            n_bad = int(part["is_bad"].sum())
            enough = min(n_bad, len(part) - n_bad) >= LEAST_OF_EACH and len(part) >= LEAST_ACCOUNTS
            judged = _judged(part, seed) if enough else dict.fromkeys(_JUDGED)
            row = {"slicing": slicing, "part": value, "n_accounts": len(part), "n_bad": n_bad}
            mean_risk = part["risk_prob"].mean()
            rows.append({**row, "bad_share": n_bad / len(part), "mean_risk": mean_risk, **judged})
    schema = {"slicing": pl.String, "part": pl.String, "n_accounts": pl.Int64, "n_bad": pl.Int64}
    floats = dict.fromkeys(("bad_share", "mean_risk", *_JUDGED), pl.Float64)
    return pl.DataFrame(rows, schema={**schema, **floats})


_JUDGED = ("roc_auc", "roc_auc_low", "roc_auc_high", "average_precision")


def _judged(part: pl.DataFrame, seed: int) -> dict[str, float]:
    is_bad, risk = part["is_bad"].to_numpy(), part["risk_prob"].to_numpy()
    low, high = interval(part["account_id"], is_bad, risk, seed)
    values = (roc_auc(is_bad, risk), low, high, average_precision(is_bad, risk))
    return dict(zip(_JUDGED, values, strict=True))


def interval(
    account: pl.Series,
    is_bad: NDArray[np.bool_],
    risk: NDArray[np.float64],
    seed: int,
) -> tuple[float, float]:
    """Give a 90% interval of ROC-AUC, drawing whole accounts anew.

    An account that several splits tested is drawn with all its rows, so that more splits of the
    same accounts do not make the interval narrower than it is.
    """
    random = np.random.default_rng(seed)
    _, place = np.unique(account.to_numpy().astype(str), return_inverse=True)
    n_accounts = int(place.max()) + 1
    drawn = []
    for _ in range(N_DRAWS):
        times = np.bincount(random.integers(0, n_accounts, n_accounts), minlength=n_accounts)
        rows = np.repeat(np.arange(len(place)), times[place])
        drawn.append(roc_auc(is_bad[rows], risk[rows]))
    low, high = np.nanquantile(drawn, _BOUNDS)
    return float(low), float(high)
