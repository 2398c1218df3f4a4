"""The made-up graphs of docs/accuracy.md: drawn by the seed alone, and held against the best."""

import importlib
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest


@pytest.fixture(scope="module")
def surrogates():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        yield importlib.import_module("surrogates")
    for name in ("surrogates", "untrained_methods", "long_tables", "pages", "rank"):
        sys.modules.pop(name, None)


def test_a_seed_draws_the_same_graph_and_another_one_another(surrogates):
    links = [pl.concat(surrogates.companies(seed).links) for seed in (0, 0, 1)]
    assert links[0].equals(links[1])
    assert not links[0].equals(links[2])


def test_bad_accounts_are_where_the_graph_says(surrogates):
    victims = surrogates.victims(0)
    one, other = (victims.links[0][end].to_numpy() for end in ("src", "dst"))
    calls_of_bad = victims.is_bad[one]
    assert victims.is_bad[other][calls_of_bad].mean() < victims.is_bad[other][~calls_of_bad].mean()
    cards = surrogates.cards(0)
    at = cards.links[0]["dst"].to_numpy()
    bad = cards.is_bad[cards.links[0]["src"].to_numpy()]
    share = np.bincount(at, weights=bad) / np.maximum(np.bincount(at), 1)
    assert (share > 5 * bad.mean()).any()


def test_the_ratio_is_to_the_best_of_the_others_on_each_graph(surrogates):
    rows = {
        "a": {surrogates.OURS: 0.3, "one": 0.2, "other": 0.6},
        "b": {surrogates.OURS: 0.4, "one": 0.4, "other": 0.1},
    }
    lines = surrogates.table_of(rows)
    assert "| a | 0.300 | other | 0.600 | 0.50 |" in lines
    assert "| b | 0.400 | one | 0.400 | 1.00 |" in lines
    assert f"| {surrogates.OURS} | 0.750 | 0.50 |" in lines
