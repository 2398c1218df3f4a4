"""Names of columns that are spelt otherwise than a mapping has them."""

from __future__ import annotations

import re

from graphrisk.intake.rules import TableRule

_BETWEEN_WORDS = re.compile(r"[\s_.\-]+")
#: No name of a column, but what an export without a header has in its first line.
_LIKE_A_VALUE = re.compile(r"@|[0-9][0-9 ()+-]{4,}")
_MOST_NAMED, _MOST_CHARS = 20, 60


def respelled(header: tuple[str, ...], rules: tuple[TableRule, ...]) -> dict[str, str]:
    """Find the columns that differ from a wanted name in capitals, spaces and hyphens only.

    Returns
    -------
    dict
        Wanted name to the name that the header has, where there is exactly one.
    """
    columns = [column for rule in rules for column in rule.columns.values()]
    taken = {name for column in columns for name in column.spellings} & set(header)
    taken |= {name for rule in rules for name in (*rule.where, *(rule.attributes or ()))}
    found: dict[str, str] = {}
    for column in columns:
        if not column.spellings or set(column.spellings) & set(header):
            continue
        wanted = {_plain(name) for name in column.spellings}
        alike = [name for name in header if name not in taken and _plain(name) in wanted]
        if len(alike) == 1:
            found[column.spellings[0]] = alike[0]
    return found


def named_columns(header: tuple[str, ...]) -> str:
    """Name the columns of a header in a message; what looks like a value of a person is masked."""
    names = ["****" if _LIKE_A_VALUE.search(name) else name[:_MOST_CHARS] for name in header]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _plain(name: str) -> str:
    return _BETWEEN_WORDS.sub("_", name.strip()).casefold()
