"""The tables of docs/accuracy.md: what is hidden is not seen, and means are means."""

import importlib
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest


@pytest.fixture(scope="module")
def fitted():
    """The script; it imports its neighbours, so it is found as a run finds it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        yield importlib.import_module("fitted")
    for name in ("fitted", "long_tables", "pages", "plain"):
        sys.modules.pop(name, None)


def row(split, model, average_precision, chosen="boosted"):
    return {
        "split": split, "model": model, "chosen": chosen, "average_precision": average_precision,
        "roc_auc": 0.9, "precision_at_n": 0.5, "ece": 0.01, "ece_by_chance": 0.01,
        "n_tested": 100.0, "bad_share": 0.2, "distance": 0.03, "cpu_s": 30.0,
        "columns_cpu_s": 10.0, "wall_s": 20.0,
    }  # fmt: skip


def cells(lines, called):
    (line,) = (line for line in lines if line.startswith(f"| {called} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


class TestTable:
    @pytest.fixture
    def lines(self, fitted):
        figures = {"boosted": (0.6, 0.8), "additive": (0.5, 0.9), "careful": (0.6, 0.4),
                   "plain": (0.4, 0.8), "policy": (0.3, 0.3)}  # fmt: skip
        return fitted.table_of(
            [
                row(split, model, values[i], chosen)
                for i, (split, chosen) in enumerate((("s0", "boosted"), ("s1", "additive")))
                for model, values in figures.items()
            ]
        )

    def test_the_chosen_row_takes_from_each_split_what_was_chosen_there(self, lines):
        assert cells(lines, "fitted, as chosen")[2] == "0.7500 (0.1500)"

    def test_ratio_is_to_the_better_of_the_plain_ones_and_its_least_of_a_split(self, lines):
        assert cells(lines, "fitted, boosted")[5] == "1.1667 (1.0000)"
        assert cells(lines, "boosting on everything, plain")[5] == "1.0000 (1.0000)"

    def test_it_says_how_often_the_boosted_model_was_chosen(self, lines):
        assert "chose the boosted model in 1;" in lines[-1]


class TestOfficialSplits:
    SOURCE = (
        pl.DataFrame(), pl.DataFrame(),
        pl.DataFrame({"id": [1, 2, 3, 4], "label": [1, 0, 1, 0], "s0": ["visible"] * 4}),
    )  # fmt: skip
    OFFICIAL = pl.DataFrame({"id": [4, 3, 2, 1], "o0": ["test", "test", "val", "train"]})

    @pytest.mark.parametrize(
        ("visible", "states"),
        [
            ("train", ["visible", "hidden", "hidden", "hidden"]),
            ("train,val", ["visible", "visible", "hidden", "hidden"]),
        ],
    )
    def test_only_the_named_parts_are_seen_and_only_test_is_ranked(self, fitted, visible, states):
        tables, tested = fitted.hidden_and_tables(self.SOURCE, "o0", self.OFFICIAL, visible)
        assert tables[2]["o0"].to_list() == states
        assert dict(tested.iter_rows()) == {"3": True, "4": False}

    def test_without_them_what_the_source_hides_is_ranked(self, fitted):
        parts = self.SOURCE[2].with_columns(s0=pl.Series(["visible", "hidden", "hidden", None]))
        _, tested = fitted.hidden_and_tables([*self.SOURCE[:2], parts], "s0", None, "train")
        assert dict(tested.iter_rows()) == {"2": False, "3": True}


def test_chance_alone_explains_the_error_of_risks_that_are_true(fitted):
    random = np.random.default_rng(1)
    prob = random.random(20_000)
    found = fitted.figures(random.random(len(prob)) < prob, prob, seed=0)
    assert found["ece"] < 2 * found["ece_by_chance"]
    wrong = fitted.figures(random.random(len(prob)) < prob**2, prob, seed=0)
    assert wrong["ece"] > 5 * wrong["ece_by_chance"]
