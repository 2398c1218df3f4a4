"""A dataset as what a store holds: entities by key, links and facts by a digest of their content.

Equal content has equal keys, so loading twice changes nothing, and what differs between a
dataset and a store is found by keys alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from graphrisk.intake.columns import REGISTERS, TABLES
from graphrisk.intake.spec import ColumnType
from graphrisk.model.kinds import IDENTIFIER_RELATION, EntityKind
from graphrisk.stores.digest import digest_of_all, digests
from graphrisk.stores.shapes import (
    ATTRIBUTE,
    FACTS,
    ID_PROPERTY,
    KNOWN_KINDS,
    LINKS,
    OWN_KIND,
    End,
    Shape,
    property_of,
)

Tables = Mapping[str, pl.DataFrame]
ENTITY_KEY, RECORD_ID, CONTENT_HASH = "entity_key", "record_id", "content_hash"
#: Properties that are sent even where no table has them now: an earlier load may have set them.
_ALWAYS = {"opened_at_us": pl.Int64(), "status": pl.String(), "usage": pl.String()}


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that one statement writes, in the order of their ends.

    Attributes
    ----------
    word
        What they are: the name of the statement, and in capitals of the relationship.
    write, remove
        The statements.
    rows
        The key, ``from_key`` and ``to_key`` where there are ends, and ``properties``.
    """

    word: str
    write: str
    remove: str
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Records:
    """All that a dataset puts into a store. ``content`` holds each entity's key and digest."""

    entities: tuple[Part, ...]
    content: pl.DataFrame
    links: tuple[Part, ...]
    facts: tuple[Part, ...]
    tables: tuple[str, ...]
    attributes: tuple[str, ...]
    dataset_hash: str


def records_of(tables: Tables) -> Records:
    """Bring valid tables to the form of a store.

    Parameters
    ----------
    tables
        As in :class:`graphrisk.intake.dataset.Dataset`.
    """
    links, facts, every = links_of(tables), facts_of(tables), entities_of(tables)
    content = every.select(ENTITY_KEY, CONTENT_HASH)
    dataset_hash = digest_of_all(
        [
            names_of(tables),
            content_texts(content),
            *(part.rows[RECORD_ID] for part in (*links, *facts)),
        ]
    )
    return Records(
        by_kind(every), content, links, facts, tuple(tables), attributes_of(tables), dataset_hash
    )


def links_of(tables: Tables) -> tuple[Part, ...]:
    """Lay out the links of tables, or of some of their rows: one part for each relationship."""
    return tuple(part for shape in LINKS for part in _links(shape, tables))


def facts_of(tables: Tables) -> tuple[Part, ...]:
    """Lay out the facts of tables, or of some of their rows: one part for each table of them."""
    return tuple(_fact(shape, tables) for shape in FACTS if shape.table in tables)


def names_of(tables: Tables) -> pl.Series:
    """Name the tables and the attributes: what of a dataset is in no row."""
    return pl.Series([*(f"table {one}" for one in tables), *attributes_of(tables)], dtype=pl.String)


def content_texts(content: pl.DataFrame) -> pl.Series:
    """Write the key and the digest of each entity as one text."""
    return content.select(pl.concat_str(pl.all(), separator=" ").alias("text")).to_series()


def key_of(kind: pl.Expr, entity_id: pl.Expr) -> pl.Expr:
    """Make the keys of entities: kind, colon, id."""
    return pl.concat_str(kind, pl.lit(":"), entity_id)


def _links(shape: Shape, tables: Tables) -> Iterator[Part]:
    """Yield the links of a table, by relationship."""
    rows = tables.get(shape.table)
    if rows is None:
        return
    if shape.relation:
        yield _part("links", shape.relation, shape, rows)
        return
    for kind, relation in IDENTIFIER_RELATION.items():
        yield _part("links", relation, shape, rows.filter(pl.col("kind") == kind.value))


def _fact(shape: Shape, tables: Tables) -> Part:
    return _part("facts", shape.relation, shape, tables[shape.table])


def _part(folder: str, word: str, shape: Shape, rows: pl.DataFrame) -> Part:
    """Lay the rows of one statement out, sorted by their ends."""
    ends = {"to_key": _end(shape.end)}
    if shape.start is not None:
        ends = {"from_key": _end(shape.start), **ends}
    properties = [_value(rows, column).alias(name) for column, name in shape.properties()]
    laid = rows.select(
        digests(shape.table, rows.select(shape.spec.names)).alias(RECORD_ID),
        **ends,
        properties=pl.struct(properties),
    )
    return Part(
        word,
        f"load/{folder}/{word}",
        f"load/{folder}/remove_{word}",
        laid.sort(*ends, RECORD_ID),
    )


def _end(end: End) -> pl.Expr:
    kind = pl.col(end.kind_column) if end.kind_column else pl.lit(str(end.kind))
    return key_of(kind, pl.col(end.id_column))


