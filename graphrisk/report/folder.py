"""The analysis folder: what lies in it, and how it is written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from graphrisk.explain.account import Wording
from graphrisk.intake.dataset import Dataset, DatasetRefused
from graphrisk.intake.shelf import Shelf
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
from graphrisk.report.parquet import write_parquet
from graphrisk.report.publish import published, remove
from graphrisk.report.run_record import Run, analysis_record, refusal_record
from graphrisk.report.tables import (
    write_accepted,
    write_csv,
    write_graph,
    write_sheet,
)
from graphrisk.threads import available_threads


class Draft:
    """An analysis folder that is written while the analysis goes on.

    What a stage has made is written beside the next ones. Large tables of the dataset leave the
    memory once their accepted rows are written; whoever needs one reads it from the draft.
    """

    def __init__(self, folder: Path, pool: ThreadPoolExecutor) -> None:
        self._folder, self._pool = folder, pool
        self._written: dict[str, Future[None]] = {}
        self._dataset: Dataset | None = None
        self._shelf: Shelf | None = None
        self._seconds: dict[str, float] = {}

    def shelve(self, dataset: Dataset) -> Dataset:
        """Write the accepted rows, and put large tables away; return the dataset on a shelf."""
        with _timed(self._seconds, "accepted"):
            self._write_accepted(dataset)
        tables = dataset.tables
        self._shelf = tables if isinstance(tables, Shelf) else Shelf(tables)
        for name in self._shelf:
            self._shelf.put_away(name, _file_of(self._folder / DATASET, name))
        self._dataset = replace(dataset, tables=self._shelf)
        return self._dataset

    def _write_accepted(self, dataset: Dataset) -> None:
        """Write the accepted rows of all tables, the longest first."""
        self._dataset, folder = dataset, self._folder / DATASET
        folder.mkdir()
        longest = sorted(dataset.tables, key=lambda name: -dataset.tables[name].height)
        paths = [_file_of(folder, name) for name in longest]
        for _ in self._pool.map(write_accepted, map(dataset.tables.__getitem__, longest), paths):
            pass

    def write(self, name: str, product: Any) -> None:  # noqa: ANN401
        """Begin to write what a stage has made, if the folder holds it."""
        folder = self._folder
        if name == "graph" and self._dataset is not None:
            book = self._dataset
            self._do(GRAPH, lambda: write_graph(folder / GRAPH, book, product))
        elif name == "entities":
            self._do(ENTITIES, lambda: write_sheet(product, folder / ENTITIES))
        elif name == "evidence":
            self._do(EVIDENCE, lambda: write_sheet(product.sheet, folder / EVIDENCE))
        elif name == "decisions":
            self._do(DECISIONS, lambda: write_parquet(product, folder / DECISIONS))
            self._do(DECISIONS_CSV, lambda: write_csv(product, folder / DECISIONS_CSV))

    def finish(self, analysis: Analysis, run: Run, clock: Callable[[], datetime]) -> dict[str, Any]:
        """Write what is not yet written, and the record of the run; return the record.

        Parameters
        ----------
        analysis, run
            What to write. The stages and the writing are added to the run's seconds.
        clock
            Gives the time at the end.
        """
        seconds = {**run.seconds, **self._seconds, **analysis.seconds}
        with _timed(seconds, "write"):
            self._write_rest(analysis, wording_of(analysis), Path(run.dataset).name)
        record = analysis_record(analysis, replace(run, finished_at=clock(), seconds=seconds))
        write_json(record, self._folder / RECORD)
        return record

    def _write_rest(self, analysis: Analysis, wording: Wording, name: str) -> None:
        book, folder = analysis.dataset, self._folder
        if self._dataset is None:
            self._write_accepted(book)
        for stage, product in (
            ("graph", analysis.graph),
            ("entities", analysis.risks),
            ("decisions", analysis.decisions),
            ("evidence", analysis.waterfall),
        ):
            self.write(stage, product)
        self._do(PAGE, lambda: write_text(render(analysis, wording, name), folder / PAGE))
        self._do(QUARANTINE, lambda: book.quarantine.write_ndjson(folder / QUARANTINE))
        self._do(UNLINKED, lambda: book.unlinked.write_ndjson(folder / UNLINKED))
        self._do(SPELLINGS, lambda: write_parquet(book.spellings, folder / SPELLINGS))
        self._do(REASONS, lambda: write_json(asdict(wording), folder / REASONS))
        self._do(POLICY, lambda: write_json(plain(analysis.policy), folder / POLICY))
        for task in self._written.values():
            task.result()

    def moved(self, folder: Path) -> None:
        """Read tables that were put away from the published folder."""
        if self._shelf is not None:
            self._shelf.moved(folder / DATASET)

    def _do(self, name: str, write: Callable[[], None]) -> None:
        """Begin to write a file, unless that was done already."""
        if name not in self._written:
            self._written[name] = self._pool.submit(write)


def _file_of(folder: Path, table: str) -> Path:
    return folder / f"{table}.parquet"


@contextmanager
def drafted(folder: Path, n_threads: int | None = None) -> Iterator[Draft]:
    """Lend a draft of the analysis folder; it is published whole, or not at all.

    Parameters
    ----------
    folder
        Where to. An earlier analysis there is replaced; so is the note of an earlier refusal.
    n_threads
        How many files are written at a time; as many as there are processors by default.

    Raises
    ------
    UsageError
        If ``folder`` holds anything but an earlier analysis.
    StorageUnavailable
        If it can't be written.
    """
    # Now: the current directory may be the one that is replaced.
    folder = folder.resolve()
    beside = refusal_folder(folder)
    with published(folder, MAY_HOLD) as partial:
        pool = ThreadPoolExecutor(n_threads or available_threads())
        try:
            draft = Draft(partial, pool)
            yield draft
        finally:
            pool.shutdown(cancel_futures=True)
    draft.moved(folder)
    remove(beside, REFUSAL_NAMES)


def write_analysis(
    folder: Path, analysis: Analysis, run: Run, clock: Callable[[], datetime]
) -> dict[str, Any]:
    """Write the folder of an analysis that is made already, as :func:`drafted` does."""
    with drafted(folder, analysis.n_threads) as draft:
        return draft.finish(analysis, run, clock)


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
