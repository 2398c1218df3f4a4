"""Build frozen dataclasses from nested tables, collecting every fault on the way."""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

Built = TypeVar("Built")


def probability(*, open_ends: bool = False) -> dict[str, Any]:
    """Bounds of a probability; ``open_ends`` keeps 0 and 1 out."""
    return {"minimum": 0.0, "maximum": 1.0, "open": open_ends}


def at_least_zero() -> dict[str, Any]:
    """Bounds of a number that may be zero but not negative."""
    return {"minimum": 0.0, "maximum": math.inf, "open": False}


def positive(*, maximum: float = math.inf) -> dict[str, Any]:
    """Bounds of a number above zero."""
    return {"minimum": 0.0, "maximum": maximum, "open": False, "nonzero": True}


def build(cls: type[Built], table: object, where: str, faults: list[str]) -> Built | None:
    """Build ``cls`` from ``table``; append to ``faults`` what does not fit.

    Parameters
    ----------
    cls
        A dataclass whose field types are scalars, tuples, mappings and further dataclasses.
    table
        A mapping as a TOML reader gives it.
    where
        Dotted path of the table, for the messages.
    faults
        Collects one line for each fault.

    Returns
    -------
    Built or None
        None if a required part is missing or wrong.
    """
    if not isinstance(table, Mapping):
        faults.append(f"{where or 'the file'} is {_kind_of(table)}, expected a table")
        return None
    hints = typing.get_type_hints(cls)
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    faults += [_unknown(_dot(where, key), key, fields) for key in table if key not in fields]
    values: dict[str, Any] = {}
    n_faults = len(faults)
    for name, spec in fields.items():
        path = _dot(where, name)
        if name in table:
            values[name] = _value(hints[name], table[name], path, spec.metadata, faults)
        elif spec.default is spec.default_factory is dataclasses.MISSING:
            faults.append(f"{path} is missing")
    return cls(**values) if len(faults) == n_faults else None


def plain(value: object) -> Any:  # noqa: ANN401
    """Turn nested dataclasses, mappings and tuples into what JSON can hold."""
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [plain(inner) for inner in value]
    return value


def _value(
    hint: Any,  # noqa: ANN401
    raw: Any,  # noqa: ANN401
    path: str,
    bounds: Mapping[str, Any],
    faults: list[str],
) -> Any:  # noqa: ANN401
    origin = typing.get_origin(hint)
    if dataclasses.is_dataclass(hint):
        return build(typing.cast("type[Any]", hint), raw, path, faults)
    if origin is tuple:
        if not isinstance(raw, list | tuple):
            faults.append(f"{path} is {_kind_of(raw)}, expected a list")
            return ()
        inner = typing.get_args(hint)[0]
        return tuple(_value(inner, v, f"{path}[{i}]", {}, faults) for i, v in enumerate(raw))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(raw, Mapping):
            faults.append(f"{path} is {_kind_of(raw)}, expected a table")
            return {}
        inner = typing.get_args(hint)[1]
        return types.MappingProxyType(
            {k: _value(inner, v, _dot(path, k), bounds, faults) for k, v in raw.items()}
        )
    return _scalar(hint, raw, path, bounds, faults)


def _scalar(
    hint: type, raw: object, path: str, bounds: Mapping[str, Any], faults: list[str]
) -> object:
    if hint is float and isinstance(raw, int) and not isinstance(raw, bool):
        raw = float(raw)
    if type(raw) is not hint:
        faults.append(f"{path} = {raw!r} is {_kind_of(raw)}, expected {_NAMES[hint]}")
        return raw
    if "choices" in bounds and raw not in bounds["choices"]:
        allowed = ", ".join(bounds["choices"])
        faults.append(f"{path} = {raw!r} is not one of: {allowed}")
    if "minimum" in bounds and isinstance(raw, int | float):
        fault = _out_of_bounds(raw, bounds)
        if fault:
            faults.append(f"{path} = {raw!r} is out of range, expected {fault}")
    return raw


def _out_of_bounds(number: float, bounds: Mapping[str, Any]) -> str:
    """What was expected of ``number``, or an empty string if it fits."""
    low, high = bounds["minimum"], bounds["maximum"]
    if bounds.get("nonzero"):
        fits, text = low < number <= high, "a number above 0"
    elif bounds["open"]:
        fits, text = low < number < high, f"a number between {low:g} and {high:g}, ends left out"
    else:
        fits, text = low <= number <= high, f"a number from {low:g} to {high:g}"
    return "" if fits and math.isfinite(number) else text


def _unknown(path: str, key: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
    return f"{path} is not known; {hint}"


def _dot(where: str, key: str) -> str:
    return f"{where}.{key}" if where else str(key)


_NAMES: dict[Any, str] = {
    float: "a number",
    int: "a whole number",
    str: "text",
    bool: "true or false",
}


def _kind_of(raw: object) -> str:
    if isinstance(raw, Mapping):
        return "a table"
    if isinstance(raw, list | tuple):
        return "a list"
    return _NAMES.get(type(raw), type(raw).__name__)
