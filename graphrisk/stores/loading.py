"""Bring a store's book to a dataset: read the keys that are there, write only what differs.

Batches are transactions, sorted by the ends of links, and first lock the book: two loads never
write at once, and one that was overtaken by another stops. A batch that was committed although
its answer was lost changes nothing when it is sent again. A load that was killed is finished by
the next one, which finds the same differences, fewer of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import neo4j
import polars as pl

from graphrisk.errors import Locked
from graphrisk.stores.bolt import Bolt, Overtaken, Step, columns_of
from graphrisk.stores.records import CONTENT_HASH, ENTITY_KEY, RECORD_ID, Part, Records
from graphrisk.stores.shapes import ATTRIBUTE, FACTS, RELATIONS
from graphrisk.stores.terms import BOOK, Progress, Written

#: Statements that read the keys of what is there, and the columns of their answers.
KEYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "entities": ("read/entity_keys", (ENTITY_KEY, CONTENT_HASH)),
    "links": ("read/link_keys", ("relationship", RECORD_ID)),
    "labels": ("read/label_keys", (RECORD_ID,)),
    "assessments": ("read/assessment_keys", (RECORD_ID,)),
}

Keys = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Change:
    """Rows that a statement writes or removes, in one of the ``PHASES`` of a load."""

    phase: int
    statement: str
    rows: pl.DataFrame
    word: str


#: What is gone goes before what is new, links and facts before the entities they hang on, and
#: entities are there before links.
PHASES = UNTIE, REMOVE, MAKE, TIE = range(4)


@dataclass(frozen=True, slots=True)
class Load:
    """A load that was begun: who may write, and attributes that no entity has any more."""

    names: Mapping[str, str]
    former: tuple[str, ...]


def load(bolt: Bolt, records: Records, n_batch: int, progress: Progress) -> Written:
    """Write what is missing or changed, remove what is gone; see the module's text.

    Raises
    ------
    Locked
        If another load of another dataset began meanwhile.
    """
    if is_loaded(bolt, records.dataset_hash) and not changes_of(records, keys_in(bolt)):
        return Written()
    begun, written = begin(bolt, records.dataset_hash, records.attributes)
    for change in changes_of(records, keys_in(bolt)):
        written += send(bolt, begun, change, n_batch, progress)
    written += finish(bolt, begun, records.tables, records.attributes)
    bolt.replan(written)
    return written


def is_loaded(bolt: Bolt, dataset_hash: str) -> bool:
    """Say whether the last load that came to its end was one of this dataset."""
    book = bolt.row("read/book", book=BOOK)
    return book is not None and book[0] == dataset_hash and bool(book[1])


def begin(bolt: Bolt, dataset_hash: str, attributes: Sequence[str]) -> tuple[Load, Written]:
    """Begin a load: whoever loaded before stops."""
    book = bolt.row("read/book", book=BOOK)
    had = (book[3] if book else None) or ()
    names = {"book": BOOK, "dataset_hash": dataset_hash}
    written = bolt.write(Step("load/begin", names))
    return Load(names, tuple(one for one in had if one not in attributes)), written


def finish(bolt: Bolt, begun: Load, tables: Sequence[str], attributes: Sequence[str]) -> Written:
    """Say that the book is whole.

    Raises
    ------
    Locked
        If another load began meanwhile.
    """
    said = {**begun.names, "tables": list(tables), "attributes": list(attributes)}
    with _alone():
        return bolt.write(_ours(begun), Step("load/finish", said))


def _ours(begun: Load) -> Step:
    return Step("load/still_ours", begun.names, must_answer="load")


@contextmanager
def _alone() -> Iterator[None]:
    try:
        yield
    except Overtaken as overtaken:
        raise Locked(
            "another load began in this store",
            expected="one load at a time",
            hint="wait until it is done, and run the same again",
        ) from overtaken


def keys_in(bolt: Bolt) -> Keys:
    """Read the keys of all that is there, whole."""
    found: dict[str, pl.DataFrame] = {}

    def take(what: str, parts: Iterator[pl.DataFrame]) -> None:
        found[what] = pl.concat(parts)

    read_keys(bolt, take)
    return found


def read_keys(bolt: Bolt, take: Callable[[str, Iterator[pl.DataFrame]], None]) -> None:
    """Give the keys of what is there to ``take``, a few rows at a time, at least an empty table.

    It is called with entities, links, and each kind of facts; again from the start if an answer
    breaks off.
    """
    for what, (name, columns) in KEYS.items():

        def work(result: neo4j.Result, what: str = what, columns: Sequence[str] = columns) -> None:
            take(what, _frames(result, columns))

        bolt.read(name, work)


def changes_of(records: Records, keys: Keys) -> list[Change]:
    """Find what differs between a dataset, or a share of it, and the keys of what is there.

    Of a share, ``keys`` holds those that would be in it.
    """
    kept: list[tuple[Part | None, str, pl.DataFrame]] = []
    relations = {part.word: part for part in records.links}
    facts = {part.word: part for part in records.facts}
    for word in RELATIONS:
        of_type = keys["links"].filter(pl.col("relationship") == word.upper())
        kept.append((relations.get(word), f"load/links/remove_{word}", of_type))
    for shape in FACTS:
        word = shape.relation
        kept.append((facts.get(word), f"load/facts/remove_{word}", keys[word]))
    gone, new = [], []
    for part, remove, stored in kept:
        rows = part.rows if part else pl.DataFrame(schema={RECORD_ID: pl.String})
        extra = stored.select(RECORD_ID).join(rows, on=RECORD_ID, how="anti").sort(RECORD_ID)
        missing = rows.join(stored, on=RECORD_ID, how="anti", maintain_order="left")
        gone.append(Change(UNTIE, remove, extra, "remove"))
        if part is not None:
            new.append(Change(TIE, part.write, missing, part.word))
    every = [*gone, *_entity_changes(records, keys["entities"]), *new]
    return [change for change in every if len(change.rows)]


def _entity_changes(records: Records, there: pl.DataFrame) -> Iterator[Change]:
    """Find the entities that are gone, those that are new, and those that changed."""
    gone = there.select(ENTITY_KEY).join(records.content, on=ENTITY_KEY, how="anti")
    yield Change(REMOVE, "load/entities/remove", gone.sort(ENTITY_KEY), "remove")
    changed = records.content.join(there, on=[ENTITY_KEY, CONTENT_HASH], how="anti")
    ours = there.drop_nulls(CONTENT_HASH)  # making the others anew is an error that says so
    for part in records.entities:
        for name, rows in (
            (part.write, changed.join(ours, on=ENTITY_KEY, how="anti")),
            ("load/entities/update", changed.join(ours, on=ENTITY_KEY, how="semi")),
        ):
            kept = part.rows.join(rows, on=ENTITY_KEY, how="semi", maintain_order="left")
            yield Change(MAKE, name, kept, part.word)


def send(bolt: Bolt, begun: Load, change: Change, n_batch: int, progress: Progress) -> Written:
    """Send the rows of one statement, a batch to a transaction.

    Raises
    ------
    Locked
        If another load began meanwhile.
    """
    rows = change.rows
    if begun.former and change.phase == MAKE and "properties" in rows.columns:
        nulls = [pl.lit(None, pl.Float64).alias(f"{ATTRIBUTE}{one}") for one in begun.former]
        rows = rows.with_columns(pl.col("properties").struct.with_fields(*nulls))
    written = Written()
    with _alone():
        for n_done, batch in batches(rows, n_batch):
            progress(change.word, n_done, len(rows))
            written += bolt.write(_ours(begun), Step(change.statement, {"rows": batch}))
    progress(change.word, len(rows), len(rows))
    return written


def batches(rows: pl.DataFrame, n_batch: int) -> Iterator[tuple[int, list[dict[str, object]]]]:
    """Yield how many rows went before, and the next so many."""
    for first in range(0, len(rows), n_batch):
        yield first, rows.slice(first, n_batch).to_dicts()


def _frames(result: neo4j.Result, names: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield text columns of an answer, a few rows at a time after an empty table."""
    schema = dict.fromkeys(names, pl.String)
    yield pl.DataFrame(schema=schema)
    for part in columns_of(result):
        yield pl.DataFrame(dict(zip(names, part, strict=True)), schema)
