"""Where a dataset comes from and an analysis goes to: here, or anywhere that Spark reaches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from graphrisk.report.folder import write_refusal
from graphrisk.report.layout import MAY_HOLD, REFUSAL_NAMES
from graphrisk.spark.checkpoint import files_in
from graphrisk.spark.delivering import check_target, deliver, refusal_of, remove
from graphrisk.spark.fetching import check_folder, fetch, listed
from graphrisk.spark.remote import Remote
from graphrisk.spark.uri import Uri

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from graphrisk.intake.dataset import DatasetRefused
    from graphrisk.report.run_record import Run


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of a run. What a URI names is copied through the folder that blocks share."""

    session: SparkSession
    dataset: Path | Uri
    out: Path | Uri

    def check(self) -> None:
        """Find out, before any work is done, what can't be read or written."""
        if isinstance(self.dataset, Uri):
            check_folder(Remote(self.session, self.dataset), self.dataset)
        if isinstance(self.out, Uri):
            check_target(self.session, self.out)

    def files(self) -> list[tuple[str, int, int]]:
        """List the dataset's files, as :func:`graphrisk.spark.checkpoint.files_in` does."""
        if isinstance(self.dataset, Path):
            return files_in(self.dataset.resolve())
        return listed(self.session, self.dataset)

    def source(self, mapping: str | Path | None, root: Path, doing: Callable[[str], None]) -> Path:
        """Return the dataset's folder as workers see it, copied if it lies elsewhere."""
        if isinstance(self.dataset, Path):
            return self.dataset.resolve()
        doing(f"Copy the tables from {self.dataset}.")
        return fetch(self.session, self.dataset, mapping, root / "copied")

    def target(self, root: Path) -> Path:
        """Return where to write the analysis; one on its way elsewhere is written here first."""
        return self.out if isinstance(self.out, Path) else root / "made"

    def deliver(self, root: Path, doing: Callable[[str], None]) -> None:
        """Bring the finished analysis to where it goes, and remove the note of a refusal there."""
        if isinstance(self.out, Uri):
            doing(f"Copy the analysis to {self.out}.")
            deliver(self.session, self.target(root), self.out, MAY_HOLD)
            remove(Remote(self.session, self.out), refusal_of(self.out), REFUSAL_NAMES)

    def refuse(self, refused: DatasetRefused, run: Run) -> Path | Uri:
        """Write what was wrong with the dataset beside the analysis; return where that is."""
        if isinstance(self.out, Path):
            return write_refusal(self.out, refused, run)
        with TemporaryDirectory(prefix="graphrisk-") as folder:
            written = write_refusal(self.target(Path(folder)), refused, run)
            deliver(self.session, written, refusal_of(self.out), REFUSAL_NAMES)
        return refusal_of(self.out)
