"""What reading gives: valid tables, a quarantine, and tallies that balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from graphrisk.errors import InputRefused, IntegrityFailure
from graphrisk.intake.columns import TABLES
from graphrisk.intake.shelf import scan

#: One record per row and fault. ``line`` is the physical line of a file, from 1.
QUARANTINE_SCHEMA: dict[str, pl.DataType] = {
    "file": pl.String(),
    "line": pl.Int64(),
    "column": pl.String(),
    "code": pl.String(),
    "reason": pl.String(),
    "value": pl.String(),
    "table": pl.String(),
}

#: Ids that were supplied in another form than the one they are stored in.
SPELLINGS_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "value": pl.String(),
    "raw": pl.String(),
}


@dataclass(frozen=True, slots=True)
class FileTally:
    """What became of the rows of one file that were read into one table.

    ``n_rows_read`` counts the rows that the mapping selects for this table. ``sha256`` is the
    hash of the file's bytes, and empty for a DataFrame. Ragged rows can't be selected by their
    content: they count for the first table that the file feeds. ``n_unlinked`` of the accepted
    rows make no link, since they name a value that stands for nobody.
    """

    file: str
    table: str
    sha256: str
    n_rows_in_file: int
    n_rows_read: int
    n_accepted: int
    n_duplicates: int
    n_quarantined: int
    n_unlinked: int = 0

    def check(self) -> None:
        """Raise ``IntegrityFailure`` unless every row read is accounted for."""
        accounted = self.n_accepted + self.n_duplicates + self.n_quarantined
        if accounted != self.n_rows_read:
            raise IntegrityFailure(
                f"{self.file}: {self.n_rows_read} rows read for {self.table}, {accounted} "
                f"accounted for ({self.n_accepted} accepted, {self.n_duplicates} duplicates, "
                f"{self.n_quarantined} quarantined)",
                expected="the two numbers to be equal",
                hint="this is a fault in graphrisk; nothing read from this file can be trusted",
            )


@dataclass(frozen=True, slots=True)
class Dataset:
    """Valid, typed tables, and everything that was set aside on the way.

    Attributes
    ----------
    tables
        Canonical table name to its accepted rows. A table that was not supplied is absent.
        All columns of the data standard are there, null where they were not supplied.
    quarantine
        One record per row and fault: file, line, column, code, reason, value (masked), table.
    tallies
        One per file and canonical table.
    unknown_columns
        File name to the columns that were seen there and not stored.
    normalised
        How many cells were changed, by ``table.column:code``.
    mapping_name
        The mapping that was used.
    unread_files
        Files of the folder that no table of the mapping reads.
    unlinked
        One record per row that was accepted and makes no link, as in the quarantine.
    spellings
        ``kind, value, raw`` of every id that was supplied in another form: the way back.
    columns
        File name to the columns of its header.
    unselected
        File name to how many of its rows no table of the mapping selects.
    """

    tables: Mapping[str, pl.DataFrame]
    quarantine: pl.DataFrame
    tallies: tuple[FileTally, ...]
    unknown_columns: Mapping[str, tuple[str, ...]]
    normalised: Mapping[str, int]
    mapping_name: str
    unread_files: tuple[str, ...] = ()
    unlinked: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=QUARANTINE_SCHEMA))
    spellings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SPELLINGS_SCHEMA))
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unselected: Mapping[str, int] = field(default_factory=dict)

    @property
    def newest_at(self) -> datetime | None:
        """The newest event time (UTC) of any accepted row, or None where there is none.

        Times that may lie ahead (``due_at``, ``expires_at``) are not event times.
        """
        return newest_in(self.tables)


def newest_in(tables: Mapping[str, pl.DataFrame]) -> datetime | None:
    """Return the newest event time (UTC) of any row, or None where there is none."""
    newest: list[datetime] = []
    for name in tables:
        times = [column.name for column in TABLES[name].columns if column.is_event_time]
        if times:
            moments = scan(tables, name).select(pl.col(times).max()).collect().row(0)
            newest += [moment for moment in moments if isinstance(moment, datetime)]
    return max(newest, default=None)


class DatasetRefused(InputRefused):
    """At least one file can't be used. ``faults`` names every fault of every file.

    ``dataset`` holds what could be read all the same: its quarantine and tallies are there to
    be reported, its tables are not there to be scored.
    """

    def __init__(
        self,
        found: str,
        *,
        dataset: Dataset,
        expected: str = "",
        hint: str = "",
        faults: Sequence[str] = (),
    ) -> None:
        super().__init__(found, expected=expected, hint=hint, faults=faults)
        self.dataset = dataset
