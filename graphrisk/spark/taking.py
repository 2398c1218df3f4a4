"""Intake on a worker: the same reading and validating, the same quarantine and tallies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from graphrisk.intake.dataset import Dataset, DatasetRefused
from graphrisk.intake.limits import Baseline
from graphrisk.intake.read import read_dataset
from graphrisk.report.tables import write_dataset
from graphrisk.spark.place import Site

#: Where the valid tables lie in the shared folder.
DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a worker read.

    Attributes
    ----------
    dataset
        What was set aside on the way, and tables without their rows.
    n_rows
        Accepted rows by table.
    newest_at
        The newest event time of any of them.
    refused
        Why the dataset can't be used, if it can't.
    """

    dataset: Dataset
    n_rows: dict[str, int]
    newest_at: datetime | None
    refused: DatasetRefused | None = None


def take(
    site: Site,
    source: str,
    mapping: str | None,
    received_at: datetime | None,
    baseline: Baseline | None,
) -> Taken:
    """Read and validate a dataset, and write its valid tables into the shared folder."""
    try:
        dataset = read_dataset(source, mapping=mapping, received_at=received_at, baseline=baseline)
    except DatasetRefused as refused:
        refused.dataset = _without_rows(refused.dataset)
        return Taken(refused.dataset, {}, None, refused)
    write_dataset(Path(site.root) / DATASET, dataset)
    n_rows = {name: table.height for name, table in dataset.tables.items()}
    return Taken(_without_rows(dataset), n_rows, dataset.newest_at)


def _without_rows(dataset: Dataset) -> Dataset:
    return replace(dataset, tables={name: rows.clear() for name, rows in dataset.tables.items()})


def tables_of(site: Site) -> dict[str, pl.DataFrame]:
    """Read the valid tables back, whole."""
    folder = Path(site.root) / DATASET
    return {path.stem: pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
