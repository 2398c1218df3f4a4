"""Mappings: which of a user's files and columns are which canonical tables and columns.

A mapping is a TOML file::

    name = "our_bank"
    timezone = "Asia/Shanghai"          # of date-times without an offset; otherwise UTC

    [[table]]
    file = "customers"                  # customers.csv
    into = "accounts"
    columns = {account_id = "cust_no", opened_at = ["opened", "opened_on"]}
    values = {status = {A = "active", C = "closed"}}

    [[table]]
    file = "customers"                  # one file may feed several tables
    into = "labels"
    where = {blocked = "true"}
    columns = {entity_id = "cust_no"}
    constants = {entity_kind = "account", label = "blacklisted", source = "our_bank"}

A table without ``columns`` is read by the canonical names. The keys are described in
``_TOP_KEYS``, ``_TABLE_KEYS`` and ``_AMOUNT_KEYS`` below.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from graphrisk.errors import MappingError
from graphrisk.intake.columns import TABLES
from graphrisk.intake.mapping_values import (
    MOST_CHARS,
    check_keys,
    check_known,
    check_table,
    did_you_mean,
    leads_elsewhere,
    parse_encoding,
    parse_extensions,
    parse_limits,
    parse_region,
    parse_timezone,
    said,
    strings,
)
from graphrisk.intake.rules import ColumnRule, DatasetMapping, TableRule
from graphrisk.intake.spec import ColumnSpec, ColumnType, TableSpec
from graphrisk.model.settings import read_settings

_TOP_KEYS = {
    "name": "what to call the mapping",
    "description": "one line for people",
    "delimiter": "the character between cells (default: a comma)",
    "timezone": "IANA zone of date-times without an offset",
    "extension": "file name ending, or a list of them (default: csv)",
    "encoding": "of CSV files: utf-8 (default) or gb18030, which reads GBK and GB2312 too",
    "phone_region": "two letters: the country of telephone numbers that are written without one",
    "limits": "from when on a dataset is refused as a whole",
    "graph": "where in a graph each file is; see graphrisk.stores.foreign",
    "table": "one entry per file and canonical table",
}
_TABLE_KEYS = {
    "file": "file name without its ending",
    "into": "the canonical table",
    "columns": "canonical column = their column, or a list of spellings",
    "constants": "canonical column = the value of every row",
    "values": "canonical column = {their value = our value}",
    "where": "their column = the value, or list of values, that selects a row",
    "attributes": "numeric columns to keep: a list, or 'numeric' for all that are left",
    "optional": "true when the file may be missing",
}
_AMOUNT_KEYS = {
    "column": "their column",
    "unit": "'minor' or 'major'",
    "decimals": "minor units per major unit, as a power of ten (default: that of the currency)",
    "decimal": "the decimal point: '.' (default) or ','",
    "thousands": "what stands between thousands: ',', '.', a space or an apostrophe",
}


def shipped_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that come with the package."""
    folder = resources.files("graphrisk") / "mappings"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_mapping(mapping: str | Path | None = None) -> DatasetMapping:
    """Read a mapping by its shipped name or from a TOML file.

    Parameters
    ----------
    mapping
        ``"standard"`` (also None), ``"finbench"``, or the path of a TOML file.

    Raises
    ------
    MappingError
        When there is no such mapping, or it names a table, column or key that is not known.
    """
    name = str(mapping or "standard")
    if name in shipped_mappings():
        shipped = resources.files("graphrisk") / "mappings" / f"{name}.toml"
        document = tomllib.loads(shipped.read_text("utf-8"))
    elif _is_file(Path(name)):
        document = read_settings(
            Path(name),
            f"mapping {name!r}",
            MappingError,
            option="--mapping",
            expected="a mapping as in docs/risk-engineers.md",
        )
    else:
        raise MappingError(
            f"no mapping {name[:MOST_CHARS]!r}",
            expected=f"one of {', '.join(shipped_mappings())}, or the path of a TOML file",
            hint=did_you_mean(name, shipped_mappings()) or "check the path",
        )
    return parse_mapping(document, default_name=Path(name).stem)