def _value(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Return a column as a store holds it: times as whole microseconds."""
    is_time = isinstance(rows.schema[column], pl.Datetime)
    return pl.col(column).dt.epoch("us") if is_time else pl.col(column)


def attributes_of(tables: Tables) -> tuple[str, ...]:
    """Name the columns of long ``entities`` that are attributes, sorted."""
    rows = tables.get("entities")
    known = TABLES["entities"].names
    return () if rows is None else tuple(
        sorted(name for name in rows.columns if name not in known)
    )  # fmt: skip


def entities_of(
    tables: Tables, which: Callable[[pl.Series, pl.Series], pl.Series] | None = None
) -> pl.DataFrame:
    """Lay every entity out once, sorted by key: listed in a table, or named in a link or a fact.

    ``which`` may choose some of them by kind and id. Columns are ``kind``, ``entity_id``, key,
    digest of the content, and what becomes a property.
    """
    listed = _listed(tables)
    named = pl.concat([pl.DataFrame(schema={"kind": pl.String, "entity_id": pl.String}),
                       *_named(tables)]).unique()  # fmt: skip
    unlisted = named.join(listed, on=["kind", "entity_id"], how="anti")
    every = pl.concat([listed, unlisted], how="diagonal")
    if which is not None:
        every = every.filter(which(every["kind"], every["entity_id"]))
    own = [
        pl.when(pl.col("kind") == str(kind)).then("entity_id").alias(name)
        for kind, name in ID_PROPERTY.items()
    ]
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in _ALWAYS.items()
              if name not in every.columns]  # fmt: skip
    every = every.with_columns(*own, *absent)
    return every.with_columns(
        key_of(pl.col("kind"), pl.col("entity_id")).alias(ENTITY_KEY),
        digests("entity", every).alias(CONTENT_HASH),
    ).sort(ENTITY_KEY)


def _listed(tables: Tables) -> pl.DataFrame:
    """Lay out the entities that tables list, one row each.

    Where two tables list the same one, long ``entities`` has the say in its usage, as in
    the graph that an analysis builds.
    """
    parts = [pl.DataFrame(schema={"kind": pl.String, "entity_id": pl.String,
                                  "listed_in": pl.String})]  # fmt: skip
    for table in sorted(set(REGISTERS) & set(tables), reverse=True):
        id_column, kind = REGISTERS[table]
        rows, spec = tables[table], TABLES[table]
        rest = [name for name in rows.columns if name not in (id_column, "kind")]
        times = {one.name for one in spec.columns if one.type is ColumnType.TIME}
        names = {one: property_of(one, is_time=one in times) if one in spec.names
                 else f"{ATTRIBUTE}{one}" for one in rest}  # fmt: skip
        parts.append(
            rows.select(
                (pl.lit(str(kind)) if kind else pl.col("kind")).alias("kind"),
                pl.col(id_column).alias("entity_id"),
                pl.lit(table).alias("listed_in"),
                *(_value(rows, one).alias(names[one]) for one in rest),
            )
        )
    together = pl.concat(parts, how="diagonal")
    others = pl.exclude("kind", "entity_id", "listed_in")
    return together.group_by("kind", "entity_id").agg(
        pl.col("listed_in").sort(), others.drop_nulls().first()
    )


def _named(tables: Tables) -> Iterator[pl.DataFrame]:
    """Yield kind and id of every end of every link and fact."""
    for shape in (*LINKS, *FACTS):
        if shape.table not in tables:
            continue
        for end in (shape.start, shape.end):
            if end is not None:
                kind = pl.col(end.kind_column) if end.kind_column else pl.lit(str(end.kind))
                yield tables[shape.table].select(kind=kind, entity_id=end.id_column)


def by_kind(every: pl.DataFrame) -> tuple[Part, ...]:
    """Part entities by the statement that writes them: one for each known kind."""
    return tuple(_by_kind(every))


def _by_kind(every: pl.DataFrame) -> Iterator[Part]:
    word = pl.when(pl.col("kind").is_in(KNOWN_KINDS)).then("kind").otherwise(pl.lit(OWN_KIND))
    for (name,), rows in sorted(every.group_by(word.alias("word"))):
        kept = _of_kind(rows, str(name))
        yield Part(
            str(name), f"load/entities/{name}", "load/entities/remove",
            kept.select(ENTITY_KEY, properties=pl.struct(pl.exclude(ENTITY_KEY))).sort(ENTITY_KEY),
        )  # fmt: skip


def _of_kind(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Leave out the properties that entities of other kinds have: to send them takes time."""
    other = set(ID_PROPERTY.values()) - {ID_PROPERTY.get(EntityKind(kind))
                                         if kind in KNOWN_KINDS else None}  # fmt: skip
    unused = {"opened_at_us", "status"} if kind != EntityKind.ACCOUNT else set()
    return rows.drop((other | unused) & set(rows.columns))
