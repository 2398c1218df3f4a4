"""Amounts in minor units, and numbers: never through a float where digits could be lost."""

from __future__ import annotations

import re

import polars as pl

from graphrisk.intake.cells import Column, any_of, blank, trim
from graphrisk.intake.codes import FaultCode, Normalised
from graphrisk.intake.currencies import DECIMALS
from graphrisk.intake.spec import ColumnType

_DECIMAL = r"^-?[0-9]+(?:\.[0-9]+)?$"
_SCIENTIFIC = r"^-?[0-9]+(?:\.[0-9]+)?[eE]-?[0-9]+$"
_MAX_EXACT_FLOAT = 2**53
_TOO_LARGE = 1e25  # far beyond 64 bits of minor units, and within a Decimal


def clean_amounts(
    column: Column,
    decimals: int | None,
    *,
    separators: tuple[str, str] = (".", ""),
    currencies: pl.Series | None = None,
) -> None:
    """Clean amounts: whole minor units, or decimal major units when the mapping says so.

    Parameters
    ----------
    column
        The amounts as supplied.
    decimals
        Places of amounts in major units, which are rounded half to even; None for minor units.
    separators
        What stands for the decimal point, and between thousands; declared by the mapping.
    currencies
        The currency of each row, when it says how many decimals an amount in major units has.
        An amount with more decimals than its currency is not rounded but set aside.
    """
    raw = column.values
    if separators != (".", "") and raw.dtype == pl.String:
        trim(column)
        _read_separators(column, *separators)
        raw = column.values
    if currencies is not None:
        column.values = _plain_decimals(raw)
        trim(column)
        _minor_by_currency(column, currencies)
    elif decimals is not None:
        column.values = _plain_decimals(raw)
        trim(column)
        _round_to_minor(column, decimals)
    elif raw.dtype.is_integer():
        column.values = raw.cast(pl.Int64, strict=False)
        column.reject(FaultCode.WRONG_TYPE, raw.is_not_null() & column.values.is_null())
    elif raw.dtype.is_float():
        column.values = raw.cast(pl.Float64).fill_nan(None)
        is_exact = (column.values == column.values.floor()) & (
            column.values.abs() <= _MAX_EXACT_FLOAT
        )
        column.reject(FaultCode.WRONG_TYPE, ~is_exact)
        column.values = column.values.cast(pl.Int64)
    else:
        column.values = raw.cast(pl.String)
        if isinstance(raw.dtype, pl.Decimal):  # whole numbers in a column of decimals are whole
            column.values = column.values.str.replace(r"\.0+$", "")
        trim(column)
        _parse(column, pl.Int64(), column.values.str.starts_with("+"))
    column.reject(FaultCode.NEGATIVE_AMOUNT, column.values < 0)


def _read_separators(column: Column, point: str, thousands: str) -> None:
    """Take out the declared separators; groups of other than three digits are no number."""
    group, dot = re.escape(thousands), re.escape(point)
    digits = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+)" if thousands else "[0-9]+"
    text = column.values
    column.reject(FaultCode.WRONG_TYPE, ~text.str.contains(rf"^-?{digits}(?:{dot}[0-9]+)?$"))
    plain = column.values
    if thousands:
        plain = plain.str.replace_all(thousands, "", literal=True)
    column.change(Normalised.SEPARATORS_REMOVED, plain.str.replace_all(point, ".", literal=True))


def _minor_by_currency(column: Column, currencies: pl.Series) -> None:
    """Turn major units into minor ones by the decimals that ISO 4217 gives each currency."""
    text = column.values
    column.reject(FaultCode.WRONG_TYPE, ~text.str.contains(_DECIMAL))
    decimals = currencies.replace_strict(DECIMALS, default=None, return_dtype=pl.Int64)
    column.reject(FaultCode.BAD_CURRENCY, currencies.is_not_null() & decimals.is_null()
                  & column.values.is_not_null())  # fmt: skip
    # A row without a currency is set aside for that; its amount is read all the same.
    parts = pl.DataFrame({"text": column.values, "places": decimals.fill_null(2)}).select(
        "places",
        sign=pl.col("text").str.extract(r"^(-?)"),
        whole=pl.col("text").str.extract(r"^-?([0-9]+)"),
        rest=pl.col("text").str.extract(r"\.([0-9]+)$").fill_null("").str.strip_chars_end("0"),
    )
    too_fine = parts["rest"].str.len_bytes() > parts["places"]
    column.reject(FaultCode.EXCESS_DECIMALS, too_fine & column.values.is_not_null())
    minor = parts.select(
        pl.concat_str("sign", "whole", pl.col("rest").str.pad_end(pl.col("places"), "0"))
    ).to_series().cast(pl.Int64, strict=False)  # fmt: skip
    given = column.values.is_not_null()
    column.values = blank(minor, ~given).alias(column.values.name)
    column.reject(FaultCode.WRONG_TYPE, given & column.values.is_null())


