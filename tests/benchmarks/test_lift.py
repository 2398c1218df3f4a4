"""What a signal is worth, against cases worked out by hand."""

import importlib.util
from pathlib import Path

import numpy as np
import polars as pl
import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "lift.py"
spec = importlib.util.spec_from_file_location("benchmark_lift", PATH)
lift = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lift)

IS_BAD = np.array([True, True, False, False, False, False, False, False])
HIT = np.array([True, False, True, False, False, False, False, False])


def test_lift_is_precision_over_the_share_of_bad():
    assert lift.lift(HIT, IS_BAD) == (1 / 2) / (2 / 8)
    assert np.isnan(lift.lift(np.zeros(8, dtype=bool), IS_BAD))


def test_log_odds_of_a_two_by_two_table():
    assert lift.log_odds(HIT, IS_BAD) == pytest.approx(np.log(1.5 * 5.5 / (1.5 * 1.5)))


def test_regression_finds_the_log_odds_of_independent_columns():
    rng = np.random.default_rng(1)
    columns = rng.integers(0, 2, (200_000, 2)).astype(float)
    prob = 1 / (1 + np.exp(-(columns @ [1.5, 0.0] - 2.0)))
    weights = lift.ridge_logistic(columns, rng.random(len(prob)) < prob)
    assert weights == pytest.approx([1.5, 0.0, -2.0], abs=0.05)


def test_regression_splits_what_two_columns_say_together():
    bad = np.arange(4000) % 10 == 0
    twice = np.column_stack([bad, bad]).astype(float)
    one, other, _ = lift.ridge_logistic(twice, bad)
    assert one == pytest.approx(other)
    assert one < lift.ridge_logistic(twice[:, :1], bad)[0]


def test_tables_by_signal_and_by_role():
    made = lift.table({"ONE": HIT}, np.zeros(8), IS_BAD)
    assert made.select("signal", "percent_hit", "n_bad", "precision").row(0) == ("ONE", 25, 1, 0.5)
    roles = lift.by_role({"ONE": HIT}, IS_BAD, pl.Series(["farm"] * 2 + ["plain"] * 6))
    assert roles.columns == ["signal", "farm!", "plain"]
    assert roles.row(0) == ("ONE", 50, pytest.approx(100 / 6))
