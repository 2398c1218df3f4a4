"""Rules between the cells of one row: times in order, amounts with their currency."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from graphrisk.intake.cells import Column, any_of
from graphrisk.intake.codes import FaultCode, Normalised
from graphrisk.intake.quarantine import Fault
from graphrisk.intake.spec import ColumnType, TableSpec


def row_faults(table: TableSpec, columns: Mapping[str, Column]) -> list[Fault]:
    """Return the faults that show only when cells of a row are held against each other."""
    return [*_times_out_of_order(table, columns), *_amounts_without_currency(table, columns)]


def _times_out_of_order(table: TableSpec, columns: Mapping[str, Column]) -> list[Fault]:
    """A time may not lie before the one that it follows."""
    return [
        Fault(
            FaultCode.TIME_OUT_OF_ORDER,
            spec,
            (columns[spec.name].values < columns[spec.not_before].values).fill_null(False),
        )
        for spec in table.columns
        if spec.not_before
    ]


def _amounts_without_currency(table: TableSpec, columns: Mapping[str, Column]) -> list[Fault]:
    """A row with an amount, even a faulty one, names its currency, even a faulty one."""
    amounts = [spec.name for spec in table.columns if spec.type is ColumnType.AMOUNT]
    if not amounts:
        return []
    n_rows = columns["currency"].values.len()
    has_amount = any_of([_is_given(columns[name]) for name in amounts], n_rows)
    is_unnamed = has_amount & ~_is_given(columns["currency"])
    return [Fault(FaultCode.AMOUNT_WITHOUT_CURRENCY, table["currency"], is_unnamed)]


def count_unsourced(labels: Mapping[str, Column]) -> None:
    """Count the labels that nobody can be asked about."""
    n_unsourced = labels["source"].values.null_count()
    if n_unsourced:
        labels["source"].counts[Normalised.LABEL_WITHOUT_SOURCE] += n_unsourced


def _is_given(column: Column) -> pl.Series:
    """Return the rows where the cell held something, right or wrong."""
    faulty = any_of([mask for _, mask in column.faults], column.values.len())
    return column.values.is_not_null() | faulty
