"""Tables of the analysis folder, in bytes that depend on their rows alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.build import known_by
from graphrisk.graph.encode import ABSENT
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.columns import TABLES
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.sheet import Sheet, Words
from graphrisk.model.times import NO_TIME
from graphrisk.report.parquet import (
    LEVEL,
    ROWS_PER_GROUP,
    RowsBetween,
    write_in_parts,
    write_parquet,
)

_PARQUET: Any = {
    "compression": "zstd", "compression_level": LEVEL, "row_group_size": ROWS_PER_GROUP,
}  # fmt: skip
#: A cell that starts so is a formula to a spreadsheet.
_FORMULA = r"^[=+\-@\t\r]"
#: ISO 8601; the fraction of a second is left out where there is none.
_TIME = "%Y-%m-%dT%H:%M:%S%.fZ"


def write_sheet(sheet: Sheet, path: Path) -> None:
    """Write a sheet as Parquet, some rows at a time, in the bytes of its table."""
    write_in_parts(sheet.coded, sheet.height, path)


def write_csv(table: pl.DataFrame, path: Path) -> None:
    """Write a table as CSV: times in UTC with a ``Z``, no text that a spreadsheet would run."""
    with _disk(path):
        table.lazy().with_columns(_unlike_formulas()).sink_csv(path, datetime_format=_TIME)


def _unlike_formulas() -> pl.Expr:
    text = pl.col(pl.String)
    safe = pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text)
    return safe.name.keep()


def join_parts(parts: Sequence[Path], schema: pl.Schema, path: Path) -> None:
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
            rows.sink_parquet(path, maintain_order=True, **_PARQUET)


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
    write_sheet(_links(graph), folder / "links.parquet")
    write_sheet(_entities(graph), folder / "entities.parquet")
    write_parquet(labels_table(dataset, graph), folder / "labels.parquet")


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
    return _entities(graph).table()


def _entities(graph: LinkGraph) -> Sheet:
    ids = graph.entity_id.rechunk()
    return Sheet(
        graph.n_entities,
        {
            "entity_id": lambda rows: ids[rows],
            "kind": Words(graph.kinds, lambda rows: graph.kind_code[rows]),
            # The code of no usage is ``-1``: the last.
            "usage": Words([*graph.usages, None], lambda rows: graph.usage_code[rows]),
        },
    )


def links_table(graph: LinkGraph) -> pl.DataFrame:
    """Return every link, in the columns of the data standard's ``links``."""
    return _links(graph).table()


def _links(graph: LinkGraph) -> Sheet:
    links, ids, kind = graph.links, graph.entity_id.rechunk(), graph.kind_code
    return Sheet(
        graph.n_links,
        {
            "source_kind": Words(graph.kinds, lambda rows: kind[links.source[rows]]),
            "source_id": lambda rows: ids.gather(links.source[rows]),
            "target_kind": Words(graph.kinds, lambda rows: kind[links.target[rows]]),
            "target_id": lambda rows: ids.gather(links.target[rows]),
            "relation": Words(graph.relations, lambda rows: links.relation[rows]),
            "first_seen_at": lambda rows: _times(links.first_seen_at[rows]),
            "last_seen_at": lambda rows: _times(links.last_seen_at[rows]),
            "weight": lambda rows: pl.Series(np.ascontiguousarray(links.confidence[rows])),
            "source": Words(graph.origins, lambda rows: links.origin[rows]),
        },
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
