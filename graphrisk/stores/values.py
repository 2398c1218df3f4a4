"""Values that go into a statement and come out of it: from text, and to text."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphrisk.errors import UsageError
from graphrisk.model.times import from_microseconds, to_microseconds

#: Whole numbers in a store have 64 bits.
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a statement takes.

    Attributes
    ----------
    name, type, meaning
        As the header says.
    required
        Whether there is no answer without it.
    default
        What it is if not given; None stands for unknown. Times are microseconds since 1970.
    """

    name: str
    type: str
    required: bool
    default: object
    meaning: str


def default_of(type_: str, text: str) -> object:
    """Read a default of a header; raises ValueError."""
    return _READERS[type_](text)


def bind(parameters: tuple[Parameter, ...], given: Mapping[str, str]) -> dict[str, Any]:
    """Turn texts into the values that a statement takes.

    Parameters
    ----------
    parameters
        What the statement takes.
    given
        Texts by name, as typed by a user.

    Returns
    -------
    dict
        A value for every parameter; times as whole microseconds since 1970.

    Raises
    ------
    UsageError
        Names every parameter that is missing, unknown or can't be read. What was typed for it
        is not told: it may be personal.
    """
    known = {one.name for one in parameters}
    faults = [f"no parameter is called {name!r}" for name in given if name not in known]
    values: dict[str, Any] = {}
    for one in parameters:
        if one.name not in given:
            if one.required:
                faults.append(f"{one.name} is missing ({one.meaning})")
            values[one.name] = one.default
            continue
        try:
            values[one.name] = _READERS[one.type](given[one.name])
        except ValueError as error:
            faults.append(f"{one.name} {error}")
    if faults:
        takes = ", ".join(f"{one.name}: {one.type}" for one in parameters)
        raise UsageError("; ".join(faults), expected=takes or "no parameters")
    return values


def shown(type_: str, value: object) -> object:
    """Turn a value of an answer into what is printed: times as ISO 8601, all else as it is."""
    if type_ == "time" and isinstance(value, int):
        moment = from_microseconds(value)
        return None if moment is None else iso(moment)
    if type_ == "list of time" and isinstance(value, list):
        return [shown("time", one) for one in value]
    return value


def iso(moment: datetime) -> str:
    """Write a time as ISO 8601 in UTC, with as much of the second as there is."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def _text(text: str) -> str:
    return text


def _integer(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise ValueError("is not a whole number") from None
    if abs(value) > _LARGEST:
        raise ValueError("is too large for 64 bits")
    return value


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError("is not a number") from None
    if not math.isfinite(value):
        raise ValueError("is not a finite number")
    return value


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return text == "true"


def _time(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a time such as 2026-06-30T12:00:00Z") from None
    return to_microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _list_of(read: Callable[[str], object]) -> Callable[[str], object]:
    """Read a JSON list, or items between commas."""

    def items(text: str) -> list[object]:
        if not text.lstrip().startswith("["):
            return [read(part.strip()) for part in text.split(",")] if text.strip() else []
        try:
            parts = json.loads(text)
        except ValueError:
            raise ValueError("is not a list in JSON") from None
        return [read(part if isinstance(part, str) else json.dumps(part)) for part in parts]

    return items


def _rows(text: str) -> object:
    raise ValueError("holds rows, which have no text")


_SCALARS: dict[str, Callable[[str], object]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "time": _time,
}
_READERS: dict[str, Callable[[str], object]] = {
    **_SCALARS,
    **{f"list of {name}": _list_of(read) for name, read in _SCALARS.items()},
    "rows": _rows,
}
#: What a header may say of a parameter or a column. ``rows`` is what loaders take: maps, many.
TYPES = tuple(_READERS)
