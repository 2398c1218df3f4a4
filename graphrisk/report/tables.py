"""Tables of the analysis folder, in bytes that depend on their rows alone."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.io.plugins import register_io_source

from graphrisk.graph.build import known_by
from graphrisk.graph.encode import ABSENT
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.columns import TABLES
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.sheet import Sheet
from graphrisk.model.times import NO_TIME

#: Left alone, row groups would follow the number of threads, and the bytes with them.
ROWS_PER_GROUP = 250_000
#: Levels of Zstandard. Most of a table are ids, which are random: a higher level takes longer
#: and saves little.
KEPT, QUICK = 3, 1
_PARQUET: Any = {"compression": "zstd", "statistics": True, "row_group_size": ROWS_PER_GROUP}
RowsBetween = Callable[[int, int], pl.DataFrame]
#: A cell that starts so is a formula to a spreadsheet.
_FORMULA = r"^[=+\-@\t\r]"
#: ISO 8601; the fraction of a second is left out where there is none.
_TIME = "%Y-%m-%dT%H:%M:%S%.fZ"


def write_parquet(table: pl.DataFrame, path: Path, *, level: int = KEPT) -> None:
    """Write a table as Parquet: equal rows, equal bytes."""
    with _disk(path):
        table.rechunk().write_parquet(path, compression_level=level, **_PARQUET)


def write_in_parts(rows: RowsBetween, n_rows: int, path: Path, *, level: int = QUICK) -> None:
    """Write a table that is made some rows at a time, in the bytes of :func:`write_parquet`.

    Parameters
    ----------
    rows
        Makes the rows from one place to another.
    n_rows
        How many rows there are.
    path
        The file.
    level
        Of Zstandard.
    """

    def parts(*_: object) -> Iterator[pl.DataFrame]:
        for first in range(0, n_rows, ROWS_PER_GROUP):
            yield rows(first, min(first + ROWS_PER_GROUP, n_rows))

    none = rows(0, 0)
    if not n_rows:
        write_parquet(none, path, level=level)
        return
    with _disk(path):
        register_io_source(parts, schema=none.schema, is_pure=True).sink_parquet(
            path, compression_level=level, maintain_order=True, **_PARQUET
        )


def write_sheet(sheet: Sheet, path: Path, *, level: int = KEPT) -> None:
    """Write a sheet as Parquet, some rows at a time, in the bytes of its table."""
    write_in_parts(sheet.between, sheet.height, path, level=level)


def write_csv(table: pl.DataFrame, path: Path) -> None:
    """Write a table as CSV: times in UTC with a ``Z``, no text that a spreadsheet would run."""
    with _disk(path):
        table.lazy().with_columns(_unlike_formulas()).sink_csv(path, datetime_format=_TIME)


def _unlike_formulas() -> pl.Expr:
    text = pl.col(pl.String)
    safe = pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text)
    return safe.name.keep()


def join_parts(parts: Sequence[Path], schema: pl.Schema, path: Path, *, level: int = KEPT) -> None:
    """Write parts of a table, in their order, as one file; ``.csv`` as CSV, all else as Parquet.

    ``schema`` names the columns of the file and their types. Rows pass through in batches.
    """
    rows = pl.scan_parquet(list(parts), glob=False).select(
        pl.col(name).cast(kind) for name, kind in schema.items()
    )
    with _disk(path):
        if path.suffix == ".csv":
            rows.with_columns(_unlike_formulas()).sink_csv(path, datetime_format=_TIME)
        else:
            rows.sink_parquet(path, compression_level=level, maintain_order=True, **_PARQUET)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    """Raise ``OSError`` for a full disk: polars hides some under an error of its own."""
    try:
        yield
    except pl.exceptions.ComputeError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error


def write_graph(folder: Path, dataset: Dataset, graph: LinkGraph) -> None:
    """Write the graph as long tables, which can be read and analysed again."""
    folder.mkdir()
    ids = graph.entity_id.rechunk()

    def links(first: int, last: int) -> pl.DataFrame:
        return _links(graph, ids, slice(first, last))

    write_in_parts(links, graph.n_links, folder / "links.parquet")
    write_parquet(entities_table(graph), folder / "entities.parquet", level=QUICK)
    write_parquet(labels_table(dataset, graph), folder / "labels.parquet", level=QUICK)


def write_accepted(table: pl.DataFrame, path: Path) -> None:
    """Write the accepted rows of a table, with what the links of the graph leave out.

    They stand in the order of their hashes, which depends on what they hold alone, and is found
    sooner than that of the texts themselves.
    """
    write_in_parts(in_order(table.rechunk()), table.height, path)


def in_order(table: pl.DataFrame) -> RowsBetween:
    """Give the rows of a table in an order that no order of the input changes."""
    hashes = table.hash_rows().alias("")
    order = hashes.arg_sort()
    ranked = hashes.gather(order).to_numpy()
    if (ranked[1:] == ranked[:-1]).any():
        hashed = table.with_columns(hashes)
        order = hashed.select(pl.arg_sort_by([hashes.name, *table.columns])).to_series()

    def rows(first: int, last: int) -> pl.DataFrame:
        return table[order[first:last]]

    return rows


def entities_table(graph: LinkGraph) -> pl.DataFrame:
    """Return every entity: ``entity_id, kind, usage``."""
    return pl.DataFrame(
        {
            "entity_id": graph.entity_id,
            "kind": pl.Series(graph.kinds, dtype=pl.String).gather(graph.kind_code),
            "usage": _named(graph.usages, graph.usage_code),
        }
    )


def links_table(graph: LinkGraph) -> pl.DataFrame:
    """Return every link, in the columns of the data standard's ``links``."""
    return _links(graph, graph.entity_id, slice(None))


