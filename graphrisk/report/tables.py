"""Tables of the analysis folder, in bytes that depend on their rows alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.build import known_by
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.columns import TABLES
from graphrisk.intake.dataset import Dataset
from graphrisk.model.times import NO_TIME

#: Left alone, row groups would follow the number of threads, and the bytes with them.
ROWS_PER_GROUP = 250_000
#: A cell that starts so is a formula to a spreadsheet.
_FORMULA = r"^[=+\-@\t\r]"
#: ISO 8601; the fraction of a second is left out where there is none.
_TIME = "%Y-%m-%dT%H:%M:%S%.fZ"


def write_parquet(table: pl.DataFrame, path: Path) -> None:
    """Write a table as Parquet: equal rows, equal bytes."""
    table.rechunk().write_parquet(
        path,
        compression="zstd",
        compression_level=3,
        statistics=True,
        row_group_size=ROWS_PER_GROUP,
    )


def write_csv(table: pl.DataFrame, path: Path) -> None:
    """Write a table as CSV: times in UTC with a ``Z``, no text that a spreadsheet would run."""
    text = pl.col(pl.String)
    safe = pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text)
    table.with_columns(safe.name.keep()).write_csv(path, datetime_format=_TIME)


def write_graph(folder: Path, dataset: Dataset, graph: LinkGraph) -> None:
    """Write the graph as long tables, which can be read and analysed again."""
    folder.mkdir()
    entities = entities_table(graph)
    write_parquet(entities, folder / "entities.parquet")
    write_parquet(links_table(graph), folder / "links.parquet")
    write_parquet(labels_table(dataset, graph, entities), folder / "labels.parquet")


def write_dataset(folder: Path, dataset: Dataset) -> None:
    """Write the accepted rows of every table, with what the links of the graph leave out."""
    folder.mkdir()
    for name, rows in dataset.tables.items():
        write_parquet(rows.sort(pl.all()), folder / f"{name}.parquet")


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
    links, ids = graph.links, graph.entity_id
    kinds = pl.Series(graph.kinds, dtype=pl.String)
    relations = pl.Series(graph.relations, dtype=pl.String)
    return pl.DataFrame(
        {
            "source_kind": kinds.gather(graph.kind_code[links.source]),
            "source_id": ids.gather(links.source),
            "target_kind": kinds.gather(graph.kind_code[links.target]),
            "target_id": ids.gather(links.target),
            "relation": relations.gather(links.relation),
            "first_seen_at": _times(links.first_seen_at),
            "last_seen_at": _times(links.last_seen_at),
            "weight": links.confidence,
            "source": pl.Series(graph.origins, dtype=pl.String).gather(links.origin),
        }
    )


def labels_table(dataset: Dataset, graph: LinkGraph, entities: pl.DataFrame) -> pl.DataFrame:
    """Return the labels known by the graph's ``as_of``, of entities that it holds."""
    spec = TABLES["labels"]
    labels = dataset.tables.get("labels", pl.DataFrame(schema=spec.schema))
    return (
        labels.filter(known_by(graph.as_of, "known_at", "event_at"))
        .join(
            entities,
            left_on=["entity_kind", "entity_id"],
            right_on=["kind", "entity_id"],
            how="semi",
        )
        .select(spec.names)
        .sort(pl.all())
    )


def _times(moments: NDArray[np.int64]) -> pl.Series:
    """Turn microseconds into times in UTC, null where unknown."""
    known = pl.Series(moments != NO_TIME)
    text = pl.Series(moments).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.select(pl.when(known).then(text)).to_series()


def _named(names: tuple[str, ...], codes: NDArray[np.int16]) -> pl.Series:
    """Replace codes by names; negative codes become null."""
    if not names:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(codes))
    text = pl.Series(names, dtype=pl.String).gather(np.maximum(codes, 0))
    return pl.select(pl.when(pl.Series(codes >= 0)).then(text)).to_series()
