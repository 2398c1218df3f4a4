"""Figures of a ranking, against slow and obvious ones; and that no order of rows changes them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.risk.metrics import (
    average_precision,
    brier,
    precision_at,
    recall_at_budget,
    reliability,
    roc_auc,
)

LADDER = (0.0, 0.1, 0.25, 0.5, 0.9, 1.0)


@st.composite
def ranked(draw):
    rows = draw(st.lists(st.tuples(st.booleans(), st.sampled_from(LADDER)), min_size=2))
    rows += [(True, draw(st.sampled_from(LADDER))), (False, draw(st.sampled_from(LADDER)))]
    is_bad, risk = zip(*rows, strict=True)
    return np.array(is_bad), np.array(risk)


@given(ranked())
def test_roc_auc_counts_pairs(case):
    is_bad, risk = case
    pairs = [(a > b) + (a == b) / 2 for a in risk[is_bad] for b in risk[~is_bad]]
    assert roc_auc(is_bad, risk) == pytest.approx(np.mean(pairs))


@given(ranked())
def test_average_precision_looks_at_each_bad_account(case):
    is_bad, risk = case
    precisions = [is_bad[risk >= at].mean() for at in risk[is_bad]]
    assert average_precision(is_bad, risk) == pytest.approx(np.mean(precisions))


@given(ranked(), st.sampled_from((0.0, 0.01, 0.2, 0.5, 1.0)))
def test_recall_at_a_budget_tries_every_line(case, budget):
    is_bad, risk = case
    lines = [*LADDER, 2.0]
    within = [at for at in lines if (risk[~is_bad] >= at).mean() <= budget]
    best = max((risk[is_bad] >= at).mean() for at in within)
    assert recall_at_budget(is_bad, risk, budget) == pytest.approx(best)


@given(ranked(), st.randoms(use_true_random=False))
def test_no_figure_depends_on_the_order_of_rows(case, random):
    is_bad, risk = case
    order = list(range(len(risk)))
    random.shuffle(order)
    for figure in (
        roc_auc,
        average_precision,
        brier,
        lambda b, r: precision_at(b, r, 3),
        lambda b, r: recall_at_budget(b, r, 0.2),
        lambda b, r: reliability(b, r, 3).ece,
    ):
        assert figure(is_bad[order], risk[order]) == pytest.approx(figure(is_bad, risk))


@given(ranked())
def test_reliability_leaves_nobody_out(case):
    is_bad, risk = case
    curve = reliability(is_bad, risk, 4)
    assert curve.n_accounts.sum() == len(risk)
    assert (curve.n_accounts * curve.mean_prob).sum() == pytest.approx(risk.sum())
    assert (curve.n_accounts * curve.bad_share).sum() == pytest.approx(is_bad.sum())


def test_a_risk_that_holds_has_no_calibration_error():
    risk = np.repeat([0.1, 0.5, 0.9], 10)
    is_bad = np.concatenate([np.arange(10) < n for n in (1, 5, 9)])
    assert reliability(is_bad, risk, 3).ece == pytest.approx(0.0)
    assert reliability(is_bad, np.full(30, 0.2), 3).ece == pytest.approx(0.3)


def test_without_bad_or_good_there_is_no_figure():
    risk = np.array([0.1, 0.2])
    assert np.isnan(roc_auc(np.array([True, True]), risk))
    assert np.isnan(average_precision(np.array([False, False]), risk))
