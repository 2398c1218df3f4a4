"""Turn a folder of a labelled graph into the long tables that graphrisk reads.

    python benchmarks/long_tables.py SOURCE OUT --split s0

SOURCE holds ``nodes.parquet`` (id, kind, label 1 bad / 0 good / null, and maybe label_ts),
``edges.parquet`` (src, dst, kind, ts, weight) and ``splits.parquet`` (id, label, and for each
split visible or hidden), and maybe ``features.parquet`` (id and numbers), whose columns become
attributes. The kind that carries labels becomes ``account``. Only the visible labels are written:
the hidden ones are for ``rank.py``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

#: Kinds under names of their own, and what graphrisk calls them.
KINDS = {"card": "bank_card"}


def long_tables(
    nodes: pl.DataFrame,
    edges: pl.DataFrame,
    splits: pl.DataFrame,
    features: pl.DataFrame | None = None,
    *,
    split: str,
) -> dict[str, pl.DataFrame]:
    """Return ``entities``, ``links`` and ``labels`` of a labelled graph."""
    labelled = nodes.filter(pl.col("label").is_not_null())["kind"].unique().to_list()
    kinds = KINDS | dict.fromkeys(labelled, "account")
    entities = nodes.select(
        entity_id=pl.col("id").cast(pl.String), kind=_snake("kind").replace(kinds)
    )
    if features is not None:
        named = {name: f"attribute_{name}" for name in features.columns if name != "id"}
        attributes = features.rename(named).with_columns(pl.col("id").cast(pl.String))
        entities = entities.join(
            attributes, left_on="entity_id", right_on="id", how="left", maintain_order="left"
        )
    weight = pl.col("weight").cast(pl.Float64)
    links = edges.select(
        source_id=pl.col("src").cast(pl.String),
        target_id=pl.col("dst").cast(pl.String),
        relation=_snake("kind"),
        observed_at=_utc("ts"),
        weight=pl.when(weight.is_between(0.0, 1.0)).then(weight),
        amount=weight,
    )
    for end in ("source", "target"):
        links = links.join(
            entities.select(**{f"{end}_id": "entity_id", f"{end}_kind": "kind"}),
            on=f"{end}_id",
            how="left",
            maintain_order="left",
        )
    known_at = _utc("label_ts") if "label_ts" in nodes.columns else pl.lit(None, _UTC)
    labels = (
        splits.filter((pl.col(split) == "visible") & pl.col("label").is_not_null())
        .join(nodes.drop("label"), on="id", how="left", maintain_order="left")
        .select(
            entity_kind=pl.lit("account"),
            entity_id=pl.col("id").cast(pl.String),
            label=pl.when(pl.col("label") == 1).then(pl.lit("bad")).otherwise(pl.lit("good")),
            known_at=known_at,
        )
    )
    return {"entities": entities, "links": links, "labels": labels}


_UTC = pl.Datetime("us", "UTC")


def _snake(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "_")


def _utc(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def read_source(folder: Path) -> list[pl.DataFrame]:
    """Read nodes, edges, splits, and features if there are any."""
    names = ["nodes", "edges", "splits"]
    names += ["features"] if (folder / "features.parquet").exists() else []
    return [pl.read_parquet(folder / f"{name}.parquet") for name in names]


def main() -> None:
    """Read a source folder and write the tables as Parquet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", default="s0")
    given = parser.parse_args()
    source = read_source(given.source)
    given.out.mkdir(parents=True, exist_ok=True)
    for name, table in long_tables(*source, split=given.split).items():
        table.write_parquet(given.out / f"{name}.parquet")
        print(f"{name}: {len(table):,} rows")


if __name__ == "__main__":
    main()
