"""A graph of the user's own as tables, for a mapping to read like files.

The mapping says which nodes and relationships are a table, and then reads the table's columns
as it reads those of a file::

    [graph.customers]
    node = "Customer"                     # all nodes with this label

    [graph.owns]
    relationship = "OWNS_PHONE"           # all relationships of this type

    [[table]]
    file = "customers"
    into = "accounts"
    columns = {account_id = "cust_no", opened_at = "since"}

    [[table]]
    file = "owns"
    into = "identifiers"
    columns = {account_id = "start.cust_no", value = "end.number", first_seen_at = "since"}
    constants = {kind = "phone"}

Only the properties that the mapping names are read; ``start.`` and ``end.`` stand for those of
the nodes at the ends. Labels, types and properties are parameters, never part of a statement.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neo4j
import polars as pl
from neo4j.time import Date, DateTime, Time

from graphrisk.errors import InputRefused, MappingError
from graphrisk.intake.mapping import load_mapping
from graphrisk.intake.rules import DatasetMapping
from graphrisk.stores.bolt import Bolt, columns_of

START, END = "start.", "end."
_KEYS = ("node", "relationship")


@dataclass(frozen=True, slots=True)
class GraphSource:
    """Nodes of a label, or relationships of a type, that a mapping reads as one table."""

    name: str
    properties: tuple[str, ...]
    label: str = ""
    type: str = ""
    is_optional: bool = False


def graph_sources(mapping: str | Path) -> tuple[GraphSource, ...]:
    """Read from a mapping which parts of a graph are which tables.

    Raises
    ------
    MappingError
        If the mapping is not valid, or does not say where in the graph a table is.
    """
    rules = load_mapping(mapping)
    path = Path(mapping)
    document = tomllib.loads(path.read_text(encoding="utf-8-sig")) if path.is_file() else {}
    told = document.get("graph", {})
    missing = [name for name in rules.files if name not in told]
    if missing or not isinstance(told, dict):
        raise MappingError(
            f"mapping {rules.name!r}: nothing says where in the graph {', '.join(missing)} is",
            expected='[graph.NAME] with node = "Label" or relationship = "TYPE", for every file',
        )
    return tuple(_source(rules, name, told[name]) for name in rules.files)


def read(bolt: Bolt, source: GraphSource) -> pl.DataFrame:
    """Read one source: a column for each property, left out where no node has it.

    Raises
    ------
    InputRefused
        If there are no such nodes or relationships, or a property holds lists or the like.
    """
    if source.label:
        statement, parts, given = _of_nodes(source)
    else:
        statement, parts, given = _of_relationships(source)
    columns: dict[str, list[Any]] = {name: [] for names in parts for name in names}

    def take(result: neo4j.Result) -> int:
        n_rows = 0
        for cells in columns.values():  # nothing is left of an attempt that failed
            cells.clear()
        for chunk in columns_of(result):
            n_rows += len(chunk[0])
            for names, rows in zip(parts, chunk, strict=True):
                for name, values in zip(names, zip(*rows, strict=True), strict=False):
                    columns[name] += values
        return n_rows

    if not bolt.read(statement, take, **given) and not source.is_optional:
        raise InputRefused(
            f"{source.name}: the graph holds none",
            expected=f"nodes with the label {source.label!r}" if source.label
            else f"relationships of the type {source.type!r}",
            hint="check the spelling in the mapping, and the name of the database",
        )  # fmt: skip
    made = [_series(source.name, name, cells) for name, cells in columns.items()]
    return pl.DataFrame([one for one in made if one.null_count() < len(one)])


def _source(rules: DatasetMapping, name: str, told: Mapping[str, Any]) -> GraphSource:
    where = f"mapping {rules.name!r}, graph.{name}"
    if not isinstance(told, dict) or len(told) != 1 or set(told) - set(_KEYS):
        raise MappingError(where, expected='node = "Label" or relationship = "TYPE", one of them')
    ((key, word),) = told.items()
    if not isinstance(word, str) or not word:
        raise MappingError(f"{where}: {key} = {word!r}", expected="text")
    wanted: dict[str, None] = {}
    for rule in rules.rules_for(name):
        if rule.attributes is None:
            raise MappingError(
                f"{where}: attributes 'numeric'",
                expected="the names of the properties to keep: no other is read from a graph",
            )
        for column in rule.columns.values():
            wanted |= dict.fromkeys(column.spellings)
        wanted |= dict.fromkeys((*rule.where, *rule.attributes))
    is_optional = all(rule.is_optional for rule in rules.rules_for(name))
    label, type_ = (word, "") if key == "node" else ("", word)
    return GraphSource(name, tuple(wanted), label, type_, is_optional)


_Query = tuple[str, tuple[tuple[str, ...], ...], dict[str, Any]]


def _of_nodes(source: GraphSource) -> _Query:
    """Return statement, the names of the columns in each part of its answer, and parameters."""
    given = {"label": source.label, "properties": list(source.properties)}
    return "read/foreign_nodes", (source.properties,), given


def _of_relationships(source: GraphSource) -> _Query:
    names = source.properties
    start = tuple(one for one in names if one.startswith(START))
    end = tuple(one for one in names if one.startswith(END))
    link = tuple(one for one in names if one not in (*start, *end))
    given = {
        "type": source.type,
        "of_start": [one.removeprefix(START) for one in start],
        "of_link": list(link),
        "of_end": [one.removeprefix(END) for one in end],
    }
    return "read/foreign_relationships", (start, link, end), given


def _series(table: str, name: str, cells: Sequence[Any]) -> pl.Series:
    """Make a column of values of any types that a store may hold; mixtures become text."""
    types = {type(one) for one in cells} - {type(None)}
    if len(types) <= 1 and types <= {str, bool, int, float}:
        return pl.Series(name, cells, strict=True)
    if types == {int, float}:
        return pl.Series(name, cells, pl.Float64, strict=False)
    unread = types - {str, bool, int, float, Date, DateTime, Time}
    if unread:
        raise InputRefused(
            f"{table}: the property {name!r} holds values of type "
            f"{', '.join(sorted(one.__name__ for one in unread))}",
            expected="text, numbers or times",
        )
    return pl.Series(name, [None if one is None else _text(one) for one in cells], pl.String)


def _text(value: object) -> str:
    if isinstance(value, Date | DateTime | Time):
        return str(value.iso_format())
    return str(value).lower() if isinstance(value, bool) else str(value)
