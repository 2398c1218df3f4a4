"""Values of an answer as people and spreadsheets read them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

#: A text that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write rows as CSV; no cell is a formula to a spreadsheet, and what is unknown is empty."""
    cells = [[None if one is None else _safe(cell(one)) for one in row] for row in rows]
    names = [_safe(name) for name in columns]
    return pl.DataFrame(cells, dict.fromkeys(names, pl.String), orient="row").write_csv()


def cell(value: object) -> str:
    """Write a value as one text: lists by their items, maps as JSON, what is unknown as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(cell(one) for one in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def _safe(text: str) -> str:
    """Put an apostrophe before what would be a formula; a number is none."""
    if not text.startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 - one line for each kind of value
    """Turn what the driver gives into what JSON can hold.

    Nodes become maps with ``labels``, links maps with ``relationship``, paths lists of both;
    times of the driver become ISO 8601, and what no number is (NaN) becomes text.
    """
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if hasattr(value, "relationships"):
        rest = zip(value.relationships, value.nodes[1:], strict=True)
        return [plain(one) for one in (value.nodes[0], *(one for step in rest for one in step))]
    if hasattr(value, "labels"):
        return {"labels": sorted(value.labels), **plain(dict(value))}
    if hasattr(value, "start_node"):
        return {"relationship": value.type, **plain(dict(value))}
    if hasattr(value, "iso_format"):
        return value.iso_format()
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return value if value is None or is_number or isinstance(value, str) else str(value)
