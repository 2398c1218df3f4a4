"""The backtest runs the product's own pipeline, and nobody in it has seen the answers."""

import json

import numpy as np
import polars as pl
import pytest

from graphrisk import Policy, analyze
from graphrisk.errors import IntegrityFailure
from graphrisk.evaluate import breakdown, split
from graphrisk.evaluate.backtest import backtest
from graphrisk.evaluate.folder import record_of, write_evaluation
from graphrisk.evaluate.page import render
from graphrisk.risk.metrics import roc_auc

POLICY = Policy.default()


@pytest.fixture(scope="module")
def splits(dataset):
    return split.random_splits(dataset, as_of=dataset.newest_at, share=0.5, n_splits=2, seed=1)


def honest(visible, as_of):
    return analyze(visible, POLICY, as_of, n_threads=1)


@pytest.fixture(scope="module")
def found(splits):
    return backtest(splits, honest, name="graphrisk")


def test_a_contender_that_saw_the_answers_is_caught(dataset, splits):
    def cheat(visible, as_of):
        return analyze(dataset, POLICY, as_of, n_threads=1)

    with pytest.raises(IntegrityFailure, match="saw the labels of 120 of 120"):
        backtest(splits, cheat, name="cheat")


def test_the_figures_are_those_of_the_hidden_accounts(splits, found):
    first = splits[0]
    decisions = honest(first.visible, first.as_of).decisions
    both = first.tested.join(decisions, on="account_id")
    expected = roc_auc(both["is_bad"].to_numpy(), both["risk_prob"].to_numpy())
    row = found.methods.row(0, named=True)
    assert (row["split"], row["method"]) == (first.name, "graphrisk")
    assert row["roc_auc"] == pytest.approx(expected)
    assert expected > 0.6


def test_baselines_stand_in_the_same_table(found):
    means = found.means()
    assert means["method"].to_list() == [
        "graphrisk", "degree", "seed count", "PageRank from bad", "PageRank, bad against good",
    ]  # fmt: skip
    degree = means.filter(method="degree")["roc_auc"].item()
    assert degree == pytest.approx(0.5, abs=0.1)


def test_tiers_and_slices_count_every_test(found):
    assert found.tiers["n_accounts"].sum() == len(found.scored) == 240
    assert found.tiers["recall_from_here"][-1] == 1.0
    for slicing in found.slices["slicing"].unique():
        assert found.slices.filter(slicing=slicing)["n_accounts"].sum() == 240


def test_small_parts_are_counted_and_not_judged(found):
    judged = found.slices.filter(pl.col("roc_auc").is_not_null())
    small = (pl.col("n_bad") < breakdown.LEAST_OF_EACH) | (
        pl.col("n_accounts") < breakdown.LEAST_ACCOUNTS
    )
    assert not len(judged.filter(small))
    assert len(judged)
    assert (judged["roc_auc_low"] <= judged["roc_auc"]).all()
    assert (judged["roc_auc"] <= judged["roc_auc_high"]).all()


def test_the_interval_draws_accounts_and_not_rows():
    random = np.random.default_rng(0)
    is_bad = np.arange(100) < 30
    risk = is_bad * 0.5 + random.random(100)
    ids = pl.Series([f"A{i}" for i in range(100)])
    once = breakdown.interval(ids, is_bad, risk, 3)
    tripled = breakdown.interval(pl.concat([ids] * 3), np.tile(is_bad, 3), np.tile(risk, 3), 3)
    assert tripled == pytest.approx(once)


def test_the_same_backtest_gives_the_same_bytes(splits, found):
    again = backtest(splits, honest, name="graphrisk")
    about = {"dataset": "book", "about": "a test", "seed": 1}
    first, second = (json.dumps(record_of(one, about)) for one in (found, again))
    assert first == second
    assert render(found, "book", "a test") == render(again, "book", "a test")


def test_the_folder_holds_record_scores_and_a_page_that_needs_no_network(tmp_path, found):
    record = record_of(found, {"dataset": "<b>book</b>", "about": "a test", "seed": 1})
    write_evaluation(tmp_path / "out", found, record)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "evaluation.html", "run.json", "scored.parquet",
    ]  # fmt: skip
    page = (tmp_path / "out" / "evaluation.html").read_text(encoding="utf-8")
    assert "http" not in page
    assert "<script" not in page
    assert "<b>book" not in page
    assert json.loads((tmp_path / "out" / "run.json").read_text())["methods"]
