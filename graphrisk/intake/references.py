"""Which entities exist, and which rows name one that does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from graphrisk.intake.codes import FAULT_TEXTS, FaultCode
from graphrisk.intake.columns import REGISTERS, VALUE_KINDS
from graphrisk.intake.idtable import ABSENT, IdTable
from graphrisk.intake.normalize import IS_FAULTY
from graphrisk.intake.quarantine import Fault
from graphrisk.intake.spec import ColumnSpec, TableSpec
from graphrisk.model.kinds import EntityKind

_LISTED_SCHEMA = {"kind": pl.String(), "id": pl.String()}
_WAS_SET_ASIDE = (
    "names an entity whose own row was quarantined; correct that row first, this one is then "
    "read with it"
)
_NO_KIND = f"{FAULT_TEXTS[FaultCode.DANGLING_REFERENCE]}; if it is a value such as a phone "
_NO_KIND += "or an ip, supply its kind"


@dataclass(frozen=True, slots=True)
class Registers:
    """The entities that other rows may refer to.

    Attributes
    ----------
    listed, set_aside
        ``kind`` and ``id`` of the entities accepted, and of those only met in quarantined rows.
    unchecked_kinds
        Kinds for which a reference needs no listed entity.
    tables
        The ids listed of each kind.
    is_complete
        False when a file that lists entities was refused: nothing can be called dangling then.
    """

    listed: pl.DataFrame
    set_aside: pl.DataFrame
    unchecked_kinds: frozenset[str]
    tables: Mapping[str, IdTable]
    is_complete: bool = True

    def is_listed(self, kind: str, ids: pl.Series) -> pl.Series:
        """Tell which ids are listed for one kind; null is not."""
        if kind not in self.tables:
            return pl.Series([False]).new_from_index(0, ids.len())
        return pl.Series(self.tables[kind].find(ids) != ABSENT)


def registers_of(
    accepted: pl.DataFrame,
    quarantined: pl.DataFrame,
    tables: Collection[str],
    refused_tables: Iterable[str],
) -> Registers:
    """Build the registers from the entities that accepted and quarantined rows list.

    Devices and lenders are checked only when some table lists them; values never are. ``tables``
    are those that were supplied.
    """
    listed, tables_of_kinds = _listed(accepted)
    set_aside = quarantined
    if not quarantined.is_empty():
        set_aside = quarantined.unique().join(listed, on=["kind", "id"], how="anti")
    kinds_listed = set(tables_of_kinds)
    unchecked = set(VALUE_KINDS)
    for table, kind in (("devices", EntityKind.DEVICE), ("lenders", EntityKind.LENDER)):
        if table not in tables and kind not in kinds_listed:
            unchecked.add(kind)
    is_complete = not set(REGISTERS) & set(refused_tables)
    return Registers(listed, set_aside, frozenset(unchecked), tables_of_kinds, is_complete)


def _listed(accepted: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, IdTable]]:
    """Return the entities once each, and the ids of each kind."""
    tables: dict[str, IdTable] = {}
    for kind in accepted["kind"].unique().sort().to_list():
        tables[kind] = IdTable()
        tables[kind].add(accepted.filter(pl.col("kind") == kind)["id"])
    n_entities = sum(map(len, tables.values()))
    return accepted if n_entities == accepted.height else accepted.unique(), tables


def entities_in(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return ``kind`` and ``id`` of every entity that the given tables list."""
    parts = [pl.DataFrame(schema=_LISTED_SCHEMA)]
    for name, (column, kind) in REGISTERS.items():
        if name in tables:
            of_kind = pl.lit(str(kind)) if kind else pl.col("kind")
            parts.append(tables[name].select(kind=of_kind, id=column))
    return pl.concat(parts).drop_nulls()


def reference_faults(
    table: TableSpec, rows: pl.DataFrame, registers: Registers
) -> tuple[pl.DataFrame, list[Fault]]:
    """Fill in the kinds that were not supplied, and find the rows that name no entity.

    Returns
    -------
    tuple
        The rows, with kind columns filled where the id tells the kind, and the faults.
    """
    faults: list[Fault] = []
    if not registers.is_complete:
        return rows, faults
    for spec in table.columns:
        if spec.refers_to and spec.refers_to not in registers.unchecked_kinds:
            ids = rows[spec.name]
            is_dangling = ids.is_not_null() & ~registers.is_listed(spec.refers_to, ids)
            if not is_dangling.any():
                continue
            kinds = pl.Series([str(spec.refers_to)]).new_from_index(0, rows.height)
            faults += _dangling(spec, ids, kinds, is_dangling, registers)
        elif spec.kind_column:
            kinds, found = _by_kind_column(table, spec, rows, registers)
            rows = rows.with_columns(kinds.alias(spec.kind_column))
            faults += found
    return rows, faults + _self_links(table, rows)


