"""The data dictionary, rendered from the specs that reading works from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from graphrisk.intake.codes import FAULT_TEXTS, NO_LINK_TEXTS, NORMALISED_TEXTS
from graphrisk.intake.columns import TABLES
from graphrisk.intake.spec import MASKED, ColumnSpec, ColumnType, PersonalData, TableSpec

_INTRODUCTION = """# Data dictionary

Generated from `graphrisk/intake/columns.py` and `graphrisk/intake/codes.py`; a test keeps it in
step. To write it again:

    python -c "from graphrisk.intake.dictionary import render; print(render(), end='')" > docs/data-dictionary.md

A dataset is a folder of CSV or Parquet files with the names of the tables below, or DataFrames
under those names. At least one account is needed, in `accounts` or in `entities` of kind
`account`; every other table may be missing. Columns that are not listed are reported and not
stored, except numeric columns of `entities`, which are kept as attributes.

Only an empty cell is missing; `NA` and `null` are text. Ids are text: leading zeros stay. Amounts
are whole minor units, such as cents. Times are ISO 8601 with an offset, or dates (midnight UTC),
or counts since 1970 in s, ms, us or ns.

Phones, IPs, e-mail addresses, cards, documents and devices are stored in one form for each kind,
whatever table names them; the spelling that was supplied is kept in `spellings.parquet`.

Values of the personal-data classes {masked} are masked in every report of a fault.
"""  # noqa: E501

#: Dtypes whose own name is too long for a table.
_DTYPE_NAMES = {ColumnType.TIME: "Datetime (us, UTC)"}

_PERSONAL_TEXTS = {
    PersonalData.NONE: "tells nothing of a person",
    PersonalData.PSEUDONYM: "stands for a person or their account",
    PersonalData.IDENTIFIER: "names or reaches a person directly",
    PersonalData.FINANCIAL: "an amount of money or a belief about means",
    PersonalData.BEHAVIOUR: "when or how a person acted",
    PersonalData.ADVERSE: "speaks for or against a person",
}


def render() -> str:
    """Return the data dictionary as Markdown."""
    masked = ", ".join(f"`{kind.value}`" for kind in PersonalData if kind in MASKED)
    parts = [
        _INTRODUCTION.format(masked=masked),
        "## Tables\n",
        *(_table(table) for table in TABLES.values()),
        "## Personal-data classes\n",
        _grid(
            ("class", "meaning"), ((f"`{k.value}`", text) for k, text in _PERSONAL_TEXTS.items())
        ),
        "## Quarantine codes\n",
        "A row with a fault is set aside with its file, line, column, code, reason and masked "
        "value.\n",
        _codes("code", FAULT_TEXTS.items()),
        "## Accepted without a link\n",
        "A row that names a value which stands for nobody is accepted, makes no link, and is "
        "listed in `unlinked.jsonl`, masked.\n",
        _codes("code", NO_LINK_TEXTS.items()),
        "## Normalisations\n",
        "Changes made to accepted cells, counted by `table.column:code`.\n",
        _codes("code", NORMALISED_TEXTS.items()),
    ]
    return "\n".join(parts)


def _table(table: TableSpec) -> str:
    """Return the section of one table."""
    key = ", ".join(f"`{name}`" for name in table.key)
    identity = f"Key: {key}." if key else "No key: every distinct row is a record of its own."
    header = ("column", "type", "dtype", "unit", "required", "personal data", "meaning")
    rows = (_row(column) for column in table.columns)
    return f"### {table.name}\n\n{table.description} {identity}\n\n{_grid(header, rows)}"


def _row(column: ColumnSpec) -> tuple[str, ...]:
    """Return the cells of one column's row."""
    words = ", ".join(f"`{word}`" for word in column.vocabulary)
    meaning = f"{column.description} One of {words}." if words else column.description
    return (
        f"`{column.name}`",
        column.type.value,
        _DTYPE_NAMES.get(column.type, str(column.dtype)),
        column.unit,
        "yes" if column.required else "",
        column.personal.value,
        meaning,
    )


def _codes(name: str, texts: Iterable[tuple[StrEnum, str]]) -> str:
    """Return a table of codes and their texts."""
    return _grid((name, "meaning"), ((f"`{code.value}`", text) for code, text in texts))


def _grid(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    return "\n".join(_lines(header, rows)) + "\n"


def _lines(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
