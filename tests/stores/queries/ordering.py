"""The order of rows that Cypher gives: what is unknown comes last, and first where it goes down."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


class Down:
    """Turns an order around."""

    def __init__(self, value: object) -> None:
        self.value = rank(value)

    def __lt__(self, other: Down) -> bool:
        return other.value < self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Down) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]


def rank(value: object) -> Any:
    """Make a value comparable: lists item by item, unknown last."""
    if isinstance(value, list | tuple):
        return (0, [rank(one) for one in value])
    return (1,) if value is None else (0, value)


def ordered(rows: list[Row], *by: str) -> list[Row]:
    """Sort rows by columns; a name that begins with a dash goes down."""

    def key(row: Row) -> list[Any]:
        return [Down(row[name[1:]]) if name[0] == "-" else rank(row[name]) for name in by]

    return sorted(rows, key=key)


def least(*values: int | None) -> int | None:
    """Return the smallest of what is known."""
    known = [value for value in values if value is not None]
    return min(known) if known else None


def first_known(values: Row, *names: str) -> Any:
    """Return the first of some values that is known."""
    return next((values[name] for name in names if values.get(name) is not None), None)
