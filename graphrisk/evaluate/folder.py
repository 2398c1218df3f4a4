"""What a backtest leaves behind: one JSON record, the scored accounts, and a page."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from graphrisk.evaluate.backtest import Backtest
from graphrisk.evaluate.page import render
from graphrisk.model.times import iso
from graphrisk.report.layout import MADE_BY, RECORD
from graphrisk.report.publish import published

SCORED, PAGE = "scored.parquet", "evaluation.html"
NAMES = (RECORD, SCORED, PAGE)


def record_of(found: Backtest, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return a backtest as what JSON can hold; figures that are not defined are null."""
    curve = found.reliability
    return {
        "made_by": MADE_BY,
        **about,
        "splits": _rows(found.splits),
        "methods": _rows(found.means()),
        "methods_by_split": _rows(found.methods),
        "calibration": {
            "ece": _plain(curve.ece),
            "brier": _plain(found.brier),
            "bins": [
                {"n_accounts": n, "mean_risk": told, "bad_share": came}
                for n, told, came in zip(
                    curve.n_accounts.tolist(), curve.mean_prob.tolist(),
                    curve.bad_share.tolist(), strict=True,
                )
            ],
        },
        "tiers": _rows(found.tiers),
        "slices": _rows(found.slices),
    }  # fmt: skip


def write_evaluation(folder: Path, found: Backtest, record: Mapping[str, Any]) -> None:
    """Write the evaluation folder, whole or not at all.

    Raises
    ------
    UsageError
        If ``folder`` holds anything but an earlier evaluation.
    StorageUnavailable
        If it can't be written.
    """
    with published(folder, NAMES) as partial:
        found.scored.write_parquet(partial / SCORED)
        page = render(found, Path(str(record["dataset"])).name, str(record["about"]))
        (partial / PAGE).write_text(page, encoding="utf-8", newline="\n")
        text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
        (partial / RECORD).write_text(text + "\n", encoding="utf-8", newline="\n")


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in frame.to_dicts()]


def _plain(value: object) -> Any:  # noqa: ANN401
    if isinstance(value, float):
        return round(value, 9) if math.isfinite(value) else None
    return iso(value) if isinstance(value, datetime) else value
