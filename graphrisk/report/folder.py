"""The analysis folder: what lies in it, and how it is written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from graphrisk.explain.account import Wording
from graphrisk.intake.dataset import DatasetRefused
from graphrisk.model.schema import plain
from graphrisk.pipeline import Analysis
from graphrisk.report.chosen import wording_of
from graphrisk.report.layout import (
    DATASET,
    DECISIONS,
    DECISIONS_CSV,
    ENTITIES,
    EVIDENCE,
    GRAPH,
    MAY_HOLD,
    PAGE,
    POLICY,
    QUARANTINE,
    REASONS,
    RECORD,
    REFUSAL_NAMES,
    SPELLINGS,
    UNLINKED,
    refusal_folder,
)
from graphrisk.report.page import render
from graphrisk.report.publish import published, remove
from graphrisk.report.run_record import Run, analysis_record, refusal_record
from graphrisk.report.tables import (
    QUICK,
    write_csv,
    write_dataset,
    write_graph,
    write_parquet,
    write_sheet,
)


def write_analysis(
    folder: Path, analysis: Analysis, run: Run, clock: Callable[[], datetime]
) -> dict[str, Any]:
    """Write the analysis folder, whole or not at all, and return its record.

    Parameters
    ----------
    folder
        Where to. An earlier analysis there is replaced; so is the note of an earlier refusal.
    analysis, run
        What to write. The stages and the writing are added to the run's seconds.
    clock
        Gives the time at the end.

    Raises
    ------
    UsageError
        If ``folder`` holds anything but an earlier analysis.
    StorageUnavailable
        If it can't be written.
    """
    wording, beside = wording_of(analysis), refusal_folder(folder)
    with published(folder, MAY_HOLD) as partial:
        seconds = {**run.seconds, **analysis.seconds}
        with _timed(seconds, "write"):
            _write_all(partial, analysis, wording, Path(run.dataset).name)
        record = analysis_record(analysis, replace(run, finished_at=clock(), seconds=seconds))
        write_json(record, partial / RECORD)
    remove(beside, REFUSAL_NAMES)
    return record


def _write_all(folder: Path, analysis: Analysis, wording: Wording, dataset: str) -> None:
    """Write every file but the record, some of them at the same time."""
    book, found = analysis.dataset, analysis
    tasks: tuple[Callable[[], None], ...] = (
        lambda: write_dataset(folder / DATASET, book),
        lambda: write_graph(folder / GRAPH, book, found.graph),
        lambda: write_sheet(found.waterfall.sheet, folder / EVIDENCE),
        lambda: write_sheet(found.risks, folder / ENTITIES, level=QUICK),
        lambda: write_text(render(found, wording, dataset), folder / PAGE),
        lambda: write_parquet(found.decisions, folder / DECISIONS),
        lambda: write_csv(found.decisions, folder / DECISIONS_CSV),
        lambda: book.quarantine.write_ndjson(folder / QUARANTINE),
        lambda: book.unlinked.write_ndjson(folder / UNLINKED),
        lambda: write_parquet(book.spellings, folder / SPELLINGS),
        lambda: write_json(asdict(wording), folder / REASONS),
        lambda: write_json(plain(found.policy), folder / POLICY),
    )
    with ThreadPoolExecutor(found.n_threads) as pool:
        for written in [pool.submit(task) for task in tasks]:
            written.result()


def write_refusal(folder: Path, refused: DatasetRefused, run: Run) -> Path:
    """Write what was wrong with a dataset beside ``folder``, which stays as it is."""
    beside = refusal_folder(folder)
    with published(beside, REFUSAL_NAMES) as partial:
        refused.dataset.quarantine.write_ndjson(partial / QUARANTINE)
        write_json(refusal_record(refused.dataset, refused.faults, run), partial / RECORD)
    return beside


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - start


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write a JSON file for people to read too."""
    write_text(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", path)


def write_text(text: str, path: Path) -> None:
    """Write a text in UTF-8, with the same line ends everywhere."""
    path.write_text(text, encoding="utf-8", newline="\n")
