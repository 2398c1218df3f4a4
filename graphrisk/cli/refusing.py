"""A dataset that is refused: what is told of it, and of what else was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from graphrisk.cli.console import say_error, show, table

if TYPE_CHECKING:
    from graphrisk.intake.dataset import Dataset, DatasetRefused


def say_refused(refused: DatasetRefused, written: object, *, as_json: bool) -> int:
    """Say what is wrong with a dataset and where that was written; return the exit code."""
    set_aside = _set_aside(refused.dataset)
    say_error(refused, as_json=as_json, details={"out": str(written), "quarantine": set_aside})
    if not as_json:
        if set_aside:
            show_quarantine(refused.dataset, err=True)
        click.echo(f"No decisions were made; the faults are in {written}", err=True)
    return int(refused.exit_code)


def show_quarantine(dataset: Dataset, *, err: bool = False) -> None:
    """Show how many records were set aside, by file and by fault."""
    made = table("Quarantine", "file", "code", "records", numbers=("records",))
    for row in _set_aside(dataset):
        made.add_row(row["file"], row["code"], f"{row['n_records']:,}")
    show(made, err=err)


def _set_aside(dataset: Dataset) -> list[dict[str, Any]]:
    from graphrisk.report.run_record import quarantine_counts

    return quarantine_counts(dataset).to_dicts()
