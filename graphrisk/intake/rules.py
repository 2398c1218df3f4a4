"""What a mapping says, once it is read: where each canonical table and column comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphrisk.intake.columns import TABLES
from graphrisk.intake.spec import TableSpec


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """Where one canonical column comes from: their column, or a constant.

    The first of ``spellings`` that the file has is read. ``decimals`` is set for amounts in
    major units: decimal text is rounded half to even to that many places. ``by_currency`` is set
    where the row's currency says how many there are, and ``separators`` holds what stands for
    the decimal point and between thousands. ``must_exist`` is false where a missing column is
    read as empty.
    """

    spellings: tuple[str, ...] = ()
    constant: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    decimals: int | None = None
    by_currency: bool = False
    separators: tuple[str, str] = (".", "")
    must_exist: bool = True

    def column_in(self, header: Iterable[str]) -> str | None:
        """Return the first spelling that the header has."""
        present = set(header)
        return next((name for name in self.spellings if name in present), None)


@dataclass(frozen=True, slots=True)
class TableRule:
    """How one file feeds one canonical table. ``attributes`` is None for every numeric column."""

    file: str
    into: str
    columns: Mapping[str, ColumnRule]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: tuple[str, ...] | None = ()
    is_optional: bool = False

    @property
    def table(self) -> TableSpec:
        """The canonical table that this rule feeds."""
        return TABLES[self.into]


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on a dataset is refused as a whole; shares from 0 to 1.

    ``most_quarantined_share`` is that of a file's rows. ``least_rows_share`` is that of the rows
    a file had in the earlier run it is held against.
    """

    most_quarantined_share: float = 0.05
    least_rows_share: float = 0.5


@dataclass(frozen=True, slots=True)
class DatasetMapping:
    """A whole mapping: how every file of a folder is read."""

    name: str
    tables: tuple[TableRule, ...]
    description: str = ""
    delimiter: str = ","
    timezone: str | None = None
    extensions: tuple[str, ...] = ("csv",)
    encoding: str = "utf-8"
    phone_region: str | None = None
    limits: Limits = Limits()

    @property
    def files(self) -> tuple[str, ...]:
        """The file names, without endings, in the order of the mapping."""
        return tuple(dict.fromkeys(rule.file for rule in self.tables))

    def rules_for(self, file: str) -> tuple[TableRule, ...]:
        """Return the rules that read one file, in the order of the mapping."""
        return tuple(rule for rule in self.tables if rule.file == file)
