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

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from graphrisk.errors import MappingError
from graphrisk.intake.columns import TABLES
from graphrisk.intake.phones import phone_regions
from graphrisk.intake.rules import ColumnRule, DatasetMapping, Limits, TableRule
from graphrisk.intake.sniff import ENCODINGS
from graphrisk.intake.spec import ColumnType, TableSpec

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
_LIMIT_KEYS = {
    "most_quarantined_share": "of a file's rows (default: 0.05)",
    "least_rows_share": "of the rows that a file had before (default: 0.5)",
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
        text = (resources.files("graphrisk") / "mappings" / f"{name}.toml").read_text("utf-8")
    elif Path(name).is_file():
        text = _text_of(Path(name))
    else:
        raise MappingError(
            f"no mapping {name!r}",
            expected=f"one of {', '.join(shipped_mappings())}, or the path of a TOML file",
            hint=_did_you_mean(name, shipped_mappings()) or "check the path",
        )
    try:
        return parse_mapping(tomllib.loads(text), default_name=Path(name).stem)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(
            f"mapping {name!r} is not TOML: {error}", hint="correct the line named"
        ) from error


def _text_of(path: Path) -> str:
    """Read a mapping file; TOML is UTF-8 by its definition."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise MappingError(
            f"mapping {str(path)!r} is not UTF-8 (byte {error.start})",
            expected="TOML, which is UTF-8",
            hint="save the file again as UTF-8",
        ) from error


def parse_mapping(document: Mapping[str, Any], *, default_name: str = "mapping") -> DatasetMapping:
    """Build a mapping from a parsed TOML document; raise ``MappingError`` for what is wrong."""
    name = str(document.get("name", default_name))
    _check_keys(f"mapping {name!r}", document, _TOP_KEYS)
    delimiter = document.get("delimiter", ",")
    if not isinstance(delimiter, str) or len(delimiter.encode()) != 1 or delimiter in '"\r\n':
        raise MappingError(
            f"mapping {name!r}: delimiter {delimiter!r}",
            expected="one ASCII character that is neither a quote nor a line end",
        )
    entries = document.get("table", [])
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
        timezone=_parse_timezone(name, document.get("timezone")),
        extensions=_strings(f"mapping {name!r}, extension", document.get("extension", "csv")),
        encoding=_parse_encoding(name, document.get("encoding", "utf-8")),
        phone_region=_parse_region(name, document.get("phone_region")),
        limits=_parse_limits(name, document.get("limits", {})),
    )  # fmt: skip


def _parse_encoding(name: str, encoding: object) -> str:
    """Check that the declared encoding is one that is read."""
    if encoding not in ENCODINGS:
        raise MappingError(
            f"mapping {name!r}: encoding {encoding!r}",
            expected=f"one of {', '.join(ENCODINGS)}; gb18030 reads GBK and GB2312 too",
            hint="save files of any other encoding as UTF-8",
        )
    return str(encoding)


def _parse_region(name: str, region: object) -> str | None:
    """Check that the declared country has telephone numbers."""
    if region is not None and region not in phone_regions():
        raise MappingError(
            f"mapping {name!r}: phone_region {region!r}",
            expected="two capital letters of ISO 3166, such as CN",
        )
    return None if region is None else str(region)


def _parse_limits(name: str, entry: Mapping[str, Any]) -> Limits:
    """Build the limits; each is a share."""
    where = f"mapping {name!r}, limits"
    _check_keys(where, entry, _LIMIT_KEYS)
    for key, share in entry.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise MappingError(f"{where}: {key} = {share!r}", expected="a number from 0 to 1")
    return Limits(**{key: float(share) for key, share in entry.items()})


def _parse_timezone(name: str, timezone: object) -> str | None:
    """Check that the declared zone exists."""
    if timezone is None:
        return None
    try:
        return ZoneInfo(str(timezone)).key
    except (KeyError, ValueError, OSError) as error:
        raise MappingError(
            f"mapping {name!r}: no time zone {timezone!r}",
            expected="an IANA name, such as UTC or Asia/Shanghai",
        ) from error


def _parse_table(where: str, entry: Mapping[str, Any]) -> TableRule:
    """Build one table rule."""
    _check_keys(where, entry, _TABLE_KEYS)
    if not entry.get("file") or not entry.get("into"):
        raise MappingError(f"{where}: no file or no into", expected="both, in every [[table]]")
    where = f"{where} ({entry['file']})"
    _check_file(where, str(entry["file"]))
    _check_known(f"{where}, into", [str(entry["into"])], TABLES, "table")
    table = TABLES[str(entry["into"])]
    for part in ("columns", "constants", "values"):
        if not isinstance(entry.get(part, {}), dict):
            raise MappingError(f"{where}: {part} is not a table", expected=_TABLE_KEYS[part])
        _check_known(f"{where}, {part}", entry.get(part, {}), table.names, "column")
    return TableRule(
        file=str(entry["file"]),
        into=table.name,
        columns=_parse_columns(where, table, entry),
        where={str(column): _strings(f"{where}, where", values)
               for column, values in entry.get("where", {}).items()},
        attributes=_parse_attributes(where, table, entry.get("attributes", [])),
        is_optional=bool(entry.get("optional", False)),
    )  # fmt: skip


def _check_file(where: str, file: str) -> None:
    """Raise for a file name that leads out of the folder."""
    if re.search(r"[/\\\x00]", file) or file in (".", ".."):
        raise MappingError(
            f"{where}: the file name leads elsewhere",
            expected="the name of a file in the dataset's folder, without a path",
        )


def _parse_columns(where: str, table: TableSpec, entry: Mapping[str, Any]) -> dict[str, ColumnRule]:
    """Build the column rules of one table; without ``columns``, by the canonical names."""
    constants = {name: str(value) for name, value in entry.get("constants", {}).items()}
    values: dict[str, dict[str, str]] = entry.get("values", {})
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
        return ColumnRule(spellings=_strings(where, source))
    _check_keys(where, source, _AMOUNT_KEYS)
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
        spellings=_strings(where, source.get("column")),
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
    return None if value == "numeric" else _strings(where, value)


def _strings(where: str, value: object) -> tuple[str, ...]:
    """Return one string, or a list of strings, as a tuple."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) and one for one in values):
        raise MappingError(f"{where}: {value!r}", expected="text, or a list of texts, not empty")
    return tuple(values)


def _check_keys(where: str, given: Mapping[str, Any], known: Mapping[str, str]) -> None:
    """Raise for the first key that the schema does not have."""
    _check_known(where, given, known, "key")


def _check_known(where: str, given: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raise for the first name that is not known, with the nearest one as a hint."""
    names = tuple(known)
    for name in given:
        if name not in names:
            raise MappingError(
                f"{where}: unknown {what} {name!r}",
                expected=f"one of {', '.join(names)}",
                hint=_did_you_mean(name, names) or "correct the spelling, or remove it",
            )


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known spelling, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else ""
