"""The product: its ranking, its analysis, and parts of both."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
from clock import DAMPING, MOST, STEP, Clock, seed_ids


def rank_graphrisk(folder: Path, clock: Clock, file: str = "links.parquet") -> pl.DataFrame:
    """graphrisk.rank_accounts."""
    graphrisk: Any = import_module("graphrisk")
    toy = pl.DataFrame({"source_id": ["A1", "A2", "A3"], "target_id": ["D1", "D1", "A1"]})
    graphrisk.rank_accounts(toy, ["A1"])
    with clock("all"):
        found: pl.DataFrame = graphrisk.rank_accounts(
            folder / file, seed_ids(folder), damping=DAMPING, tolerance=STEP, most=MOST
        )
    return found


def analyze_graphrisk(folder: Path, clock: Clock) -> None:
    """``graphrisk analyze``: read, validate, decide, explain, write the folder, in one process."""
    main: Any = import_module("graphrisk.cli.main")
    runner: Any = import_module("click.testing").CliRunner()
    with clock("all"):
        done = runner.invoke(
            main.main,
            ["analyze", str(folder / "book"), "--out", str(folder / "analysis"), "--json"],
        )
    if done.exit_code not in (0, 3):
        raise RuntimeError(done.output)
    record = json.loads((folder / "analysis" / "run.json").read_text(encoding="utf-8"))
    clock.details |= record["seconds"]


def parts_graphrisk(folder: Path, clock: Clock) -> None:
    """One linear pass, reach, components and two-hop neighbourhoods, on graphs in memory."""
    parts: Any = import_module("parts")
    parts.measure(folder, clock)
