"""Deciding with a fitted model: sums hold, rules hold, and reasons are named."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphrisk import analyze, read_dataset
from graphrisk.learn.columns import coded
from graphrisk.learn.model import ADDITIVE, BOOSTED
from graphrisk.risk.additive import probability_of

from .conftest import long_tables

CHOICES = (ADDITIVE, BOOSTED)


@pytest.fixture(scope="session", params=CHOICES)
def decided(request, dataset, model):
    return analyze(dataset, model=replace(model, chosen=request.param), n_threads=1)


def test_the_waterfall_sums_to_the_risk(decided):
    sums = decided.evidence.group_by("account_id").agg(pl.col("nats").sum()).sort("account_id")
    told = probability_of(sums["nats"].to_numpy())
    assert np.allclose(told, decided.decisions.sort("account_id")["risk_prob"], atol=1e-9)


def test_every_reason_has_words(decided):
    codes = set(decided.evidence["reason_code"]) - {"PRIOR"}
    assert codes <= set(decided.reasons)
    assert all(decided.reasons[code].text for code in codes)


def test_the_models_hash_stands_in_every_decision(decided):
    (version,) = decided.decisions["model_version"].unique()
    assert version == decided.model_version
    assert version.startswith("fitted-")


def test_nobody_is_closed_or_limited_on_what_the_model_learned_alone(decided, dataset):
    """The rules ask the policy's own evidence: an attribute may be anything."""
    untrained = analyze(dataset, n_threads=1).evidence
    backed = untrained.filter(
        (pl.col("reason_code").str.starts_with("REACH_") & (pl.col("group") == "linked"))
        | (pl.col("group") == "own")
    )["account_id"]
    adverse = decided.decisions.filter(pl.col("tier").is_in(["limit", "close"]))
    assert adverse.filter(~pl.col("account_id").is_in(backed.implode())).is_empty()


def test_an_attribute_alone_lifts_to_review_at_most(model):
    """All links gone, no label of its own, and a value beyond anything that was learned."""
    tables = long_tables()
    tables["links"] = tables["links"].head(0)
    tables["entities"] = tables["entities"].with_columns(score=pl.lit(99.0))
    tables["labels"] = tables["labels"].head(0)
    found = analyze(read_dataset(tables), model=replace(model, chosen=ADDITIVE), n_threads=1)
    assert set(found.decisions["tier"]) <= {"clear", "monitor", "review"}


@pytest.mark.parametrize("chosen", CHOICES)
def test_a_missing_attribute_is_unknown_and_sums_hold(model, chosen):
    tables = long_tables()
    tables["entities"] = tables["entities"].drop("score")
    found = analyze(read_dataset(tables), model=replace(model, chosen=chosen), n_threads=1)
    sums = found.evidence.group_by("account_id").agg(pl.col("nats").sum()).sort("account_id")
    told = probability_of(sums["nats"].to_numpy())
    assert np.allclose(told, found.decisions.sort("account_id")["risk_prob"], atol=1e-9)


def test_hidden_bad_accounts_rank_above_good_ones(decided):
    tables = long_tables()
    labelled = tables["labels"]["entity_id"]
    hidden = decided.decisions.filter(~pl.col("account_id").is_in(labelled.implode()))
    score = dict(zip(tables["entities"]["entity_id"], tables["entities"]["score"], strict=True))
    values = [score[account] for account in hidden["account_id"]]
    assert np.corrcoef(values, hidden["risk_prob"].to_numpy())[0, 1] > 0.3


def test_names_of_any_script_stay_apart():
    assert len({coded(name) for name in ("月收入", "年龄", "pays-rent", "rent")}) == 4
    assert coded("--") == "UNNAMED"


def test_threads_change_no_byte(dataset, model):
    one, three = (analyze(dataset, model=model, n_threads=n) for n in (1, 3))
    assert one.decisions.equals(three.decisions)
    assert one.evidence.equals(three.evidence)
