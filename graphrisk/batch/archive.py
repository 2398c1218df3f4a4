"""The archive of runs: what each found, whole, under its name in the state folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphrisk.batch.destination import write_whole
from graphrisk.batch.runs import Run
from graphrisk.errors import UsageError
from graphrisk.report.parquet import write_parquet
from graphrisk.report.publish import flush, sync
from graphrisk.report.tables import write_csv

ANALYSIS = "analysis"
DECISIONS = "decisions.parquet"
DECISIONS_CSV = "decisions.csv"
RECORD = "run.json"
STATUSES = "statuses.parquet"
FEEDS = "feeds.json"


@dataclass(frozen=True, slots=True)
class Archive:
    """Folders of runs, and scratch folders that belong to one holder of the lock each."""

    state: Path

    def folder(self, run: str) -> Path:
        """Return where a run lies."""
        return self.state / "runs" / run

    def scratch(self, run: str, fence: int) -> Path:
        """Make an empty folder to write a run in, which no other holder writes in."""
        folder = self.state / "work" / f"{run}.{fence}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def put(self, scratch: Path, run: str) -> None:
        """Give a scratch folder the run's name; call it where the lease is checked."""
        place = self.folder(run)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)  # of a holder that was killed before he could say
        scratch.rename(place)
        sync(place.parent)

    def sweep(self) -> None:
        """Remove what killed holders left in scratch; call it where the lease is checked."""
        shutil.rmtree(self.state / "work", ignore_errors=True)

    def copy(self, run: str, of: str) -> None:
        """Give the files of a run a second name, for a run that makes it current again."""
        source, place = self.folder(of), self.folder(run)
        if not source.is_dir():
            raise UsageError(
                f"what run {of} found is not kept any more",
                expected="a run that is still in the archive",
                hint="see destination.keep_runs of the configuration",
            )
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place, copy_function=os.link)

    def decisions(self, run: str) -> pl.DataFrame:
        """Read where the accounts stood after a run."""
        return pl.read_parquet(self.folder(run) / DECISIONS, glob=False)

    def forget(self, run: str) -> None:
        """Remove a run."""
        shutil.rmtree(self.folder(run), ignore_errors=True)


def write_beside(folder: Path, statuses: pl.DataFrame, feeds: Mapping[str, Any]) -> None:
    """Write what the guards need and the analysis does not hold; flush the whole folder."""
    write_parquet(statuses, folder / STATUSES)
    write_whole(folder / FEEDS, json.dumps(feeds, indent=2))
    flush(folder)


def write_decisions(folder: Path, table: pl.DataFrame) -> None:
    """Write where the accounts stand, each file whole."""
    for name, write in ((DECISIONS, write_parquet), (DECISIONS_CSV, write_csv)):
        partial = folder / f".{name}.{os.getpid()}.partial"
        write(table, partial)
        sync(partial)
        partial.replace(folder / name)
    sync(folder)


def head_of(book: str, run: Run, mode: str) -> dict[str, Any]:
    """Return what the record of every run begins with."""
    return {
        "made_by": "graphrisk batch",
        "book": book,
        "run": run.name,
        "run_id": run.run_id,
        "kind": run.kind,
        "mode": mode,
        "base_run": run.base_run,
    }


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the record of a run, whole."""
    write_whole(folder / RECORD, json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def content_hash(table: pl.DataFrame) -> str:
    """SHA-256 of a table's rows as text: equal content, equal hash, whatever wrote it."""
    return hashlib.sha256(table.write_csv().encode()).hexdigest()
