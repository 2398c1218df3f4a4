"""How each table of the data standard lies in the graph: docs/graph-model.md as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphrisk.intake.columns import REGISTERS, TABLES
from graphrisk.intake.spec import ColumnType, TableSpec
from graphrisk.model.kinds import IDENTIFIER_RELATION, EntityKind

#: Kinds with a label of their own; a kind of the user's own has ``Entity`` alone.
KNOWN_KINDS: tuple[str, ...] = tuple(kind.value for kind in EntityKind)
OWN_KIND = "entity"
#: The property that repeats the id under a name of its own, by kind.
ID_PROPERTY = {EntityKind.ACCOUNT: "account_id", EntityKind.DEVICE: "device_id",
               EntityKind.LENDER: "lender_id"}  # fmt: skip
#: Before the name of a numeric column of long ``entities``.
ATTRIBUTE = "attribute_"


@dataclass(frozen=True, slots=True)
class End:
    """An end of a link: the column of the id, and the kind or the column that holds it."""

    id_column: str
    kind: str = ""
    kind_column: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rows of a table become: links from ``start`` to ``end``, or facts about ``end``.

    ``relation`` names the statement that writes them, and in capitals the relationship; empty
    where the identifier's kind tells it.
    """

    table: str
    end: End
    start: End | None = None
    relation: str = ""

    @property
    def spec(self) -> TableSpec:
        """The table in the data standard."""
        return TABLES[self.table]

    def properties(self) -> Iterator[tuple[str, str]]:
        """Yield each column that becomes a property, and the property's name."""
        ends = {end for one in (self.start, self.end) if one
                for end in (one.id_column, one.kind_column)}  # fmt: skip
        for column in self.spec.columns:
            if column.name not in ends:
                yield column.name, property_of(column.name, is_time=column.type is ColumnType.TIME)


def property_of(column: str, *, is_time: bool) -> str:
    """Name the property of a column; some engines make up a ``label`` of their own."""
    return f"{column}_us" if is_time else {"label": "label_kind"}.get(column, column)


_ACCOUNT = End("account_id", EntityKind.ACCOUNT)
_LENDER = End("lender_id", EntityKind.LENDER)


def _account(column: str) -> End:
    return End(column, EntityKind.ACCOUNT)


LINKS: tuple[Shape, ...] = (
    Shape("identifiers", End("value", kind_column="kind"), _ACCOUNT),
    Shape("applications", _LENDER, _ACCOUNT, "applied_to"),
    Shape("repayments", _LENDER, _ACCOUNT, "borrows_from"),
    Shape("transfers", _account("to_account_id"), _account("from_account_id"), "transferred_to"),
    Shape("guarantees", _account("borrower_id"), _account("guarantor_id"), "guarantees"),
    Shape("links", End("target_id", kind_column="target_kind"),
          End("source_id", kind_column="source_kind"), "linked_to"),
)  # fmt: skip
FACTS: tuple[Shape, ...] = (
    Shape("labels", End("entity_id", kind_column="entity_kind"), None, "labels"),
    Shape("assessments", _ACCOUNT, None, "assessments"),
)

#: Words of all relationships that hold link records.
RELATIONS: tuple[str, ...] = (
    *IDENTIFIER_RELATION.values(),
    *(shape.relation for shape in LINKS if shape.relation),
)
#: The tables that list entities.
LISTS = tuple(REGISTERS)
