"""Read a store back: its book in the tables it was loaded from, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import neo4j
import polars as pl

from graphrisk.errors import IntegrityFailure, UsageError
from graphrisk.intake.columns import REGISTERS, TABLES
from graphrisk.stores.bolt import Bolt, columns_of
from graphrisk.stores.header import Statement
from graphrisk.stores.library import statement
from graphrisk.stores.shapes import ATTRIBUTE
from graphrisk.stores.terms import BOOK, Answer

if TYPE_CHECKING:
    from graphrisk.stores.foreign import GraphSource

#: Polars type of each type of a statement's header. Times come as microseconds.
_DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "time": pl.Int64(),
    "list of text": pl.List(pl.String),
    "list of number": pl.List(pl.Float64),
}


class BoltView:
    """Reads from one database."""

    def __init__(self, bolt: Bolt) -> None:
        self._bolt = bolt

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the book in the data standard's tables, as it was loaded.

        Rows come in the order in which the server has them; no analysis depends on it.

        Raises
        ------
        UsageError
            If the database holds no book.
        IntegrityFailure
            If a load of the book has not come to its end, or was overtaken by another while
            it was read.
        """
        before = self._whole_book()
        supplied, attributes = before[2], before[3] or ()
        entities = self._frame("read/entities") if set(supplied) & set(REGISTERS) else None
        tables: dict[str, pl.DataFrame] = {}
        for name in (one for one in TABLES if one in supplied):
            if name in REGISTERS and entities is not None:
                tables[name] = self._list(name, entities, attributes)
            else:
                tables[name] = self._frame(f"read/{name}")
        if self._whole_book() != before:
            raise IntegrityFailure(
                "the book was loaded anew while it was read",
                expected="one book from the first row to the last",
                hint="run the same again",
            )
        return tables

    def foreign(self, sources: Sequence[GraphSource]) -> dict[str, pl.DataFrame]:
        """Return a graph of the user's own as tables, one for each source, by its name."""
        from graphrisk.stores.foreign import read

        return {source.name: read(self._bolt, source) for source in sources}

    def ask(
        self,
        text: str,
        parameters: Mapping[str, Any],
        *,
        n_most: int | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """Run a statement in a read transaction, with a limit of rows and of time."""
        return self._bolt.ask(text, parameters, n_most, timeout_s)

    def current_run(self) -> str | None:
        """Return the id of the run that the pointer shows to, None if there is none."""
        found = self._bolt.row("runs/current", book=BOOK)
        return None if found is None else str(found[0])

    def state(self) -> str:
        """Say in words whether there is a book, whole or half loaded, and a run."""
        book = self._bolt.row("read/book", book=BOOK)
        if book is None:
            return "it holds no book"
        run = self.current_run()
        whole = "whole" if book[1] else "half loaded"
        return f"its book is {whole}; " + (f"run {run} is the current one" if run else "no run")

    def _whole_book(self) -> tuple[Any, ...]:
        book = self._bolt.row("read/book", book=BOOK)
        if book is None:
            raise UsageError(
                "the store holds no book",
                expected="a book that graphrisk analyze DATASET --store URL has loaded",
                hint="load one; or say with --mapping which nodes and relationships of yours are "
                "which tables",
            )
        if not book[1]:
            raise IntegrityFailure(
                "the book in the store is half loaded",
                expected="a load that came to its end",
                hint="run graphrisk analyze DATASET --store URL again; it goes on where it stopped",
            )
        return book

    def _list(self, table: str, entities: pl.DataFrame, attributes: Sequence[str]) -> pl.DataFrame:
        """Return a table that lists entities: those which say that it listed them."""
        id_column, kind = REGISTERS[table]
        rows = entities.filter(pl.col("listed_in").list.contains(table)).rename(
            {"entity_id": id_column}
        )
        if kind:
            rows = rows.filter(pl.col("kind") == str(kind))
        rows = rows.select(TABLES[table].names)
        if table != "entities" or not attributes:
            return rows
        properties = [f"{ATTRIBUTE}{one}" for one in attributes]
        numbers = self._frame("read/attributes", properties=properties)
        columns = [pl.col("numbers").list.get(n, null_on_oob=True).alias(one)
                   for n, one in enumerate(attributes)]  # fmt: skip
        return rows.join(
            numbers.select("kind", "entity_id", *columns), on=["kind", "entity_id"], how="left"
        )

    def _frame(self, name: str, **parameters: object) -> pl.DataFrame:
        known = statement(name)
        return self._bolt.read(name, lambda result: frame_of(known, result), **parameters)


def frame_of(known: Statement, result: neo4j.Result) -> pl.DataFrame:
    """Gather an answer into columns of the types that its statement tells.

    Raises
    ------
    IntegrityFailure
        If a property holds something else: somebody changed it.
    """
    dtypes = {one.name: _DTYPES[one.type] for one in known.columns}
    try:
        parts = [
            pl.DataFrame([pl.Series(name, values, dtypes[name])
                          for name, values in zip(dtypes, part, strict=True)])
            for part in columns_of(result)
        ]  # fmt: skip
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise IntegrityFailure(
            f"{known.name}: a property holds a value of another type ({type(error).__name__})",
            expected=", ".join(f"{one.name}: {one.type}" for one in known.columns),
            hint="load the book again",
        ) from error
    whole = pl.concat([pl.DataFrame(schema=dtypes), *parts])
    times = [one.name for one in known.columns if one.type == "time"]
    return (
        whole.with_columns(pl.col(times).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
        if times
        else whole
    )