def _by_kind_column(
    table: TableSpec, spec: ColumnSpec, rows: pl.DataFrame, registers: Registers
) -> tuple[pl.Series, list[Fault]]:
    """Resolve the references of a column whose kind stands in the same row, or can be told."""
    ids, given = rows[spec.name], rows[spec.kind_column]
    is_unsaid = ids.is_not_null() & given.is_null()
    if given.null_count() < given.len():
        is_unsaid &= ~rows[IS_FAULTY]  # the kind may be missing because it was faulty
    if table[spec.kind_column].required or not is_unsaid.any():
        kinds, is_ambiguous = given, None
    else:
        kinds, is_ambiguous = _kinds_told_by_ids(ids, registers)
        kinds = given.fill_null(kinds)
    is_dangling = _is_unlisted(ids, given, registers)
    faults = _dangling(spec, ids, kinds, is_dangling, registers)
    if is_ambiguous is not None:
        untold = is_unsaid & kinds.is_null() & ~is_ambiguous
        faults += _dangling(spec, ids, kinds, untold, registers, otherwise=_NO_KIND)
        faults.append(Fault(FaultCode.AMBIGUOUS_REFERENCE, spec, is_unsaid & is_ambiguous))
    return kinds, faults


def _kinds_told_by_ids(ids: pl.Series, registers: Registers) -> tuple[pl.Series, pl.Series]:
    """Return the kind that each id is listed with, and whether it is listed with several."""
    listed = registers.listed
    if listed["id"].is_duplicated().any():
        listed = listed.group_by("id").agg(
            kind=pl.when(pl.len() == 1).then(pl.col("kind").first()), is_ambiguous=pl.len() > 1
        )
    else:
        listed = listed.with_columns(is_ambiguous=pl.lit(False))
    told = pl.DataFrame({"id": ids}).join(listed, on="id", how="left", maintain_order="left")
    return told["kind"], told["is_ambiguous"].fill_null(False)


def _is_unlisted(ids: pl.Series, kinds: pl.Series, registers: Registers) -> pl.Series:
    """Return the rows whose kind and id were both given, and are not listed together."""
    is_checked = (
        ids.is_not_null() & kinds.is_not_null() & ~kinds.is_in(list(registers.unchecked_kinds))
    ).fill_null(False)
    if not is_checked.any():
        return is_checked
    is_listed = np.zeros(ids.len(), dtype=bool)
    for kind in kinds.filter(is_checked).unique().to_list():
        rows = (is_checked & (kinds == kind)).arg_true()
        is_listed[rows] = registers.is_listed(kind, ids.gather(rows))
    return is_checked & ~pl.Series(is_listed)


def _dangling(
    spec: ColumnSpec,
    ids: pl.Series,
    kinds: pl.Series,
    mask: pl.Series,
    registers: Registers,
    otherwise: str = "",
) -> list[Fault]:
    """Return dangling references in two parts: to entities set aside, and to ones never listed."""
    if not mask.any():
        return []
    aside = registers.set_aside
    named = pl.DataFrame({"kind": kinds, "id": ids})
    is_aside = mask & named.select(
        pl.when(pl.col("kind").is_null())
        .then(pl.col("id").is_in(aside["id"].implode()))
        .otherwise(pl.struct("kind", "id").is_in(aside.select("kind", "id").to_struct().implode()))
    ).to_series().fill_null(False)  # fmt: skip
    code = FaultCode.DANGLING_REFERENCE
    return [
        Fault(code, spec, is_aside, _WAS_SET_ASIDE),
        Fault(code, spec, mask & ~is_aside, otherwise),
    ]


def _self_links(table: TableSpec, rows: pl.DataFrame) -> list[Fault]:
    """Return the rows that link an entity to itself."""
    if table.endpoints is None:
        return []
    start, end = table.endpoints
    is_self = rows[start] == rows[end]
    if table[start].kind_column:
        is_self &= rows[table[start].kind_column].eq_missing(rows[table[end].kind_column])
    return [Fault(FaultCode.SELF_LINK, table[end], is_self.fill_null(False))]
