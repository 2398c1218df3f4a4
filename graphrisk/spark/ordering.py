"""Sort the tables of all blocks among the workers: each block gets one range of the rows' keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphrisk.spark.place import Site, forget

if TYPE_CHECKING:
    from graphrisk.spark.session import Cluster

#: Where parts lie in order.
SORTED = "sorted"
#: Keys of a block that the ends of ranges are chosen from; ranges are only about as long.
N_SAMPLED = 64

Orders = Mapping[str, Sequence[str]]


def sort_all(cluster: Cluster, orders: Orders) -> dict[str, list[Path]]:
    """Sort tables that blocks wrote in parts.

    Parameters
    ----------
    cluster
        Where the parts are.
    orders
        For each table the columns that it is sorted by; nulls are first.

    Returns
    -------
    dict of str to list of Path
        The parts of each table, in order.
    """
    samples = cluster.run(sample, dict(orders))
    ends = {
        table: _ends(pl.concat([one[table] for one in samples]).sort(*by), cluster.n_blocks)
        for table, by in orders.items()
    }
    cluster.run(deal, ends)
    cluster.run(put_in_order, dict(orders))
    forget(cluster.root, post=SORTED)
    return {table: sorted((cluster.root / SORTED / table).glob("*.parquet")) for table in orders}


def _ends(keys: pl.DataFrame, n_blocks: int) -> pl.DataFrame:
    """Choose where the ranges of all blocks but the first begin."""
    place = np.arange(1, n_blocks) * keys.height // n_blocks
    return keys[place if keys.height else place[:0]]


def sample(site: Site, orders: Orders) -> dict[str, pl.DataFrame]:
    """Return some keys of this block's rows, evenly spread."""
    keys = {table: _rows(site, table).select(by).sort(*by) for table, by in orders.items()}
    return {
        table: some[np.unique(np.linspace(0, some.height - 1, N_SAMPLED).astype(np.int64))]
        if some.height else some
        for table, some in keys.items()
    }  # fmt: skip


def deal(site: Site, ends: Mapping[str, pl.DataFrame]) -> None:
    """Send this block's rows to the blocks in whose ranges they are."""
    outgoing: dict[int, dict[str, pl.DataFrame]] = {}
    for table, begins in ends.items():
        for to, rows in enumerate(_cut(_rows(site, table), begins)):
            if rows.height:
                outgoing.setdefault(to, {})[table] = rows
    site.send(SORTED, outgoing)


def put_in_order(site: Site, orders: Orders) -> None:
    """Write the rows of this block's range, sorted."""
    told = [tables for _, tables in site.receive(SORTED)]
    for table, by in orders.items():
        parts = [tables[table] for tables in told if table in tables]
        rows = pl.concat([_rows(site, table).clear(), *parts]).sort(*by)
        site.write_part(table, rows, folder=SORTED)


def _rows(site: Site, table: str) -> pl.DataFrame:
    """Read what this block wrote of a table."""
    return pl.read_parquet(site.part(table), glob=False)


def _cut(rows: pl.DataFrame, begins: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cut rows where ranges begin; a row with the key of a beginning is behind it."""
    keys = pl.concat(
        [
            begins.with_columns(row=pl.lit(-1, pl.Int64)),
            rows.select(begins.columns).with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64)),
        ]
    ).sort(*begins.columns, "row")
    order = keys["row"].to_numpy()
    at = np.flatnonzero(order < 0)
    for first, last in zip((0, *(at + 1)), (*at, len(order)), strict=True):
        yield rows[order[first:last]]
