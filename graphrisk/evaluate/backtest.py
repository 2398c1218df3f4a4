"""The backtest: run the pipeline on what may be seen, and score what was hidden."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.errors import IntegrityFailure
from graphrisk.evaluate.baselines import baselines
from graphrisk.evaluate.breakdown import slices_held, tiers_held
from graphrisk.evaluate.slices import slices_of
from graphrisk.evaluate.split import Split, account_labels
from graphrisk.intake.dataset import Dataset
from graphrisk.model.policy import Policy
from graphrisk.pipeline import Analysis, analyze
from graphrisk.pipeline.learning import learn
from graphrisk.propagation.seeds import seeds_of
from graphrisk.risk.metrics import (
    Reliability,
    average_precision,
    brier,
    precision_at,
    recall_at_budget,
    reliability,
    roc_auc,
)

#: Decides a dataset as of a moment: the product's own pipeline, with or without a model.
Contender = Callable[[Dataset, datetime | None], Analysis]

#: False-closure budgets: the share of good accounts that may be wronged.
BUDGETS = (0.001, 0.01, 0.05)
FIGURES = (
    "roc_auc", "average_precision", "lift", "precision_at_n_bad",
    *(f"recall_at_{budget:g}" for budget in BUDGETS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a backtest found.

    Attributes
    ----------
    splits
        One row for each split: name, as_of, n_tested, n_bad, and the labels seen.
    methods
        One row for each split and method: ``split, method``, and ``FIGURES``. ``lift`` is average
        precision over the share of bad among the tested: what any order has on average is 1.
    scored
        One row for each tested account of each split: ``split, account_id, is_bad, risk_prob,
        tier``.
    reliability
        Risk told against outcome, over all splits.
    tiers, slices
        What each tier, and each part of the book, held.
    """

    splits: pl.DataFrame
    methods: pl.DataFrame
    scored: pl.DataFrame
    reliability: Reliability
    brier: float
    tiers: pl.DataFrame
    slices: pl.DataFrame

    def means(self) -> pl.DataFrame:
        """Average each method's figures over the splits, in the order of the methods."""
        return self.methods.group_by("method", maintain_order=True).agg(pl.col(FIGURES).mean())


def backtest(
    splits: Sequence[Split],
    contender: Contender,
    *,
    name: str,
    n_threads: int = 1,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Backtest:
    """Run the contender on every split, and score the accounts that it could not know.

    Parameters
    ----------
    splits
        From :mod:`graphrisk.evaluate.split`.
    contender, name
        What is tested, and what it is called in the tables.
    n_threads
        For the baselines' kernels.
    seed
        Of the bootstrap.

    Raises
    ------
    IntegrityFailure
        If a tested account's label could be seen, in the data or in what the contender used.
    """
    records, methods, scored, parts = [], [], [], []
    for split in splits:
        if progress is not None:
            progress(f"Test split {split.name}.")
        split.check()
        analysis = contender(split.visible, split.as_of)
        check_unseen(analysis, split)
        ids = pl.DataFrame({"account_id": analysis.decisions["account_id"]})
        rows = split.tested.join(
            ids.with_row_index("row"), on="account_id", how="inner", maintain_order="left"
        )
        here, is_bad = rows["row"].to_numpy(), rows["is_bad"].to_numpy()
        decided = analysis.decisions[here]
        seeds = seeds_of(analysis.dataset, analysis.graph, analysis.policy, as_of=split.as_of)
        rivals = baselines(analysis.graph, seeds, n_threads=n_threads)
        scores = {name: _log_odds(decided), **{k: v[here] for k, v in rivals.items()}}
        methods += [
            {"split": split.name, "method": method, **_figures(is_bad, score)}
            for method, score in scores.items()
        ]
        records.append(_record(split, analysis, is_bad))
        scored.append(
            decided.select(
                split=pl.lit(split.name), account_id="account_id",
                is_bad=pl.Series(is_bad), risk_prob="risk_prob", tier="tier",
            )
        )  # fmt: skip
        parts.append(rows.select("account_id").join(slices_of(analysis), on="account_id"))
    every = pl.concat(scored)
    is_bad, risk = every["is_bad"].to_numpy(), every["risk_prob"].to_numpy()
    return Backtest(
        splits=pl.DataFrame(records),
        methods=pl.DataFrame(methods),
        scored=every,
        reliability=reliability(is_bad, risk),
        brier=brier(is_bad, risk),
        tiers=tiers_held(every),
        slices=slices_held(every, pl.concat(parts, how="diagonal"), seed),
    )


def contender(policy: Policy, model_seed: int | None, n_threads: int) -> Contender:
    """Make a contender: the policy's own model, or one fitted to what each split may see.

    A model that was fitted before has seen the labels that a split hides; so it is learned anew.
    """

    def decide(visible: Dataset, as_of: datetime | None) -> Analysis:
        model = None
        if model_seed is not None:
            model = learn(visible, policy, as_of, seed=model_seed, n_threads=n_threads)
        return analyze(visible, policy, as_of, model=model, n_threads=n_threads)

    return decide


def check_unseen(analysis: Analysis, split: Split) -> None:
    """Stop if what the contender looked at holds the label of a tested account.

    Raises
    ------
    IntegrityFailure
        With the number of accounts concerned.
    """
    seen = account_labels(analysis.dataset)
    leaked = seen.join(split.tested, on="account_id", how="semi")["account_id"].n_unique()
    if leaked:
        raise IntegrityFailure(
            f"the contender saw the labels of {leaked:,} of {len(split.tested):,} tested accounts",
            expected="an analysis of the visible part of the dataset",
            hint="hand the contender's own dataset on, and nothing else",
        )


def _log_odds(decided: pl.DataFrame) -> NDArray[np.float64]:
    """Rank by log-odds over the prior: risks near one differ there when they no longer do here."""
    sums = pl.sum_horizontal("own_nats", "linked_nats", "good_nats")
    return decided.select(sums).to_series().to_numpy()


def _figures(
    is_bad: NDArray[np.bool_],
    score: NDArray[np.float64],
) -> dict[str, float]:
    recalls = [recall_at_budget(is_bad, score, budget) for budget in BUDGETS]
    ap = average_precision(is_bad, score)
    values = (
        roc_auc(is_bad, score), ap, ap / max(float(is_bad.mean()), 1e-12),
        precision_at(is_bad, score, int(is_bad.sum())), *recalls,
    )  # fmt: skip
    return dict(zip(FIGURES, values, strict=True))


def _record(split: Split, analysis: Analysis, is_bad: NDArray[np.bool_]) -> dict[str, object]:
    seen = account_labels(split.visible)
    return {
        "split": split.name,
        "as_of": split.as_of,
        "n_tested": len(is_bad),
        "n_bad": int(is_bad.sum()),
        "n_not_in_graph": len(split.tested) - len(is_bad),
        "n_labels_seen": seen["account_id"].n_unique(),
        "n_bad_seen": seen.filter("is_bad")["account_id"].n_unique(),
        "model_version": analysis.decisions["model_version"][0],
    }
