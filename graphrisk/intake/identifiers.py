"""Identifiers in one form for each kind, so that two spellings of a thing are one thing.

A column is looked at as a whole: values in their form already are told by a pattern. Only the
distinct rest is read one by one, with the libraries that know each kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from graphrisk.intake.cells import Column
from graphrisk.intake.codes import NoLink, Normalised
from graphrisk.intake.columns import REGISTERS
from graphrisk.intake.dataset import SPELLINGS_SCHEMA
from graphrisk.intake.documents import (
    is_plain_address,
    is_plain_card,
    is_plain_device,
    is_plain_document,
    read_address,
    read_card,
    read_device,
    read_document,
)
from graphrisk.intake.internet import is_plain_email, is_plain_ip, read_email, read_ip
from graphrisk.intake.junk import Reading
from graphrisk.intake.phones import is_plain_phone, read_phone
from graphrisk.intake.spec import ColumnSpec, ColumnType, TableSpec
from graphrisk.model.kinds import EntityKind


@dataclass(frozen=True, slots=True)
class Form:
    """How identifiers of one kind are read.

    ``is_plain`` marks the values of a column that ``read`` would return as they are; it may
    leave some out, never mark one too many. ``read`` takes a value and the region of phones.
    """

    is_plain: Callable[[pl.Series], pl.Series]
    read: Callable[[str, str | None], Reading]
    changed: Normalised


FORMS: dict[str, Form] = {
    EntityKind.PHONE: Form(is_plain_phone, read_phone, Normalised.PHONE_FORM),
    EntityKind.IP: Form(is_plain_ip, read_ip, Normalised.IP_FORM),
    EntityKind.EMAIL: Form(is_plain_email, read_email, Normalised.EMAIL_FORM),
    EntityKind.BANK_CARD: Form(is_plain_card, read_card, Normalised.BANK_CARD_FORM),
    EntityKind.ID_DOCUMENT: Form(is_plain_document, read_document, Normalised.ID_DOCUMENT_FORM),
    EntityKind.DEVICE: Form(is_plain_device, read_device, Normalised.DEVICE_FORM),
    EntityKind.ADDRESS: Form(is_plain_address, read_address, Normalised.ADDRESS_FORM),
}
#: Ids of the long layout are often the numbers of rows.
_LIKE_A_KEY = r"^[0-9]{1,6}$"
_READ_SCHEMA = {
    "kind": pl.String, "raw": pl.String, "value": pl.String, "no_link": pl.String,
    "note": pl.String,
}  # fmt: skip


def kinds_of(table: TableSpec, spec: ColumnSpec, columns: Mapping[str, Column]) -> pl.Series | None:
    """Return the kind of the entity that each cell of an id column names; None if it names none."""
    if spec.type is not ColumnType.ID:
        return None
    register = REGISTERS.get(table.name)
    is_register = register is not None and register[0] == spec.name
    kind_column = spec.kind_column or ("kind" if is_register and not register[1] else "")  # type: ignore[index]
    if kind_column:
        return columns[kind_column].values
    kind = register[1] if is_register else spec.refers_to  # type: ignore[index]
    if not kind:
        return None
    return pl.Series([str(kind)]).new_from_index(0, columns[spec.name].values.len())


def put_in_form(column: Column, kinds: pl.Series, phone_region: str | None) -> pl.Series:
    """Bring the values of an id column to the form of their kinds.

    Returns
    -------
    polars.Series
        Why each value links nobody (a ``NoLink`` code), null for those that do.
    """
    read = [
        found
        for kind, form in FORMS.items()
        if len(found := _read_kind(kind, form, column.values, kinds, phone_region))
    ]
    if not read:
        return pl.Series([None], dtype=pl.String).new_from_index(0, column.values.len())
    cells = pl.DataFrame({"kind": kinds, "raw": column.values})
    joined = cells.join(pl.concat(read), on=["kind", "raw"], how="left", maintain_order="left")
    changed = joined.filter(pl.col("value").is_not_null() & (pl.col("value") != pl.col("raw")))
    column.counts.update(_tally(changed["kind"], {k: form.changed for k, form in FORMS.items()}))
    column.counts.update(_tally(joined["note"], {str(one): one for one in Normalised}))
    column.values = joined["value"].fill_null(joined["raw"]).alias(column.values.name)
    return joined["no_link"]


def _read_kind(
    kind: str, form: Form, values: pl.Series, kinds: pl.Series, region: str | None
) -> pl.DataFrame:
    """Read the distinct values of one kind that are not in their form, and say what they become."""
    text = values.filter((kinds == kind).fill_null(False)).drop_nulls()
    if text.len():
        text = text.filter(~form.is_plain(text).fill_null(False)).unique()
    readings = [form.read(value, region) for value in text.to_list()]
    return pl.DataFrame(
        {
            "kind": [str(kind)] * len(readings),
            "raw": text,
            "value": [reading.value for reading in readings],
            "no_link": [reading.no_link and str(reading.no_link) for reading in readings],
            "note": [reading.note and str(reading.note) for reading in readings],
        },
        schema=_READ_SCHEMA,
    )


def _tally(codes: pl.Series, meaning: Mapping[str, Normalised]) -> Counter[Normalised]:
    """Count codes, under the change that each stands for."""
    counted = codes.drop_nulls().value_counts()
    pairs = zip(counted[counted.columns[0]], counted[counted.columns[1]], strict=True)
    return Counter({meaning[code]: n for code, n in pairs})


def spellings(kinds: pl.Series, values: pl.Series, raw: pl.Series) -> pl.DataFrame:
    """Return ``kind, value, raw`` for every value that was supplied in another spelling."""
    frame = pl.DataFrame({"kind": kinds, "value": values, "raw": raw}, schema=SPELLINGS_SCHEMA)
    return frame.drop_nulls().filter(pl.col("value") != pl.col("raw")).unique()


def without_faults_of_form(codes: pl.Series, values: pl.Series) -> pl.Series:
    """Forget what is no fault in a key that the sender gave, such as 11 or 12345 for a card.

    That is what only says that a value has not the form of its kind, and any fault of a short
    whole number.
    """
    of_form = [str(code) for code in (NoLink.MALFORMED, NoLink.FAILED_CHECK_DIGIT)]
    is_key = codes.is_in(of_form) | values.str.contains(_LIKE_A_KEY)
    unfit = (codes.is_not_null() & is_key).fill_null(False)
    return pl.select(pl.when(~unfit).then(codes)).to_series().alias(codes.name)


def no_link_codes(columns: Mapping[str, pl.Series]) -> pl.DataFrame | None:
    """Join the ``NoLink`` codes of several id columns: the first code of each row, and its column.

    Returns
    -------
    polars.DataFrame or None
        ``code`` and ``column``, null where a row links; None where all rows do.
    """
    told = {name: codes for name, codes in columns.items() if codes.null_count() < codes.len()}
    if not told:
        return None
    return pl.DataFrame(told).select(
        code=pl.coalesce(list(told)),
        column=pl.coalesce(
            [pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in told]
        ),
    )
