"""An analysis folder, opened again, decides as it did."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from graphrisk.errors import IntegrityFailure, UsageError
from graphrisk.explain.counterfactual import smallest_change
from graphrisk.report.layout import DECISIONS, POLICY
from graphrisk.report.reopen import reopen


def test_a_case_out_of_the_folder_is_the_case_that_was_decided(written: Path) -> None:
    reopened = reopen(written)
    adverse = pl.read_parquet(written / DECISIONS).filter(pl.col("tier").is_in(["limit", "close"]))
    assert len(adverse) > 0
    for account, tier, risk in adverse.select("account_id", "tier", "risk_prob").rows():
        found = smallest_change(reopened.case(account))
        assert found.before.tier.word == tier
        assert found.before.risk_prob == risk
        assert found.facts and found.after.tier < found.before.tier


def test_an_account_that_is_not_there_is_a_usage_error(written: Path) -> None:
    with pytest.raises(UsageError, match="NOBODY"):
        reopen(written).case("NOBODY")


@pytest.mark.parametrize("damage", ["missing", "altered"])
def test_a_damaged_folder_is_an_integrity_failure(
    written: Path, tmp_path: Path, damage: str
) -> None:
    copy = tmp_path / "a.analysis"
    shutil.copytree(written, copy)
    if damage == "missing":
        (copy / POLICY).unlink()
    else:
        (copy / POLICY).write_text(json.dumps({"tiers": {"monitor_prob": 2}}))
    with pytest.raises(IntegrityFailure, match="policy"):
        reopen(copy)
