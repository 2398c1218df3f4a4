"""Records and findings in the form of a store, dealt out to blocks: each record to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from graphrisk.spark.divided import Divided
from graphrisk.spark.place import Site
from graphrisk.spark.route import PHANTOM
from graphrisk.spark.taking import rows_here
from graphrisk.stores.findings import DIGESTED, Counts, Findings, findings
from graphrisk.stores.records import (
    CONTENT_HASH,
    ENTITY_KEY,
    RECORD_ID,
    Part,
    Records,
    Tables,
    by_kind,
    content_texts,
    entities_of,
    facts_of,
    links_of,
)

#: A table of digests, by what they are of; and what is sent: records, and keys in the store.
DIGESTS, RECORDS, KEYS = "digests", "records", "keys"
CONTENT = "content"


def words_of(tables: Tables) -> list[str]:
    """Name what the digests of links and facts are of, in the order of a dataset's hash."""
    return [_word(*one) for one in _tied(tables)]


def _tied(tables: Tables) -> Iterator[tuple[str, Part]]:
    """Yield links and facts."""
    for what, parts in (("links", links_of(tables)), ("facts", facts_of(tables))):
        for part in parts:
            yield what, part


def _word(what: str, part: Part) -> str:
    return f"{what} {part.word}"


def by_key(rows: pl.DataFrame, n_blocks: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """Deal out rows that have a key of a record or of an entity; blocks without rows are left out.

    It depends on the key alone, and is the same in every process.
    """
    key = rows[RECORD_ID if RECORD_ID in rows.columns else ENTITY_KEY]
    block = key.hash(seed=0).to_numpy() % np.uint64(n_blocks)
    for to in np.unique(block).tolist():
        yield to, rows.filter(pl.Series(block == to))


def lay_out(site: Site) -> tuple[Counts, Mapping[str, Any]]:
    """Bring this block's share to the form of a store, and deal its records out by key.

    Links and facts are those of its part of the valid tables, entities those that it owns.
    Returns how much was found, and what there is to say of the run.
    """
    run, block = site.shared("run"), site.recall("block")
    divided: Divided = site.shared("divided")

    def mine(kinds: pl.Series, ids: pl.Series) -> pl.Series:
        return divided.records_of(kinds, ids, site) & (ids != PHANTOM)

    every = entities_of(block.dataset.tables, mine)
    content = every.select(ENTITY_KEY, CONTENT_HASH)
    tied = list(_tied({name: rows_here(site, name, none) for name, none in run.schemas.items()}))
    found = _found(site)
    _write_digests(site, [
        (CONTENT, content_texts(content)),
        *((_word(*one), one[1].rows[RECORD_ID]) for one in tied),
        *zip(DIGESTED, found.digests, strict=True),
    ])  # fmt: skip
    outgoing: dict[int, list[tuple[str, Part | pl.DataFrame]]] = {}
    for to, rows in by_key(content, site.n_blocks):
        outgoing.setdefault(to, []).append((CONTENT, rows))
    for what, part in (*(("entities", part) for part in by_kind(every)), *tied):
        for to, rows in by_key(part.rows, site.n_blocks):
            outgoing.setdefault(to, []).append((what, replace(part, rows=rows)))
    site.send(RECORDS, outgoing)
    site.keep("findings", found)
    return found.counts, found.properties


def _found(site: Site) -> Findings:
    """Bring what was found of this block's accounts and entities to the form of a store."""
    decisions, evidence, entities = (
        pl.read_parquet(site.part(table), glob=False)
        for table in ("decisions", "evidence", "entities")
    )
    policy = site.shared("run").policy if site.block == 0 else None  # one share has the weights
    return findings(decisions, evidence.drop("row_in_block"), entities, policy)


def _write_digests(site: Site, columns: Iterable[tuple[str, pl.Series]]) -> None:
    """Write digests, where those of all blocks are sorted."""
    parts = [
        pl.DataFrame({"what": pl.Series([what]).new_from_index(0, len(text)), "text": text})
        for what, text in columns
    ]
    site.write_part(DIGESTS, pl.concat(parts))


def gather(site: Site) -> None:
    """Keep the records dealt to this block: its share of the dataset."""
    content = [pl.DataFrame(schema={ENTITY_KEY: pl.String, CONTENT_HASH: pl.String})]
    parts: dict[str, dict[str, list[Part]]] = {"entities": {}, "links": {}, "facts": {}}
    for _, told in site.receive(RECORDS):
        for what, one in told:
            if what == CONTENT:
                content.append(one)
            else:
                parts[what].setdefault(one.word, []).append(one)
    entities, links, facts = (
        tuple(_in_one(one) for one in by_word.values()) for by_word in parts.values()
    )
    site.keep("records", Records(entities, pl.concat(content), links, facts, (), (), ""))


def _in_one(parts: list[Part]) -> Part:
    """Put the rows of a statement together, in the order of their ends."""
    rows = pl.concat([part.rows for part in parts])
    by = [name for name in ("from_key", "to_key", RECORD_ID, ENTITY_KEY) if name in rows.columns]
    return replace(parts[0], rows=rows.sort(by))
