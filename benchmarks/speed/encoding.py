"""Ids to numbers: the routes that libraries offer, and graphrisk's."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from clock import Clock


def by_categorical(
    folder: Path, clock: Clock, file: str = "links.parquet"
) -> tuple[Any, Any, pl.Series]:
    """Number both columns with polars categories, which compare ids."""
    read = pl.read_csv if file.endswith("csv") else pl.read_parquet
    with clock("read"):
        links = read(folder / file, columns=["source_id", "target_id"])
    with clock("encode"):
        both = pl.concat([links["source_id"], links["target_id"]])
        numbers = both.cast(pl.Categorical).to_physical().to_numpy().astype(np.int32)
        row = np.empty(int(numbers.max()) + 1, dtype=np.int64)
        row[numbers] = np.arange(len(numbers))
        names = both.gather(row)
    n = links.height
    return numbers[:n], numbers[n:], names


def by_factorize(folder: Path, clock: Clock) -> tuple[Any, Any, pl.Series]:
    """Number both columns with pandas: what most people write."""
    pd: Any = import_module("pandas")
    with clock("read"):
        links = pd.read_parquet(folder / "links.parquet", columns=["source_id", "target_id"])
    with clock("encode"):
        numbers, names = pd.factorize(pd.concat([links["source_id"], links["target_id"]]))
    n = len(links)
    return numbers[:n].astype(np.int32), numbers[n:].astype(np.int32), pl.Series(np.asarray(names))


def encode_polars(folder: Path, clock: Clock) -> None:
    """Only number, with polars categories."""
    by_categorical(folder, clock)


def encode_pandas(folder: Path, clock: Clock) -> None:
    """Only number, with pandas."""
    by_factorize(folder, clock)


def encode_polars_hash(folder: Path, clock: Clock) -> None:
    """Only number, by polars' 64-bit hash, which is believed, and pandas' table of numbers."""
    pandas = import_module("pandas")
    with clock("encode"):
        links = pl.scan_parquet(folder / "links.parquet")
        hashed = links.select(pl.col("source_id", "target_id").hash()).collect()
        pandas.factorize(pl.concat([hashed["source_id"], hashed["target_id"]]).to_numpy())


def encode_duckdb_hash(folder: Path, clock: Clock) -> None:
    """Only number, by duckdb's 64-bit hash, which is believed."""
    duckdb: Any = import_module("duckdb")
    links = f"read_parquet('{folder / 'links.parquet'}')"
    pandas = import_module("pandas")
    with clock("encode"):
        hashed = duckdb.sql(
            f"select hash(source_id) s, hash(target_id) t from {links}"
        ).fetchnumpy()
        pandas.factorize(np.concatenate([hashed["s"], hashed["t"]]))


def encode_duckdb(folder: Path, clock: Clock) -> None:
    """Only number, by a duckdb table of the ids, joined to both columns."""
    duckdb: Any = import_module("duckdb")
    links = f"read_parquet('{folder / 'links.parquet'}')"
    with clock("encode"):
        base = duckdb.connect()
        base.sql(
            "create temp table ids as select id, (row_number() over () - 1)::int n from "
            f"(select source_id id from {links} union select target_id from {links})"
        )
        base.sql(
            f"select a.n s, b.n t from {links} "
            "join ids a on source_id = a.id join ids b on target_id = b.id"
        ).fetchnumpy()


def encode_graphrisk(folder: Path, clock: Clock) -> None:
    """Only number, with graphrisk, which compares ids."""
    pairs: Any = import_module("graphrisk.graph.pairs")
    toy = pl.DataFrame({"source_id": ["A1", "A2"], "target_id": ["D1", "D1"]})
    pairs.read_pairs(toy, "source_id", "target_id")
    with clock("encode"):
        pairs.read_pairs(folder / "links.parquet", "source_id", "target_id")


def encode_nothing(folder: Path, clock: Clock) -> None:
    """Read both columns, hash every id, and keep nothing: a floor for all the others."""
    links = pl.scan_parquet(folder / "links.parquet")
    with clock("encode"):
        links.select(pl.col("source_id", "target_id").hash().max()).collect()