def _links(graph: LinkGraph, ids: pl.Series, some: slice) -> pl.DataFrame:
    links = graph.links
    source, target = links.source[some], links.target[some]
    confidence, origin = (
        np.ascontiguousarray(column[some]) for column in (links.confidence, links.origin)
    )
    kinds = pl.Series(graph.kinds, dtype=pl.String)
    relations = pl.Series(graph.relations, dtype=pl.String)
    return pl.DataFrame(
        {
            "source_kind": kinds.gather(graph.kind_code[source]),
            "source_id": ids.gather(source),
            "target_kind": kinds.gather(graph.kind_code[target]),
            "target_id": ids.gather(target),
            "relation": relations.gather(links.relation[some]),
            "first_seen_at": _times(links.first_seen_at[some]),
            "last_seen_at": _times(links.last_seen_at[some]),
            "weight": confidence,
            "source": pl.Series(graph.origins, dtype=pl.String).gather(origin),
        }
    )


def labels_table(dataset: Dataset, graph: LinkGraph) -> pl.DataFrame:
    """Return the labels known by the graph's ``as_of``, of entities that it holds."""
    spec = TABLES["labels"]
    labels = dataset.tables.get("labels", pl.DataFrame(schema=spec.schema))
    known = labels.filter(known_by(graph.as_of, "known_at", "event_at"))
    numbers = graph.index.encode_mixed(known["entity_kind"], known["entity_id"])
    return known.filter(numbers != ABSENT).select(spec.names).sort(pl.all())


def _times(moments: NDArray[np.int64]) -> pl.Series:
    """Turn microseconds into times in UTC, null where unknown."""
    known = pl.Series(moments != NO_TIME)
    text = pl.Series(moments).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.select(pl.when(known).then(text)).to_series()


def _named(names: tuple[str, ...], codes: NDArray[np.int16]) -> pl.Series:
    """Replace codes by names; negative codes become null."""
    texts = pl.Series([*names, None], dtype=pl.String)
    return texts.gather(np.where(codes < 0, len(names), codes))
