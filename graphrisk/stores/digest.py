"""Stable digests of rows: the same on every machine, with every version of every library."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import polars as pl

#: 128 bits: two of a billion records are alike by chance once in 10^20 books.
_DIGEST_BYTES = 16


def digests(table: str, rows: pl.DataFrame) -> pl.Series:
    """Return a digest of each row's content, under the name of its table.

    Parameters
    ----------
    table
        A word that keeps equal rows of different tables apart.
    rows
        Columns of text, lists of text, whole numbers, floats or times. A cell that is null
        counts as if its column were not there; the order of columns does not matter.

    Returns
    -------
    polars.Series
        Hexadecimal text, shape (n_rows,).
    """
    cells = [_cells(rows[name]) for name in sorted(rows.columns)]
    texts = rows.select(pl.concat_str([pl.lit(f"{table}\n"), *cells])).to_series()
    return pl.Series([digest(text) for text in texts.to_list()], dtype=pl.String)


def digest(text: str) -> str:
    """Return the digest of a text."""
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def digest_of_all(texts: Iterable[pl.Series]) -> str:
    """Return one digest of many columns of text; the order of rows does not matter."""
    return digest_of_sorted((len(column), (column.sort(),)) for column in texts)


def digest_of_sorted(columns: Iterable[tuple[int, Iterable[pl.Series]]]) -> str:
    """Return the same of columns that are sorted, each told by its length and its parts."""
    whole = blake2b(digest_size=_DIGEST_BYTES)
    for n_rows, parts in columns:
        whole.update(f"{n_rows}\n".encode())
        before = ""
        for part in parts:
            if len(part):
                whole.update((before + "\n".join(part.to_list())).encode())
                before = "\n"
    return whole.hexdigest()


def _cells(column: pl.Series) -> pl.Series:
    """Write cells as name, length and content, so that no content looks like another cell."""
    text = _text(column)
    name = column.name.replace("%", "%25").replace("\n", "%0A")
    written = pl.format(f"{name.replace('{', '{{').replace('}', '}}')}:{{}}:{{}}\n",
                        text.str.len_bytes(), text)  # fmt: skip
    return pl.select(pl.when(text.is_not_null()).then(written).otherwise(pl.lit(""))).to_series()


def _text(column: pl.Series) -> pl.Series:
    """Write values as text that tells any two apart; floats by their bits."""
    if column.dtype == pl.Float64:
        bits = pl.Series(column.fill_null(0.0).to_numpy().view(np.int64))
        return pl.select(pl.when(column.is_not_null()).then(bits.cast(pl.String))).to_series()
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.epoch("us").cast(pl.String)
    if column.dtype == pl.List(pl.String):
        return column.list.join(",")
    return column.cast(pl.String)