def _plain_decimals(raw: pl.Series) -> pl.Series:
    """Return major units as decimal text; floats and scientific notation are written out."""
    if raw.dtype.is_float():
        return _written_out(raw.fill_nan(None)).fill_null(raw.cast(pl.String))
    text = raw.cast(pl.String)
    is_scientific = text.str.contains(_SCIENTIFIC)
    if is_scientific.any():
        plain = _written_out(text.cast(pl.Float64, strict=False)).fill_null(text)
        text = text.zip_with(~is_scientific.fill_null(False), plain)
    return text


def _written_out(numbers: pl.Series) -> pl.Series:
    """Write floats as decimal text, null where no amount is as large as that."""
    fits = (numbers.abs() < _TOO_LARGE).fill_null(False)
    return blank(numbers, ~fits).cast(pl.Decimal(38, 12), strict=False).cast(pl.String)


def _round_to_minor(column: Column, decimals: int) -> None:
    """Turn decimal text into minor units, rounding half to even on the digits themselves."""
    text = column.values
    column.reject(FaultCode.WRONG_TYPE, ~text.str.contains(_DECIMAL))
    parts = pl.select(
        whole=pl.lit(column.values).str.extract(r"^-?([0-9]+)"),
        fraction=pl.lit(column.values).str.extract(r"\.([0-9]+)$").fill_null(""),
    )
    kept = parts["fraction"].str.slice(0, decimals).str.pad_end(decimals, "0")
    rest = parts["fraction"].str.slice(decimals).str.strip_chars_end("0")
    minor = (parts["whole"] + kept).cast(pl.Int64, strict=False)
    # Without trailing zeros, digits compare as text: "5" is the half, and "50001" is above it.
    rounds_up = (rest > "5") | ((rest == "5") & (minor % 2 == 1))
    n_rounded = int((rest.str.len_bytes() > 0).fill_null(False).sum())
    if n_rounded:
        column.counts[Normalised.ROUNDED_HALF_EVEN] += n_rounded
    rounded = minor + rounds_up.cast(pl.Int64)
    is_negative = column.values.str.starts_with("-")
    column.values = rounded.zip_with(~is_negative.fill_null(False), -rounded)
    column.reject(FaultCode.WRONG_TYPE, text.is_not_null() & column.values.is_null()
                  & ~any_of([mask for _, mask in column.faults], text.len()))  # fmt: skip


def clean_numbers(column: Column) -> None:
    """Clean numbers; shares must lie in [0, 1]."""
    raw = column.values
    is_share = column.spec.type is ColumnType.SHARE
    unfit = FaultCode.WEIGHT_OUT_OF_RANGE if is_share else FaultCode.WRONG_TYPE
    if raw.dtype.is_numeric() or raw.dtype == pl.Boolean:
        column.values = raw.cast(pl.Float64)
        if not is_share:  # in a table of floats NaN is how a value is missing
            column.values = column.values.fill_nan(None)
    else:
        column.values = raw.cast(pl.String)
        trim(column)
        _parse(column, pl.Float64())
    column.reject(unfit, ~column.values.is_finite())
    if is_share:
        column.reject(unfit, ~column.values.is_between(0.0, 1.0))
    # -0.0 becomes 0.0, so that equal rows are equal bytes.
    is_zero = (column.values == 0.0).fill_null(False)
    column.values = column.values.zip_with(~is_zero, column.values.abs())


def _parse(column: Column, dtype: pl.DataType, also_wrong: pl.Series | None = None) -> None:
    """Parse text as numbers; what does not parse whole is of the wrong type."""
    parsed = column.values.cast(dtype, strict=False)
    wrong = column.values.is_not_null() & parsed.is_null()
    if also_wrong is not None:
        wrong |= also_wrong.fill_null(False)
    column.values = parsed
    column.reject(FaultCode.WRONG_TYPE, wrong)
