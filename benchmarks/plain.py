"""Gradient boosting on everything, as one would write it down: what a fitted model has to beat.

One LightGBM on all columns that ``graphrisk fit`` has (attributes and their means around,
structure, activity, evidence of labels with the account's own fold hidden), in fixed settings,
without bag, choice, monotone constraints or calibration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.learn.booster import grow
from graphrisk.learn.columns import Column, matrix
from graphrisk.learn.lesson import Lesson

#: Settings and rounds: the library's own, and such as suit a few thousand rows of many columns.
SETTINGS: Mapping[str, tuple[Mapping[str, Any], int]] = {
    "plain": ({}, 100),
    "careful": (
        {
            "num_leaves": 15, "learning_rate": 0.03, "feature_fraction": 0.5,
            "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0,
        },
        400,
    ),
}  # fmt: skip


def boosted_on_everything(
    lesson: Lesson, columns: tuple[Column, ...], seed: int
) -> dict[str, NDArray[np.float64]]:
    """Give the log-odds of every account, shape (n_accounts,), by name of the settings."""
    table = matrix(columns, lesson.names)
    return {
        name: np.asarray(
            grow(lesson.values, lesson.is_bad, settings, n_rounds, seed).predict(
                table, raw_score=True, num_threads=1
            )
        )
        for name, (settings, n_rounds) in SETTINGS.items()
    }