def _is_file(path: Path) -> bool:
    """Say whether a path is that of a file; one too long to be a path is not."""
    try:
        return path.is_file()
    except OSError:
        return False


def parse_mapping(document: Mapping[str, Any], *, default_name: str = "mapping") -> DatasetMapping:
    """Build a mapping from a parsed TOML document; raise ``MappingError`` for what is wrong."""
    name = str(document.get("name", default_name))
    check_keys(f"mapping {name!r}", document, _TOP_KEYS)
    delimiter = document.get("delimiter", ",")
    if not isinstance(delimiter, str) or len(delimiter.encode()) != 1 or delimiter in '"\r\n':
        raise MappingError(
            f"mapping {name!r}: delimiter {delimiter!r}",
            expected="one ASCII character that is neither a quote nor a line end",
        )
    entries = document.get("table", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise MappingError(
            f"mapping {name!r}: table is {said(entries)}",
            expected="one [[table]] entry, in two pairs of brackets, for each file and table",
            hint="write [[table]] for [table]",
        )
    if not entries:
        raise MappingError(
            f"mapping {name!r} has no tables", expected="at least one [[table]] entry"
        )
    return DatasetMapping(
        name=name,
        tables=tuple(_parse_table(f"mapping {name!r}, table {n}", entry)
                     for n, entry in enumerate(entries, start=1)),
        description=str(document.get("description", "")),
        delimiter=delimiter,
        timezone=parse_timezone(name, document.get("timezone")),
        extensions=parse_extensions(name, document.get("extension", "csv")),
        encoding=parse_encoding(name, document.get("encoding", "utf-8")),
        phone_region=parse_region(name, document.get("phone_region")),
        limits=parse_limits(name, document.get("limits", {})),
    )  # fmt: skip


def _parse_table(where: str, entry: Mapping[str, Any]) -> TableRule:
    """Build one table rule."""
    check_keys(where, entry, _TABLE_KEYS)
    if not entry.get("file") or not entry.get("into"):
        raise MappingError(f"{where}: no file or no into", expected="both, in every [[table]]")
    where = f"{where} ({entry['file']})"
    _check_file(where, str(entry["file"]))
    check_known(f"{where}, into", [str(entry["into"])], TABLES, "table")
    table = TABLES[str(entry["into"])]
    if not isinstance(entry.get("optional", False), bool):
        raise MappingError(
            f"{where}: optional is {said(entry['optional'])}", expected="true or false"
        )
    for part in ("columns", "constants", "values", "where"):
        check_table(f"{where}, {part}", entry.get(part, {}), _TABLE_KEYS[part])
    for part in ("columns", "constants", "values"):
        check_known(f"{where}, {part}", entry.get(part, {}), table.names, "column")
    return TableRule(
        file=str(entry["file"]),
        into=table.name,
        columns=_parse_columns(where, table, entry),
        where={str(column): strings(f"{where}, where", values)
               for column, values in entry.get("where", {}).items()},
        attributes=_parse_attributes(where, table, entry.get("attributes", [])),
        is_optional=bool(entry.get("optional", False)),
    )  # fmt: skip


def _check_file(where: str, file: str) -> None:
    """Raise for a file name that leads out of the folder."""
    if leads_elsewhere(file) or file in (".", ".."):
        raise MappingError(
            f"{where}: the file name leads elsewhere",
            expected="the name of a file in the dataset's folder, without a path",
        )


def _parse_columns(where: str, table: TableSpec, entry: Mapping[str, Any]) -> dict[str, ColumnRule]:
    """Build the column rules of one table; without ``columns``, by the canonical names."""
    constants = {name: _constant(f"{where}, constants.{name}", table[name], value)
                 for name, value in entry.get("constants", {}).items()}  # fmt: skip
    values: dict[str, dict[str, str]] = entry.get("values", {})
    for name, translations in values.items():
        check_table(f"{where}, values.{name}", translations, "{their value = our value}")
    wanted: dict[str, Any] = entry.get("columns", {})
    must_exist = bool(wanted)
    if not wanted:
        wanted = {name: name for name in table.names if name not in constants}
    rules = {name: ColumnRule(constant=value) for name, value in constants.items()}
    for name, source in wanted.items():
        rule = _parse_source(f"{where}, {name}", table[name].type, source)
        rules[name] = replace(
            rule,
            values={str(theirs): str(ours) for theirs, ours in values.get(name, {}).items()},
            must_exist=must_exist or table[name].required,
        )
    _check_columns(
        where, table, set(rules), set(constants) & set(wanted), set(values) - set(wanted)
    )
    return rules


def _constant(where: str, column: ColumnSpec, value: object) -> str:
    """Check the value of every row: text or a number, and a word that the column may hold."""
    if isinstance(value, list | dict):
        raise MappingError(f"{where} is {said(value)}", expected="text, a number or a date")
    if column.vocabulary and str(value).lower() not in column.vocabulary:
        raise MappingError(
            f"{where} = {value!r}",
            expected=f"one of {', '.join(column.vocabulary)}",
            hint=did_you_mean(str(value), column.vocabulary) or "correct the word",
        )
    return str(value)


def _check_columns(
    where: str, table: TableSpec, mapped: set[str], twice: set[str], unread: set[str]
) -> None:
    """Raise for canonical columns that have no source, two, or translations and no column."""
    absent = [column.name for column in table.columns
              if column.required and column.name not in mapped]  # fmt: skip
    if absent:
        raise MappingError(
            f"{where}: nothing is mapped to {', '.join(absent)}",
            expected=f"every required column of {table.name}",
            hint="add them under columns or constants",
        )
    if twice:
        raise MappingError(
            f"{where}: {', '.join(sorted(twice))} under columns and under constants",
            expected="one of the two",
        )
    if unread:
        raise MappingError(
            f"{where}: values for {', '.join(sorted(unread))}, which no column is read into",
            expected="translations of columns that are mapped",
            hint="add the column under columns",
        )


def _parse_source(where: str, column_type: ColumnType, source: object) -> ColumnRule:
    """Build the rule of a source column: its spellings, and how its amounts are written."""
    if not isinstance(source, dict):
        return ColumnRule(spellings=strings(where, source))
    check_keys(where, source, _AMOUNT_KEYS)
    unit = source.get("unit", "minor")
    if column_type is not ColumnType.AMOUNT or unit not in ("minor", "major"):
        raise MappingError(
            f"{where}: unit {unit!r} of a column of type {column_type.value}",
            expected="unit 'minor' or 'major', for an amount",
        )
    decimals = source.get("decimals")
    if decimals is not None and (type(decimals) is not int or not 0 <= decimals <= 4):
        raise MappingError(f"{where}: decimals {decimals!r}", expected="a whole number, 0 to 4")
    point, thousands = source.get("decimal", "."), source.get("thousands", "")
    if point not in (".", ",") or thousands not in ("", ",", ".", " ", "'") or point == thousands:
        raise MappingError(
            f"{where}: decimal {point!r}, thousands {thousands!r}",
            expected="decimal '.' or ',', and another of ',' '.' ' ' \"'\" between thousands",
        )
    return ColumnRule(
        spellings=strings(where, source.get("column")),
        decimals=decimals if unit == "major" else None,
        by_currency=unit == "major" and decimals is None,
        separators=(point, thousands),
    )


def _parse_attributes(where: str, table: TableSpec, value: object) -> tuple[str, ...] | None:
    """Return the attribute columns to keep; None for every numeric column that is left."""
    if value and not table.has_attributes:
        raise MappingError(
            f"{where}: {table.name} has no attributes", expected="attributes only for entities"
        )
    return None if value == "numeric" else strings(where, value)
