"""Bring a store's book to a dataset: read the keys that are there, write only what differs.

Batches are transactions, sorted by the ends of links, and first lock the book: two loads never
write at once, and one that was overtaken by another stops. A batch that was committed although
its answer was lost changes nothing when it is sent again. A load that was killed is finished by
the next one, which finds the same differences, fewer of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import neo4j
import polars as pl

from graphrisk.errors import Locked
from graphrisk.stores.bolt import Bolt, Overtaken, Step, columns_of
from graphrisk.stores.records import CONTENT_HASH, ENTITY_KEY, RECORD_ID, Part, Records
from graphrisk.stores.shapes import ATTRIBUTE, FACTS, RELATIONS
from graphrisk.stores.terms import BOOK, Progress, Written

#: Statements that read the keys of facts, by the word of the part.
_FACT_KEYS = {"labels": "read/label_keys", "assessments": "read/assessment_keys"}


def load(bolt: Bolt, records: Records, n_batch: int, progress: Progress) -> Written:
    """Write what is missing or changed, remove what is gone; see the module's text.

    Raises
    ------
    Locked
        If another load of another dataset began meanwhile.
    """
    book = bolt.row("read/book", book=BOOK)
    if book is not None and book[0] == records.dataset_hash and book[1]:
        changes = _changes(bolt, records)
        if not changes:
            return Written()
    names = {"book": BOOK, "dataset_hash": records.dataset_hash}
    written = bolt.write(Step("load/begin", names))
    changes = _changes(bolt, records)
    former = [one for one in (book[3] if book else None) or () if one not in records.attributes]
    try:
        for change in changes:
            written += _send(bolt, change, names, n_batch, former, progress)
        finish = {
            **names, "tables": list(records.tables), "attributes": list(records.attributes),
        }  # fmt: skip
        return written + bolt.write(_ours(names), Step("load/finish", finish))
    except Overtaken as overtaken:
        raise Locked(
            "another load began in this store",
            expected="one load at a time",
            hint="wait until it is done, and run the same again",
        ) from overtaken


def _ours(names: Mapping[str, object]) -> Step:
    return Step("load/still_ours", names, must_answer="load")


def _changes(bolt: Bolt, records: Records) -> list[tuple[str, pl.DataFrame, str]]:
    """Find what differs: statement, rows and what they are; in the order of writing.

    What is gone goes before what is new, links and facts before the entities they hang on, and
    entities are there before links.
    """
    there = bolt.read("read/entity_keys", lambda r: _frame(r, ENTITY_KEY, CONTENT_HASH))
    link_keys = bolt.read("read/link_keys", lambda r: _frame(r, "relationship", RECORD_ID))
    relations = {part.word: part for part in records.links}
    facts = {part.word: part for part in records.facts}
    kept: list[tuple[Part | None, str, pl.DataFrame]] = []
    for word in RELATIONS:
        of_type = link_keys.filter(pl.col("relationship") == word.upper())
        kept.append((relations.get(word), f"load/links/remove_{word}", of_type))
    for shape in FACTS:
        word = shape.relation
        stored = bolt.read(_FACT_KEYS[word], lambda r: _frame(r, RECORD_ID))
        kept.append((facts.get(word), f"load/facts/remove_{word}", stored))
    gone, new = [], []
    for part, remove, stored in kept:
        rows = part.rows if part else pl.DataFrame(schema={RECORD_ID: pl.String})
        extra = stored.select(RECORD_ID).join(rows, on=RECORD_ID, how="anti").sort(RECORD_ID)
        missing = rows.join(stored, on=RECORD_ID, how="anti", maintain_order="left")
        gone.append((remove, extra, "remove"))
        if part is not None:
            new.append((part.write, missing, part.word))
    gone_entities = there.select(ENTITY_KEY).join(records.content, on=ENTITY_KEY, how="anti")
    changed = records.content.join(there, on=[ENTITY_KEY, CONTENT_HASH], how="anti")
    ours = there.drop_nulls(CONTENT_HASH)  # making the others anew is an error that says so
    entities = [
        (name, part.rows.join(rows, on=ENTITY_KEY, how="semi", maintain_order="left"), part.word)
        for part in records.entities
        for name, rows in (
            (part.write, changed.join(ours, on=ENTITY_KEY, how="anti")),
            ("load/entities/update", changed.join(ours, on=ENTITY_KEY, how="semi")),
        )
    ]
    every = [*gone, ("load/entities/remove", gone_entities.sort(ENTITY_KEY), "remove"),
             *entities, *new]  # fmt: skip
    return [(name, rows, word) for name, rows, word in every if len(rows)]


def _send(
    bolt: Bolt,
    change: tuple[str, pl.DataFrame, str],
    names: Mapping[str, object],
    n_batch: int,
    former: list[str],
    progress: Progress,
) -> Written:
    """Send the rows of one statement, a batch to a transaction."""
    name, rows, word = change
    if former and name.startswith("load/entities/") and "properties" in rows.columns:
        nulls = [pl.lit(None, pl.Float64).alias(f"{ATTRIBUTE}{one}") for one in former]
        rows = rows.with_columns(pl.col("properties").struct.with_fields(*nulls))
    written = Written()
    for n_done, batch in batches(rows, n_batch):
        progress(word, n_done, len(rows))
        written += bolt.write(_ours(names), Step(name, {"rows": batch}))
    progress(word, len(rows), len(rows))
    return written


def batches(rows: pl.DataFrame, n_batch: int) -> Iterator[tuple[int, list[dict[str, object]]]]:
    """Yield how many rows went before, and the next so many."""
    for first in range(0, len(rows), n_batch):
        yield first, rows.slice(first, n_batch).to_dicts()


def _frame(result: neo4j.Result, *names: str) -> pl.DataFrame:
    """Gather text columns of an answer."""
    schema = dict.fromkeys(names, pl.String)
    parts = [
        pl.DataFrame(dict(zip(names, part, strict=True)), schema) for part in columns_of(result)
    ]
    return pl.concat([pl.DataFrame(schema=schema), *parts])
