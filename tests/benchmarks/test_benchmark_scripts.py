"""The ranking figures, against cases worked out by hand."""

import importlib.util
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def script(name):
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


rank, tiers, long_tables = script("rank"), script("tiers"), script("long_tables")


def ranked(text):
    """``"b g bg"``: from the highest risk down, bad and good; letters together are equal."""
    is_bad, risk = [], []
    for place, group in enumerate(text.split()):
        is_bad += [letter == "b" for letter in group]
        risk += [1.0 - place / 100] * len(group)
    return np.array(is_bad), np.array(risk)


@pytest.mark.parametrize(
    ("order", "auc", "ap"),
    [
        ("b b g g", 1.0, 1.0),
        ("g g b b", 0.0, (1 / 3 + 2 / 4) / 2),
        ("b g b g", 3 / 4, (1 / 1 + 2 / 3) / 2),
        ("bg", 1 / 2, 1 / 2),
        ("b bg g", (1 + 3 / 4) / 2, (1 / 1 + 2 / 3) / 2),
        ("g b g g", 2 / 3, 1 / 2),
    ],
)
def test_auc_and_average_precision(order, auc, ap):
    is_bad, risk = ranked(order)
    assert rank.roc_auc(is_bad, risk) == pytest.approx(auc)
    assert rank.average_precision(is_bad, risk) == pytest.approx(ap)


@pytest.mark.parametrize(
    ("order", "n", "expected"),
    [
        ("b g b g", 1, 1.0),
        ("b g b g", 2, 1 / 2),
        ("b g b g", 3, 2 / 3),
        ("b bgg", 2, (1 + 1 / 3) / 2),
        ("bbgg", 2, 1 / 2),
    ],
)
def test_precision_among_the_first(order, n, expected):
    assert rank.precision_at(*ranked(order), n) == pytest.approx(expected)


def test_figures_do_not_depend_on_the_order_of_rows():
    is_bad, risk = ranked("bg gg b bbg g")
    other = np.random.default_rng(3).permutation(len(risk))
    for figure in (rank.roc_auc, rank.average_precision):
        assert figure(is_bad, risk) == figure(is_bad[other], risk[other])


def test_only_hidden_labels_are_ranked():
    splits = pl.DataFrame(
        {"id": [1, 2, 3, 4], "label": [1, 0, 1, None], "s0": ["hidden", "hidden", "visible", None]}
    )
    decisions = pl.DataFrame({"account_id": ["2", "1", "3"], "risk_prob": [0.1, 0.9, 0.5]})
    is_bad, risk = rank.hidden(decisions, splits, "s0")
    assert dict(zip(risk.tolist(), is_bad.tolist(), strict=True)) == {0.9: True, 0.1: False}


def test_tiers_count_unlabelled_accounts_only():
    truth = pl.DataFrame(
        {
            "account_id": ["a", "b", "c", "d", "e"],
            "is_bad": [True, True, False, False, True],
            "role": ["farm", "farm", "household", "plain", "farm"],
            "is_labelled": [False, False, False, False, True],
        }
    )
    decisions = pl.DataFrame(
        {
            "account_id": ["a", "b", "c", "d", "e"],
            "tier": ["limit", "clear", "monitor", "clear", "close"],
        }
    )
    accounts = tiers.unlabelled(decisions, truth)
    assert tiers.by_tier(accounts).rows() == [
        ("monitor", 2, 1, 1 / 2, 1 / 2),
        ("review", 1, 1, 1 / 2, 1.0),
        ("limit", 1, 1, 1 / 2, 1.0),
        ("close", 0, 0, 0.0, None),
    ]
    assert tiers.by_role(accounts).rows() == [
        (False, "household", 0, 1, 0, 0, 0),
        (False, "plain", 1, 0, 0, 0, 0),
        (True, "farm", 1, 0, 0, 1, 0),
    ]


def test_long_tables_of_a_small_graph():
    nodes = pl.DataFrame(
        {
            "id": [1, 2, 3],
            "kind": ["user", "user", "card"],
            "label": [1, 0, None],
            "label_ts": [datetime(2020, 1, 2), None, None],
        }
    )
    edges = pl.DataFrame(
        {
            "src": [1, 1],
            "dst": [3, 2],
            "kind": ["HAS_CARD", "P2P-Payment"],
            "ts": [datetime(2020, 1, 1), None],
            "weight": [1.0, 250.0],
        }
    )
    splits = pl.DataFrame({"id": [1, 2], "label": [1, 0], "s0": ["visible", "hidden"]})
    made = long_tables.long_tables(nodes, edges, splits, split="s0")
    assert made["entities"].rows() == [("1", "account"), ("2", "account"), ("3", "bank_card")]
    assert made["links"].rows() == [
        ("1", "3", "has_card", datetime(2020, 1, 1, tzinfo=UTC), 1.0, 1.0, "account", "bank_card"),
        ("1", "2", "p2p_payment", None, None, 250.0, "account", "account"),
    ]
    known_at = datetime(2020, 1, 2, tzinfo=UTC)
    assert made["labels"].rows() == [("account", "1", "bad", known_at)]

    features = pl.DataFrame({"id": [2, 1], "0": [0.5, 0.25]})
    made = long_tables.long_tables(nodes, edges, splits, features, split="s0")
    assert made["entities"].columns == ["entity_id", "kind", "attribute_0"]
    assert made["entities"]["attribute_0"].to_list() == [0.25, 0.5, None]
