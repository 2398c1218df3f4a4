"""The table by months: means over months, and a month that was kept is not measured again."""

import importlib
import sys
from pathlib import Path

import polars as pl
import pytest

from graphrisk.evaluate.backtest import FIGURES
from graphrisk.evaluate.split import Split


@pytest.fixture(scope="module")
def monthly():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        yield importlib.import_module("monthly")
    for name in ("monthly", "long_tables", "pages"):
        sys.modules.pop(name, None)


def month(name, ours, degree):
    lifts = {"graphrisk": ours, "degree": degree}
    return (
        pl.DataFrame({"split": [name], "n_tested": [1_000], "n_bad": [10]}),
        pl.DataFrame(
            [{"split": name, "method": m, **dict.fromkeys(FIGURES, 0.5), "lift": lift}
             for m, lift in lifts.items()]
        ),
        pl.DataFrame({"is_bad": [True, False], "risk_prob": [1.0, 0.0]}),
    )  # fmt: skip


def test_lifts_are_averaged_before_they_are_divided(monthly):
    lines = monthly.table_of([month("2018-01-01", 2.0, 10.0), month("2018-03-01", 6.0, 30.0)])
    (ours,) = (line for line in lines if line.startswith("| graphrisk |"))
    assert ours.endswith("| 4.00 | 0.20 |")
    assert lines[-1].startswith("Mean of 2 tests of whole months, 2018-01-01 to 2018-03-01: 20 bad")


def test_a_month_that_was_kept_is_read(monthly, tmp_path):
    nothing = pl.DataFrame()
    split = Split("2018-01-01", nothing, nothing, None)
    kept = month(split.name, 2.0, 10.0)
    for part, table in zip(("splits", "methods", "scored"), kept, strict=True):
        table.write_parquet(tmp_path / f"2018-01-01-graphrisk-{part}.parquet")

    def never(*_):
        raise AssertionError("measured again")

    found = monthly.measured(split, never, "graphrisk", tmp_path, 1)
    assert all(table.equals(other) for table, other in zip(found, kept, strict=True))
