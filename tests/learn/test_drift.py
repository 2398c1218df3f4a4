"""A model held against a later book: what is told, and what calls for a new fit."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphrisk import read_dataset
from graphrisk.errors import UsageError
from graphrisk.learn.columns import matrix
from graphrisk.learn.drift import MUCH, drift_of
from graphrisk.learn.evidence import columns_of
from graphrisk.learn.model import ADDITIVE, BOOSTED
from graphrisk.learn.scoring import fitted_terms, log_odds_by
from graphrisk.risk.additive import log_odds_of

from .conftest import START, long_tables, stand_of


@pytest.fixture(scope="module")
def same(stand, model):
    return drift_of(stand, model)


def drifted(model, tables):
    return drift_of(stand_of(read_dataset(tables)), model)


def later(tables, *, flip=False):
    """Label the accounts that were not, after all else was known, by their attribute."""
    labelled = tables["labels"]["entity_id"]
    rest = tables["entities"].filter(
        pl.col("kind") == "account", ~pl.col("entity_id").is_in(labelled.implode())
    )
    bad = (pl.col("score") > 1.0) != pl.lit(flip)
    new = rest.select(
        entity_kind="kind", entity_id="entity_id",
        label=pl.when(bad).then(pl.lit("bad")).otherwise(pl.lit("good")),
        known_at=pl.lit(START).dt.offset_by("200d"),
    )  # fmt: skip
    return {**tables, "labels": pl.concat([tables["labels"], new], how="diagonal")}


def test_the_book_it_was_learned_from_has_not_moved(same):
    assert same.risk_index == pytest.approx(0.0, abs=1e-9)
    assert same.moved == ()
    assert not same.refit
    assert (same.came_true.n_bad, same.came_true.n_good) == (0, 0)


def test_an_attribute_in_another_unit_is_seen_and_calls_for_a_new_fit(model):
    tables = long_tables()
    tables["entities"] = tables["entities"].with_columns(pl.col("score") * 100.0 + 900.0)
    found = drifted(model, tables)
    assert any(one.name == "own.score" and one.index > MUCH for one in found.moved)
    assert found.refit


def test_a_column_that_is_no_longer_supplied_has_moved(model):
    tables = long_tables()
    tables["entities"] = tables["entities"].drop("score")
    names = {one.name for one in drifted(model, tables).moved if one.index > MUCH}
    assert "own.score" in names


def test_columns_are_told_by_what_part_of_the_model_rests_on_them(model):
    tables = long_tables()
    tables["links"] = tables["links"].head(200)
    moved = drifted(model, tables).moved
    assert [one.share for one in moved] == sorted((one.share for one in moved), reverse=True)
    assert 0 < sum(one.share for one in moved) <= 1


def test_outcomes_since_are_counted_and_ranked(model):
    came = drifted(model, later(long_tables())).came_true
    assert came.n_bad + came.n_good == 60
    assert came.roc_auc > 0.6
    assert 0 < came.n_bad_expected < 60


def test_outcomes_against_what_was_told_call_for_a_new_fit(model):
    found = drifted(model, later(long_tables(), flip=True))
    assert any("ROC-AUC" in why for why in found.because)
    assert any("turned out bad" in why for why in found.because)


def test_a_model_that_does_not_describe_its_book_is_refused(stand, model):
    about = {name: value for name, value in model.about.items() if name != "book"}
    with pytest.raises(UsageError, match="does not say how its book"):
        drift_of(stand, replace(model, about=about))


@pytest.mark.parametrize("chosen", [ADDITIVE, BOOSTED])
def test_log_odds_alone_are_those_of_the_shares(stand, model, chosen):
    model = replace(model, chosen=chosen)
    columns = columns_of(stand, stand.known(model.seed))
    told = log_odds_by(model, columns, 1)
    terms = fitted_terms(stand, model)
    added = sum(term.nats for term in terms) + log_odds_of(stand.policy.prior.risk_prob)
    assert np.allclose(told, added, atol=1e-6)
    assert matrix(columns, ["own.score"]).shape == (len(told), 1)
