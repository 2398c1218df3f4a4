"""A raw table to typed rows of one canonical table, one column at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from graphrisk.errors import InputRefused
from graphrisk.intake.cells import Column, Moment, any_of
from graphrisk.intake.codes import FaultCode
from graphrisk.intake.columns import REGISTERS
from graphrisk.intake.identifiers import (
    kinds_of,
    no_link_codes,
    put_in_form,
    spellings,
    without_faults_of_form,
)
from graphrisk.intake.numbers import clean_amounts, clean_numbers
from graphrisk.intake.quarantine import Fault, records
from graphrisk.intake.raw import RawTable
from graphrisk.intake.rowrules import count_unsourced, row_faults
from graphrisk.intake.rules import ColumnRule, TableRule
from graphrisk.intake.spec import ColumnSpec, ColumnType, PersonalData, TableSpec
from graphrisk.intake.times import clean_times
from graphrisk.intake.words import as_text, clean_words

#: Columns that travel beside the canonical ones: where a row is from, whether it is set aside,
#: and whether it links nobody (why, and by which column).
FILE, LINE, IS_FAULTY = "__file", "__line", "__is_faulty"
NO_LINK, NO_LINK_COLUMN = "__no_link", "__no_link_column"


@dataclass(frozen=True, slots=True)
class CleanRows:
    """Typed rows of one canonical table from one file.

    ``rows`` has the canonical columns, the attributes, and ``FILE``, ``LINE``, ``IS_FAULTY``,
    ``NO_LINK``, ``NO_LINK_COLUMN``. ``counts`` holds what was changed by ``table.column:code``;
    ``used`` the source columns; ``spellings`` the ids that were supplied in another form.
    """

    rows: pl.DataFrame
    quarantine: list[pl.DataFrame]
    counts: Counter[str]
    used: frozenset[str]
    spellings: list[pl.DataFrame]


def source_columns(rule: TableRule, header: Iterable[str]) -> frozenset[str]:
    """Return the columns of a header that a rule reads, attributes included."""
    names = tuple(header)
    if rule.attributes is None:
        return frozenset(names)
    mapped = {column.column_in(names) for column in rule.columns.values()}
    return frozenset(names) & {*mapped, *rule.where, *rule.attributes}


def clean_rows(
    raw: RawTable, rule: TableRule, moment: Moment, phone_region: str | None = None
) -> CleanRows:
    """Select the rows that a rule reads, and clean every column of them.

    Raises
    ------
    InputRefused
        When a whole column is of a dtype that can't hold what the column means.
    """
    table = rule.table
    frame, lines = raw.frame, raw.lines
    if rule.where:
        is_read = _selected(raw.frame, rule)
        frame, lines = raw.frame.filter(is_read), raw.lines.filter(is_read)
    names = _attributes(frame, rule)
    specs = {spec: rule.columns.get(spec.name, ColumnRule()) for spec in table.columns}
    specs |= {_attribute(name): ColumnRule((name,)) for name in names}
    supplied = {spec.name: _cells(frame, source) for spec, source in specs.items()}
    columns = _clean_all(specs, supplied, moment)
    if table.name == "labels":
        count_unsourced(columns)
    no_link, spelt = _identified(table, columns, supplied, phone_region)

    faults = [
        Fault(code, column.spec, mask)
        for column in columns.values()
        for code, mask in column.faults
    ]
    faults += [fault for fault in row_faults(table, columns) if fault.mask.any()]
    rows = _typed(columns).with_columns(
        pl.lit(raw.file, pl.Categorical).alias(FILE),
        lines.alias(LINE),
        any_of([fault.mask for fault in faults], frame.height).alias(IS_FAULTY),
        no_link["code"].alias(NO_LINK),
        no_link["column"].alias(NO_LINK_COLUMN),
    )
    return CleanRows(
        rows=rows,
        quarantine=[records(fault, table.name, raw.file, lines, supplied[fault.column.name])
                    for fault in faults],
        counts=Counter({f"{table.name}.{name}:{code}": n for name, column in columns.items()
                        for code, n in column.counts.items() if n}),
        used=frozenset({*rule.where, *names, *_mapped(frame, rule)}),
        spellings=spelt,
    )  # fmt: skip


def _typed(columns: Mapping[str, Column]) -> pl.DataFrame:
    """Lay columns side by side in the dtypes of the data standard; empty ones take no memory."""
    n_rows = next(iter(columns.values())).values.len()
    given = {name: column.values.cast(column.spec.dtype) for name, column in columns.items()
             if column.values.null_count() < n_rows}  # fmt: skip
    if not given:
        schema = {name: column.spec.dtype for name, column in columns.items()}
        return pl.DataFrame(schema=schema).clear(n_rows)
    return pl.DataFrame(given).select(
        pl.col(name) if name in given else pl.lit(None, column.spec.dtype).alias(name)
        for name, column in columns.items()
    )


def _clean_all(
    specs: Mapping[ColumnSpec, ColumnRule], supplied: Mapping[str, pl.Series], moment: Moment
) -> dict[str, Column]:
    """Clean every column; refuse with all the columns that can't be used, not the first alone."""
    columns: dict[str, Column] = {}
    refusals: list[str] = []

    def clean(spec: ColumnSpec) -> Column | str:
        currencies = columns["currency"].values if "currency" in columns else None
        try:
            return clean_column(supplied[spec.name], spec, specs[spec], moment, currencies)
        except InputRefused as error:
            return str(error)

    # Currencies first: they say what the decimals of amounts mean.
    first = [spec for spec in specs if spec.type is ColumnType.CURRENCY]
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        for some in (first, [spec for spec in specs if spec not in first]):
            for spec, made in zip(some, pool.map(clean, some), strict=True):
                if isinstance(made, str):
                    refusals.append(made)
                else:
                    columns[spec.name] = made
    if refusals:
        raise InputRefused(refusals[0], faults=refusals)
    return {spec.name: columns[spec.name] for spec in specs}


