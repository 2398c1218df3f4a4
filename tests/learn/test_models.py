"""The two models: monotone, exact in their shares, the same bytes, and fit for few labels."""

import lightgbm
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk import Policy, read_dataset
from graphrisk.errors import UsageError
from graphrisk.learn.booster import grow, shapes_of
from graphrisk.learn.calibrate import LEAST_SLOPE, platt
from graphrisk.learn.columns import matrix
from graphrisk.learn.evidence import columns_of
from graphrisk.pipeline.learning import learn
from graphrisk.risk.additive import probability_of

from .conftest import long_tables

STUMPS = {"num_leaves": 2, "min_data_in_leaf": 5, "learning_rate": 0.1}


def drawn(seed=0, n=400, share_unknown=0.2):
    random = np.random.default_rng(seed)
    values = random.normal(size=(n, 3))
    values[random.random(values.shape) < share_unknown] = np.nan
    logit = np.nan_to_num(values[:, 0]) - np.nan_to_num(values[:, 1])
    return values, random.random(n) < probability_of(logit)


class TestAdditive:
    @pytest.mark.parametrize("share_unknown", [0.0, 0.2])
    def test_step_functions_are_the_stumps(self, share_unknown):
        values, is_bad = drawn(share_unknown=share_unknown)
        boosters = [grow(values, is_bad, STUMPS, 40, seed) for seed in (0, 1)]
        shapes, base = shapes_of(boosters, ("a", "b", "c"))
        values[0] = np.nan
        found = base + sum(shape.of(values[:, "abc".index(shape.name)]) for shape in shapes)
        expected = np.mean([b.predict(values, raw_score=True) for b in boosters], axis=0)
        assert np.allclose(found, expected, atol=1e-9)

    def test_more_evidence_of_bad_accounts_never_lowers(self, model, stand):
        rises = {c.name: c.rises for c in columns_of(stand, stand.known(model.seed))}
        told = [shape for shape in model.additive.shapes if rises[shape.name]]
        assert told
        for shape in told:
            steps = np.diff(shape.nats) * rises[shape.name]
            assert (steps >= 0).all()

    def test_every_term_goes_one_way(self, model):
        for shape in model.additive.shapes:
            steps = np.diff(shape.nats)
            assert (steps >= 0).all() or (steps <= 0).all()


def test_shares_of_trees_add_up_to_their_score(model, stand):
    trees = model.boosted.trees
    table = matrix(columns_of(stand, stand.known(model.seed)), trees.names)
    boosters = [lightgbm.Booster(model_str=text) for text in trees.texts]
    score = np.mean([b.predict(table, raw_score=True) for b in boosters], axis=0)
    assert np.allclose(trees.contributions(table, 1).sum(axis=1), score, atol=1e-9)


class TestCalibration:
    @given(st.integers(0, 50), st.sampled_from((0.5, 1.0, 2.0)))
    def test_what_is_off_is_put_right(self, seed, times):
        random = np.random.default_rng(seed)
        true = random.normal(-1.0, 1.5, 20_000)
        is_bad = random.random(len(true)) < probability_of(true)
        line = platt(true * times + 0.7, is_bad)
        prob = probability_of(line.of(true * times + 0.7))
        assert abs(prob.mean() - is_bad.mean()) < 0.01
        assert abs(line.slope * times - 1.0) < 0.15

    def test_a_score_that_ranks_backwards_is_nearly_ignored_and_never_turned(self):
        random = np.random.default_rng(0)
        is_bad = random.random(500) < 0.2
        line = platt(-2.0 * is_bad + random.normal(size=500), is_bad)
        assert line.slope == LEAST_SLOPE


class TestLearning:
    def test_same_bytes_for_any_number_of_threads(self, dataset, model):
        again = learn(dataset, Policy.default(), seed=3, n_threads=3)
        assert again.to_json() == model.to_json()

    def test_rows_in_another_order_teach_the_same(self, model):
        tables = {
            name: rows.sample(fraction=1.0, shuffle=True, seed=1)
            for name, rows in long_tables().items()
        }
        again = learn(read_dataset(tables), Policy.default(), seed=3)
        assert again.to_json() == model.to_json()

    def test_both_models_find_what_was_planted(self, model):
        for figures in model.about["cross_validated"].values():
            assert figures["roc_auc"] > 0.8

    def test_thirty_bad_accounts_are_enough_to_begin(self):
        tables = long_tables(n_accounts=400, n_bad=30, n_hidden=0, separation=3.0)
        found = learn(read_dataset(tables), Policy.default())
        assert found.about["n_bad"] == 30
        assert found.about["cross_validated"][found.chosen]["roc_auc"] > 0.75

    def test_one_bad_account_in_a_thousand(self):
        tables = long_tables(n_accounts=12_000, n_bad=12, n_hidden=0, separation=4.0)
        tables["links"] = tables["links"].head(0)
        found = learn(read_dataset(tables), Policy.default())
        figures = found.about["cross_validated"][found.chosen]
        assert figures["roc_auc"] > 0.9
        assert figures["ece"] < 0.005

    @pytest.mark.parametrize("kept", ["none", "bad"])
    def test_too_few_labels_are_refused_in_words(self, kept):
        tables = long_tables()
        tables["labels"] = tables["labels"].filter(pl.col("label") == kept)
        with pytest.raises(UsageError, match=r"0 good accounts are labelled.*supply labels"):
            learn(read_dataset(tables), Policy.default())
