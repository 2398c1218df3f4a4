"""The graph of an analysis folder, to be asked: an embedded store, made on the first question.

It lies in the folder itself, so it goes when the analysis is replaced or deleted, and it can be
deleted at any time: the folder's tables hold all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from graphrisk.errors import IntegrityFailure
from graphrisk.intake.read import read_dataset
from graphrisk.report.layout import DATASET, DECISIONS, ENTITIES, EVIDENCE, RECORD, STORE
from graphrisk.report.reading import policy_of, require_analysis
from graphrisk.stores.address import Address
from graphrisk.stores.base import Store
from graphrisk.stores.findings import run_records
from graphrisk.stores.terms import Progress, silent

if TYPE_CHECKING:
    from graphrisk.intake.dataset import Dataset
    from graphrisk.stores.findings import RunRecords

#: Says of which analysis the store was made to its end.
MADE_OF = "made-of"


def open_cache(folder: Path, *, progress: Progress = silent) -> Store:
    """Open the graph of an analysis folder; make it first where there is none, or another.

    Raises
    ------
    UsageError
        If ``folder`` is not an analysis.
    IntegrityFailure
        If one of its files is missing or was altered.
    Locked
        If another process asks it.
    StorageUnavailable
        If the embedded engine is not installed, or the folder can't be written.
    """
    from graphrisk.stores.embedded import open_embedded

    require_analysis(folder)
    place = folder.resolve() / STORE
    store = open_embedded(Address(folder=place))
    try:
        if not _is_made_of(place, folder):
            _make(store, folder, progress)
            (place / MADE_OF).write_text(_record_of(folder), encoding="utf-8")
    except BaseException:
        store.close()
        raise
    return store


def _make(store: Store, folder: Path, progress: Progress) -> None:
    """Load the folder's tables, and the run that they tell of."""
    dataset, run = content_of(folder)
    writer = store.writer()
    writer.load(dataset, progress=progress)
    writer.write_run(run, progress=progress)


def content_of(
    folder: Path, *, stands: Callable[[pl.DataFrame], pl.DataFrame] = lambda found: found
) -> tuple[Dataset, RunRecords]:
    """Read an analysis folder as what a store holds: the book, and the run.

    Parameters
    ----------
    folder
        The analysis.
    stands
        Changes the decisions before they are brought to the form of a store.

    Raises
    ------
    IntegrityFailure
        If one of its files is missing or was altered.
    """
    policy = policy_of(folder)
    try:
        dataset = read_dataset(folder / DATASET)
        found = [
            pl.read_parquet(folder / one, glob=False) for one in (DECISIONS, EVIDENCE, ENTITIES)
        ]
        return dataset, run_records(stands(found[0]), found[1], found[2], policy)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise IntegrityFailure(
            f"{folder} is incomplete or was altered ({type(error).__name__})",
            expected="the files as graphrisk analyze wrote them",
            hint="run graphrisk analyze again",
        ) from error


def _is_made_of(place: Path, folder: Path) -> bool:
    try:
        return (place / MADE_OF).read_text(encoding="utf-8") == _record_of(folder)
    except OSError:
        return False


def _record_of(folder: Path) -> str:
    """Tell an analysis by its record, which holds times and hashes of its own."""
    return blake2b((folder / RECORD).read_bytes(), digest_size=16).hexdigest()
