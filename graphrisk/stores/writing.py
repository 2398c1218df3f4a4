"""What changes a store: loading a dataset, and writing what an analysis found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphrisk.stores.bolt import Bolt
from graphrisk.stores.loading import load
from graphrisk.stores.records import records_of
from graphrisk.stores.schema import prepare
from graphrisk.stores.terms import Progress, Written, silent

if TYPE_CHECKING:
    from graphrisk.intake.dataset import Dataset
    from graphrisk.stores.findings import RunRecords

#: Rows of one transaction. docs/graph-model.md shows the rates that were measured.
BATCH_ROWS = 10_000


class BoltWriter:
    """Writes into one database."""

    def __init__(self, bolt: Bolt) -> None:
        prepare(bolt)
        self._bolt = bolt

    def load(
        self, dataset: Dataset, *, n_batch: int | None = None, progress: Progress = silent
    ) -> Written:
        """Bring the store's book to a dataset: write what is missing, remove what is gone."""
        return load(self._bolt, records_of(dataset.tables), n_batch or BATCH_ROWS, progress)

    def write_run(
        self, run: RunRecords, *, n_batch: int | None = None, progress: Progress = silent
    ) -> Written:
        """Write what an analysis found; nobody sees it before all of it is there."""
        from graphrisk.stores.runs import write

        return write(self._bolt, run, n_batch or BATCH_ROWS, progress)
