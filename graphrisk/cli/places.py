"""Arguments that name a place: a path of this machine, or a URI that Spark reads."""

from __future__ import annotations

from pathlib import Path

from graphrisk.errors import UsageError
from graphrisk.spark.uri import Uri


def here(place: Path | Uri, what: str) -> Path:
    """Return a path of this machine; raise ``UsageError`` for what only Spark reads."""
    if isinstance(place, Path):
        return place
    raise UsageError(
        f"{what} {place}: a URI, without --engine spark",
        expected="a folder of this machine",
        hint="add --engine spark, which reads and writes what Spark does; or mount or copy it",
    )
