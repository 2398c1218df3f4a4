"""Fitted models on made-up graphs: the ratio is to the better of the plain ones, on average."""

import importlib
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def script():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        yield importlib.import_module("fitted_surrogates")
    for name in ("fitted_surrogates", "fitted", "surrogates", "untrained_methods", "long_tables",
                 "pages", "plain", "rank"):  # fmt: skip
        sys.modules.pop(name, None)


def rows(graph, drawing, chosen="boosted", **average_precision):
    return [
        {"graph": graph, "drawing": drawing, "model": model, "chosen": chosen,
         "average_precision": value, "ece": 0.02, "ece_by_chance": 0.01, "n_bad_seen": 30}
        for model, value in average_precision.items()
    ]  # fmt: skip


def test_ratio_is_of_means_to_the_better_of_the_plain_ones_and_its_least_of_a_drawing(script):
    lines = script.table_of(
        rows("a", 0, boosted=0.6, additive=0.1, careful=0.5, plain=0.2)
        + rows("a", 1, "additive", boosted=0.1, additive=0.3, careful=0.4, plain=0.2)
        + rows("b", 0, boosted=0.2, additive=0.1, careful=0.1, plain=0.4)
    )
    assert "| a | 30 | 0.450 | 0.450 | 0.200 | 1.000 (0.75) | 0.020 (0.010) |" in lines
    assert "| b | 30 | 0.200 | 0.100 | 0.400 | 0.500 (0.50) | 0.020 (0.010) |" in lines
    assert lines[-1].endswith("Mean ratio 0.750, least 0.500.")


def test_each_method_ranks_the_hidden_accounts_of_a_drawing_and_no_other(script):
    made = script.GRAPHS[0](0)
    source, visible = script.source_of(made)
    hidden = source[2].filter(source[2]["s0"] == "hidden")
    assert hidden["label"].sum() == int((made.is_bad & ~visible).sum())
    assert len(hidden) == int((~visible).sum())