def _identified(
    table: TableSpec,
    columns: Mapping[str, Column],
    supplied: Mapping[str, pl.Series],
    phone_region: str | None,
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Put every id in the form of its kind.

    Returns
    -------
    tuple
        ``code`` and ``column`` of rows that link nobody, and the spellings that were changed.
    """
    codes: dict[str, pl.Series] = {}
    spelt: list[pl.DataFrame] = []
    n_rows = next(iter(supplied.values())).len()
    for spec in table.columns:
        column = columns[spec.name]
        kinds = kinds_of(table, spec, columns)
        if kinds is None or column.values.null_count() == n_rows:
            continue
        found = put_in_form(column, kinds, phone_region)
        if found is not None:
            codes[spec.name] = found
        if +column.counts:
            spelt.append(spellings(kinds, column.values, as_text(supplied[spec.name], spec)))
    nobody = pl.Series([None], dtype=pl.Null).new_from_index(0, n_rows)
    untold = pl.DataFrame({"code": nobody, "column": nobody})
    if table.name in REGISTERS:  # a list of things ties nobody to them
        return untold, spelt
    if table.name in ("links", "labels"):  # ids of the long layout may be the sender's own keys
        codes = {
            name: without_faults_of_form(found, columns[name].values)
            for name, found in codes.items()
        }
    told = no_link_codes(codes)
    return (untold if told is None else told), spelt


def clean_column(
    cells: pl.Series,
    spec: ColumnSpec,
    rule: ColumnRule,
    moment: Moment,
    currencies: pl.Series | None = None,
) -> Column:
    """Clean one column.

    Parameters
    ----------
    cells
        The cells as supplied, of any dtype.
    spec, rule
        The canonical column, and where it comes from.
    moment
        The declared time zone and the moment of reading.
    currencies
        The currency of each row, where the table has one; cleaned.

    Returns
    -------
    Column
        Typed values and the faults found. Required cells that are empty are a fault too.

    Raises
    ------
    InputRefused
        When the dtype of the whole column can't hold what the column means.
    """
    if cells.dtype.is_nested() or cells.dtype in (pl.Binary, pl.Object):
        raise _unfit(cells, "text, numbers or times")
    column = Column(spec, cells)
    if cells.null_count() == cells.len():  # not supplied, most often
        column.values = cells.cast(pl.Null)
        if spec.type is not ColumnType.TEXT:  # nothing looks into those
            column.values = column.values.cast(spec.dtype)
    else:
        by_row = currencies if rule.by_currency else None
        try:
            _clean(column, rule, moment, by_row)
        except pl.exceptions.PolarsError as error:  # a dtype that no reading knows of
            raise _unfit(
                cells, f"what a column of type {spec.type.value} can be read from"
            ) from error
    if spec.required and column.values.null_count():
        # Cells that became null by a fault have their record; only the empty ones are left.
        faulty = any_of([mask for _, mask in column.faults], cells.len())
        column.reject(FaultCode.MISSING_VALUE, column.values.is_null() & ~faulty)
    return column


def _clean(column: Column, rule: ColumnRule, moment: Moment, currencies: pl.Series | None) -> None:
    """Clean a column in the way of its type."""
    kind = column.spec.type
    if kind is ColumnType.TIME:
        clean_times(column, moment)
    elif kind is ColumnType.AMOUNT:
        clean_amounts(column, rule.decimals, separators=rule.separators, currencies=currencies)
    elif kind in (ColumnType.NUMBER, ColumnType.SHARE):
        clean_numbers(column)
    else:
        clean_words(column, rule.values)


def _unfit(cells: pl.Series, expected: str) -> InputRefused:
    """Build the refusal of a column whose dtype can't hold what the column means."""
    return InputRefused(
        f"column {cells.name!r} holds values of type {cells.dtype}",
        expected=expected,
        hint="convert the column before it is supplied, or leave it out",
    )


def _cells(frame: pl.DataFrame, rule: ColumnRule) -> pl.Series:
    """Return the cells of a source column, or of a constant; null where there is neither."""
    name = rule.column_in(frame.columns)
    if name is not None:
        return frame[name]
    dtype = pl.Null if rule.constant is None else pl.String
    return pl.Series([rule.constant], dtype=dtype).new_from_index(0, frame.height)


def _mapped(frame: pl.DataFrame, rule: TableRule) -> set[str]:
    """Return the source columns that the rule's canonical columns are read from."""
    names = {source.column_in(frame.columns) for source in rule.columns.values()}
    return {name for name in names if name is not None}


def _selected(frame: pl.DataFrame, rule: TableRule) -> pl.Series:
    """Return the rows that the rule's ``where`` selects (Boolean, one per row)."""
    is_read = pl.Series([True]).new_from_index(0, frame.height)
    for name, wanted in rule.where.items():
        cells = frame[name]
        if cells.dtype.is_float():  # pandas: integers become floats beside a gap
            whole = cells.fill_nan(None).cast(pl.Int64, strict=False)
            cells = cells.cast(pl.String).zip_with(
                (cells != whole.cast(pl.Float64)).fill_null(True), whole.cast(pl.String)
            )
        text = cells.cast(pl.String).str.strip_chars()
        is_read &= text.is_in(wanted).fill_null(False)
    return is_read


def n_selected(frame: pl.DataFrame, rules: Iterable[TableRule]) -> int:
    """Return how many rows at least one of the rules reads."""
    return int(any_of([_selected(frame, rule) for rule in rules], frame.height).sum())


def _attributes(frame: pl.DataFrame, rule: TableRule) -> list[str]:
    """Return the columns to keep as attributes: those that hold numbers, and nothing else."""
    beside = {FILE, LINE, IS_FAULTY, NO_LINK, NO_LINK_COLUMN}
    taken = {*_mapped(frame, rule), *rule.where, *rule.table.names, *beside, ""}
    wanted = frame.columns if rule.attributes is None else rule.attributes
    return [name for name in wanted if name not in taken and _holds_numbers(frame[name])]


def _holds_numbers(cells: pl.Series) -> bool:
    """Return whether every cell that isn't empty is a number, and there is one."""
    if cells.dtype.is_numeric() or cells.dtype == pl.Boolean:
        return True
    if cells.dtype != pl.String or cells.null_count() == cells.len():
        return False
    text = cells.str.strip_chars()
    is_empty = text.is_null() | (text == "")
    return bool((is_empty | text.cast(pl.Float64, strict=False).is_not_null()).all())


def _attribute(name: str) -> ColumnSpec:
    """Return the spec of an attribute column."""
    return ColumnSpec(name, ColumnType.NUMBER, "An attribute.", personal=PersonalData.BEHAVIOUR)
