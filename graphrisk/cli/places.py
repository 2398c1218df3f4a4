"""Arguments that name a place: a path of this machine, or a URI that Spark reads."""

from __future__ import annotations

from pathlib import Path

import click

from graphrisk.errors import UsageError
from graphrisk.spark.uri import Uri, place_of


class Place(click.Path):
    """A path, or the URI of a place that Spark reaches."""

    def convert(
        self, value: str | Path | Uri, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | Uri:
        """Read what was written; a path would lose one of the slashes of a URI."""
        found = value if isinstance(value, Uri) else place_of(str(value))
        return found if isinstance(found, Uri) else Path(super().convert(str(found), param, ctx))


def here(place: Path | Uri, what: str) -> Path:
    """Return a path of this machine; raise ``UsageError`` for what only Spark reads."""
    if isinstance(place, Path):
        return place
    raise UsageError(
        f"{what} {place}: a URI, without --engine spark",
        expected="a folder of this machine",
        hint="add --engine spark, which reads and writes what Spark does; or mount or copy it",
    )
