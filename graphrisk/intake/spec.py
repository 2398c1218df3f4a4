"""How a canonical table and its columns are described."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl


class ColumnType(StrEnum):
    """How the text of a cell is read. The value is the word the data dictionary uses."""

    ID = "id"
    TEXT = "text"
    WORD = "word"
    CURRENCY = "currency"
    TIME = "time"
    AMOUNT = "amount"
    NUMBER = "number"
    SHARE = "share"


#: The dtype each type of column has in ``Dataset.tables``.
DTYPES: dict[ColumnType, pl.DataType] = {
    ColumnType.ID: pl.String(),
    ColumnType.TEXT: pl.String(),
    ColumnType.WORD: pl.String(),
    ColumnType.CURRENCY: pl.String(),
    ColumnType.TIME: pl.Datetime("us", "UTC"),
    ColumnType.AMOUNT: pl.Int64(),
    ColumnType.NUMBER: pl.Float64(),
    ColumnType.SHARE: pl.Float64(),
}


class PersonalData(StrEnum):
    """What a column tells about a person. The classes in ``MASKED`` are masked in reports."""

    NONE = "none"
    PSEUDONYM = "pseudonym"
    IDENTIFIER = "identifier"
    FINANCIAL = "financial"
    BEHAVIOUR = "behaviour"
    ADVERSE = "adverse"


MASKED: frozenset[PersonalData] = frozenset(
    {PersonalData.PSEUDONYM, PersonalData.IDENTIFIER, PersonalData.FINANCIAL}
)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One canonical column.

    ``required`` means the column must be supplied and no cell may be empty. ``refers_to`` is the
    kind of the entity that the cell names; ``kind_column`` names the column of the same row
    that holds that kind instead. ``not_before`` names the time that this one may not precede.
    """

    name: str
    type: ColumnType
    description: str
    required: bool = False
    personal: PersonalData = PersonalData.NONE
    unit: str = ""
    is_event_time: bool = False
    refers_to: str = ""
    kind_column: str = ""
    vocabulary: tuple[str, ...] = ()
    not_before: str = ""

    @property
    def dtype(self) -> pl.DataType:
        """The polars dtype of the stored column."""
        return DTYPES[self.type]

    @property
    def is_masked(self) -> bool:
        """Whether reports show no more than the ends of a value."""
        return self.personal in MASKED


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One canonical table.

    ``key`` names the columns that may appear together once; two rows with the same key and
    different content are a conflict. An empty key means that every distinct row is its own
    record (an event, a sighting), so only identical rows are duplicates.
    """

    name: str
    description: str
    columns: tuple[ColumnSpec, ...]
    key: tuple[str, ...] = ()
    endpoints: tuple[str, str] | None = None
    has_attributes: bool = False

    def __getitem__(self, name: str) -> ColumnSpec:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column name to polars dtype, in order."""
        return {column.name: column.dtype for column in self.columns}
