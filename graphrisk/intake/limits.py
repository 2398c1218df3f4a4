"""When a dataset as a whole can't be trusted: too much set aside, or not what came before.

Single bad rows go to the quarantine. A fault in a whole column, a file that was cut, or a column
that was renamed would leave evidence out in silence, so the dataset is refused (exit code 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from graphrisk.intake.codes import FaultCode
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.headers import named_columns
from graphrisk.intake.rules import Limits

#: Fewer rows than this are looked at by a human sooner than a share of them tells anything.
FEWEST_ROWS_SET_ASIDE = 100


@dataclass(frozen=True, slots=True)
class Baseline:
    """What an earlier analysis read, to hold a new dataset against.

    ``rows`` are rows read by file, ``columns`` the header of each file.
    """

    name: str
    rows: Mapping[str, int]
    columns: Mapping[str, tuple[str, ...]]

    @classmethod
    def of_record(cls, name: str, record: Mapping[str, Any]) -> Baseline:
        """Take a baseline from the ``run.json`` of an analysis."""
        return cls(
            name=name,
            rows={str(one["file"]): int(one["n_rows_in_file"]) for one in record["inputs"]},
            columns={str(f): tuple(names) for f, names in record.get("columns", {}).items()},
        )


def too_much_set_aside(dataset: Dataset, limits: Limits) -> list[str]:
    """Return a fault for every file of which too large a share is in the quarantine.

    Rows that lost their key to a newer row are no sign of a fault: a history is full of them.
    """
    aside = dataset.quarantine.filter(pl.col("code") != FaultCode.CONFLICTING_KEY.value)
    n_aside = aside.unique(["file", "table", "line"]).group_by("file", "table").len()
    main = aside.group_by("file", "table", "column", "code").len().sort(
        "len", "column", "code", descending=[True, False, False]
    )  # fmt: skip
    faults = []
    for tally in dataset.tallies:
        here = (pl.col("file") == tally.file) & (pl.col("table") == tally.table)
        n_rows = int(n_aside.filter(here)["len"].sum())
        share = n_rows / max(tally.n_rows_read, 1)
        if n_rows < FEWEST_ROWS_SET_ASIDE or share <= limits.most_quarantined_share:
            continue
        most = main.filter(here)
        faults.append(
            f"{tally.file}: {n_rows:,} of {tally.n_rows_read:,} rows ({share:.1%}) can't be read, "
            f"most for {most['code'][0]} in {most['column'][0] or 'the whole row'}; "
            f"expected: at most {limits.most_quarantined_share:.0%}; next: correct the export, or "
            "set most_quarantined_share under [limits] in the mapping"
        )
    return faults


def drift_since(baseline: Baseline, dataset: Dataset, limits: Limits) -> list[str]:
    """Return a fault for every file, column and volume of rows that was there and is not.

    New files and columns are no fault: they are reported as unread.
    """
    rows = {tally.file: tally.n_rows_in_file for tally in dataset.tallies}
    faults = []
    for file, n_before in baseline.rows.items():
        since = f"in {baseline.name}"
        if file not in rows:
            faults.append(
                f"{file}: there is no such file, and {since} it had {n_before:,} rows; expected: "
                "the files of the earlier run; next: supply it, or run without --baseline"
            )
            continue
        gone = [name for name in baseline.columns.get(file, ())
                if name not in dataset.columns.get(file, ())]  # fmt: skip
        faults += [
            f"{file}: column {name} is gone; {since} it was there; found columns "
            f"{named_columns(dataset.columns.get(file, ()))}; next: rename it back, map it, or run "
            "without --baseline"
            for name in gone
        ]
        if rows[file] < limits.least_rows_share * n_before:
            faults.append(
                f"{file}: {rows[file]:,} rows; {since} it had {n_before:,}; expected: at least "
                f"{limits.least_rows_share:.0%} of that; next: look whether the export was cut, "
                "or run without --baseline"
            )
    return faults
