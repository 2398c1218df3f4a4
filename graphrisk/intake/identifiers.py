"""Identifiers in one form for each kind, so that two spellings of a thing are one thing.

A column is looked at as a whole: values in their form already are told by a pattern. Only the
distinct rest is read one by one, with the libraries that know each kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.intake.cells import Column
from graphrisk.intake.codes import NoLink, Normalised
from graphrisk.intake.columns import REGISTERS
from graphrisk.intake.dataset import SPELLINGS_SCHEMA
from graphrisk.intake.documents import (
    is_opaque_card,
    is_plain_address,
    is_plain_card,
    is_plain_device,
    is_plain_document,
    read_address,
    read_card,
    read_device,
    read_document,
)
from graphrisk.intake.internet import (
    is_opaque_email,
    is_opaque_ip,
    is_plain_email,
    is_plain_ip,
    read_email,
    read_ip,
)
from graphrisk.intake.junk import Reading
from graphrisk.intake.phones import is_opaque_phone, is_plain_phone, read_phone
from graphrisk.intake.spec import ColumnSpec, ColumnType, TableSpec
from graphrisk.model.kinds import EntityKind


@dataclass(frozen=True, slots=True)
class Form:
    """How identifiers of one kind are read.

    ``is_plain`` marks the values of a column that ``read`` would return as they are, and
    ``is_opaque`` those that it would keep as made up by a system; either may leave some out,
    and never marks one too many. ``read`` takes a value and the region of phones.
    """

    is_plain: Callable[[pl.Series], pl.Series]
    read: Callable[[str, str | None], Reading]
    changed: Normalised
    is_opaque: Callable[[pl.Series], pl.Series] | None = None


FORMS: dict[str, Form] = {
    EntityKind.PHONE: Form(is_plain_phone, read_phone, Normalised.PHONE_FORM, is_opaque_phone),
    EntityKind.IP: Form(is_plain_ip, read_ip, Normalised.IP_FORM, is_opaque_ip),
    EntityKind.EMAIL: Form(is_plain_email, read_email, Normalised.EMAIL_FORM, is_opaque_email),
    EntityKind.BANK_CARD: Form(is_plain_card, read_card, Normalised.BANK_CARD_FORM,
                               is_opaque_card),
    EntityKind.ID_DOCUMENT: Form(is_plain_document, read_document, Normalised.ID_DOCUMENT_FORM),
    EntityKind.DEVICE: Form(is_plain_device, read_device, Normalised.DEVICE_FORM),
    EntityKind.ADDRESS: Form(is_plain_address, read_address, Normalised.ADDRESS_FORM),
}  # fmt: skip
#: Ids of the long layout are often the numbers of rows.
_LIKE_A_KEY = r"^[0-9]{1,6}$"
_READ_SCHEMA = {"raw": pl.String, "value": pl.String, "no_link": pl.String, "note": pl.String}


def kinds_of(
    table: TableSpec, spec: ColumnSpec, columns: Mapping[str, Column]
) -> pl.Series | str | None:
    """Return the kind of the entities that an id column names: of each cell, or of all of them.

    None if the column names no entity.
    """
    if spec.type is not ColumnType.ID:
        return None
    register = REGISTERS.get(table.name)
    is_register = register is not None and register[0] == spec.name
    kind_column = spec.kind_column or ("kind" if is_register and not register[1] else "")  # type: ignore[index]
    if kind_column:
        return columns[kind_column].values
    kind = register[1] if is_register else spec.refers_to  # type: ignore[index]
    return str(kind) if kind else None


def put_in_form(
    column: Column, kinds: pl.Series | str, phone_region: str | None
) -> pl.Series | None:
    """Bring the values of an id column to the form of their kinds.

    Returns
    -------
    polars.Series or None
        Why each value links nobody (a ``NoLink`` code), null for those that do; None if all do.
    """
    values, no_link = column.values, None
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        looked_at = pool.map(lambda kind: _odd_rows(kind, kinds, values), FORMS)
        told = list(zip(FORMS.values(), looked_at, strict=True))
    for form, (odd, n_opaque) in told:
        column.counts[Normalised.OPAQUE_IDENTIFIER] += n_opaque
        if not len(odd):
            continue
        read = _read(form, values.gather(odd), phone_region)
        is_changed = (read["value"] != read["raw"]).to_numpy()
        column.counts[form.changed] += int(is_changed.sum())
        column.counts.update(_tally(read["note"]))
        column.values = _replaced(column.values, odd[is_changed], read["value"].filter(is_changed))
        if read["no_link"].null_count() < len(odd):
            if no_link is None:
                no_link = pl.Series([None], dtype=pl.String).new_from_index(0, len(values))
            no_link = _replaced(no_link, odd, read["no_link"])
    return no_link


def _odd_rows(
    kind: str, kinds: pl.Series | str, values: pl.Series
) -> tuple[NDArray[np.uint32], int]:
    """Return the rows of a kind that have to be read one by one, and how many others are opaque."""
    rows = _rows_of(kind, kinds, values)
    if not len(rows):
        return rows, 0
    form = FORMS[kind]
    text = values if len(rows) == len(values) else values.gather(rows)
    is_odd = ~form.is_plain(text).fill_null(False)
    if form.is_opaque is None or not is_odd.any():
        return rows[is_odd.to_numpy()], 0
    is_opaque = form.is_opaque(text) & is_odd
    return rows[(is_odd & ~is_opaque).to_numpy()], int(is_opaque.sum())


def _rows_of(kind: str, kinds: pl.Series | str, values: pl.Series) -> NDArray[np.uint32]:
    """Return the rows that hold an identifier of a kind."""
    if isinstance(kinds, str) and kinds != kind:
        return np.zeros(0, dtype=np.uint32)
    is_given = values.is_not_null()
    if not isinstance(kinds, str):
        is_given &= (kinds == kind).fill_null(False)
    return is_given.arg_true().to_numpy()


def _read(form: Form, text: pl.Series, region: str | None) -> pl.DataFrame:
    """Read each distinct value once, and say of every row what it becomes."""
    raw = text.unique()
    readings = [form.read(value, region) for value in raw.to_list()]
    read = pl.DataFrame(
        {
            "raw": raw,
            "value": [reading.value for reading in readings],
            "no_link": [reading.no_link and str(reading.no_link) for reading in readings],
            "note": [reading.note and str(reading.note) for reading in readings],
        },
        schema=_READ_SCHEMA,
    )
    return text.to_frame("raw").join(read, on="raw", how="left", maintain_order="left")


def _tally(notes: pl.Series) -> Counter[Normalised]:
    """Count what there is to say of values."""
    counted = notes.drop_nulls().value_counts()
    pairs = zip(counted[counted.columns[0]], counted[counted.columns[1]], strict=True)
    return Counter({Normalised(note): n for note, n in pairs})


def _replaced(values: pl.Series, rows: NDArray[np.uint32], new: pl.Series) -> pl.Series:
    """Return the values with new ones in some rows; what was given is not changed."""
    return values.clone().scatter(rows, new) if len(rows) else values


def spellings(kinds: pl.Series | str, values: pl.Series, raw: pl.Series) -> pl.DataFrame:
    """Return ``kind, value, raw`` for every value that was supplied in another spelling."""
    of_kind = pl.lit(kinds) if isinstance(kinds, str) else pl.lit(kinds, pl.String)
    frame = pl.DataFrame({"value": values, "raw": raw}, schema_overrides=SPELLINGS_SCHEMA)
    changed = (pl.col("value") != pl.col("raw")).fill_null(False)
    spelt = frame.select(of_kind.alias("kind"), "value", "raw").filter(changed)
    return spelt.drop_nulls().unique()


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
