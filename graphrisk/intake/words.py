"""Ids, words, currencies and free text: trimmed, normalised, and refused when unsafe."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from graphrisk.errors import InputRefused
from graphrisk.intake.cells import Column, blank, has_non_ascii, trim
from graphrisk.intake.codes import FaultCode, Normalised
from graphrisk.intake.currencies import CURRENCIES
from graphrisk.intake.spec import ColumnSpec, ColumnType

_MAX_TEXT_CHARS = 256
#: So many distinct values are few, and are looked for in columns longer than that.
_FEW, _ENOUGH = 256, 4096
#: Control and format characters, line separators, and what is drawn as nothing: fillers, joiners,
#: variation selectors, the empty braille cell, code points that are no characters.
_INVISIBLE = (
    r"[\p{Cc}\p{Cf}\x{2028}\x{2029}\x{34f}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180f}"
    r"\x{2800}\x{3164}\x{fe00}-\x{fe0f}\x{ffa0}\x{fffe}\x{ffff}\x{e0100}-\x{e01ef}]"
)
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
#: 1.23E+15 and 123.0, with a point or a comma, but not 12E5: that may be a code of its own.
_THROUGH_A_NUMBER = r"^[+-]?[0-9]+(?:[.,]0+|(?:[.,][0-9]+)?[eE][+-][0-9]+|[.,][0-9]+[eE][0-9]+)$"
#: What a formula of a spreadsheet shows where it fails: the same for every row.
_FAILED_FORMULA = r"^#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)$"
#: ="00123" and '00123: what keeps a spreadsheet from reading an id as a number or a formula.
_GUARD = r"^(?:=\"([^\"]*)\"|'([0-9=+@-].*))$"
_WORD = r"^[a-z][a-z0-9_]*$"


def as_text(raw: pl.Series, spec: ColumnSpec) -> pl.Series:
    """Return a column of any plain dtype as text: integers in digits, never through a float."""
    if spec.type is ColumnType.ID and _is_no_id(raw.dtype) and raw.null_count() < raw.len():
        raise InputRefused(
            f"column {raw.name!r} is of type {raw.dtype} ({FaultCode.ID_NOT_TEXT.value})",
            expected=f"text or integers: {spec.name} is an id",
            hint="look whether this is the column that you mean; if so, supply it as text",
        )
    if raw.dtype.is_float():
        numbers = raw.fill_nan(None)
        if spec.type is ColumnType.ID and numbers.is_not_null().any():
            raise InputRefused(
                f"column {raw.name!r} is of type {raw.dtype} ({FaultCode.ID_NOT_TEXT.value})",
                expected=f"text or integers: {spec.name} is an id, and a float loses digits",
                hint="read the column as text, for example dtype=str",
            )
        if (numbers == numbers.floor()).all():  # pandas: integers become floats beside a gap
            return numbers.cast(pl.Int64, strict=False).cast(pl.String)
    return raw.cast(pl.String)


def _is_no_id(dtype: pl.DataType) -> bool:
    """Say whether a dtype holds moments, truths or fractions, which are nobody's id."""
    is_fraction = isinstance(dtype, pl.Decimal) and dtype.scale > 0
    return dtype.is_temporal() or dtype == pl.Boolean or is_fraction


def clean_words(column: Column, translations: Mapping[str, str]) -> None:
    """Clean ids, words, currencies and free text."""
    spec = column.spec
    column.values = as_text(column.values, spec)
    if spec.type is not ColumnType.ID and _few_and_clean(column, translations):
        return
    is_tidy = trim(column)
    if not is_tidy and spec.type is not ColumnType.TEXT and has_non_ascii(column.values):
        # The form can bring white space of its own to the ends.
        column.change(Normalised.NFKC, column.values.str.normalize("NFKC").str.strip_chars())
    if translations:
        is_tidy = False
        column.change(Normalised.TRANSLATED, _translated(column, translations))
    if not is_tidy:
        invisible = _CONTROL if spec.type is ColumnType.TEXT else _INVISIBLE
        column.reject(FaultCode.CONTROL_CHARACTER, column.values.str.contains(invisible))
    if _longest(column.values) > _MAX_TEXT_CHARS:
        column.reject(FaultCode.ID_TOO_LONG, column.values.str.len_chars() > _MAX_TEXT_CHARS)
    if spec.type is ColumnType.ID:
        _look_for_spreadsheet(column)
        column.reject(FaultCode.ID_NOT_TEXT, column.values.str.contains(_THROUGH_A_NUMBER))
        if not is_tidy:
            _reject_look_alikes(column)
    elif spec.type is ColumnType.WORD:
        column.change(Normalised.CASE_FOLDED, column.values.str.to_lowercase())
        is_known = (column.values.is_in(spec.vocabulary) if spec.vocabulary
                    else column.values.str.contains(_WORD))  # fmt: skip
        column.reject(FaultCode.NOT_IN_VOCABULARY, ~is_known)
    elif spec.type is ColumnType.CURRENCY:
        column.change(Normalised.CASE_FOLDED, column.values.str.to_uppercase())
        column.reject(FaultCode.BAD_CURRENCY, ~column.values.is_in(CURRENCIES))


def _translated(column: Column, translations: Mapping[str, str]) -> pl.Series:
    """Translate cells as they are written; words of a column of words in any case besides."""
    given = column.values
    exactly = given.replace(dict(translations))
    if column.spec.type is not ColumnType.WORD:
        return exactly
    folded = [word.lower() for word in translations]
    alike = {word.lower(): translations[word] for word in translations
             if folded.count(word.lower()) == 1}  # fmt: skip
    lower = given.str.to_lowercase()
    by_case = lower.is_in(list(alike)) & ~given.is_in(list(translations))
    return lower.replace(alike).zip_with(by_case.fill_null(False), exactly)


def _few_and_clean(column: Column, translations: Mapping[str, str]) -> bool:
    """Return whether a column holds few distinct values, and all of them are as they should be."""
    text = column.values
    if text.len() <= _ENOUGH or text.head(_ENOUGH).n_unique() > _FEW:
        return False
    given = text.unique()
    if given.len() > _FEW:
        return False
    distinct = Column(column.spec, given)
    clean_words(distinct, translations)
    return not distinct.faults and not +distinct.counts and distinct.values.equals(given)


def _longest(text: pl.Series) -> int:
    """Return the most bytes of any text; it has no more characters than that."""
    most = text.str.len_bytes().max()
    return most if isinstance(most, int) else 0


def _look_for_spreadsheet(column: Column) -> None:
    """Take away what only keeps a spreadsheet from changing an id; reject failed formulas."""
    if not column.values.str.contains(r"^[='#]").any():  # nearly always
        return
    is_guarded = column.values.str.contains(_GUARD).fill_null(False)
    if is_guarded.any():
        bare = column.values.str.extract(_GUARD, 1).fill_null(column.values.str.extract(_GUARD, 2))
        bare = column.values.zip_with(~is_guarded, bare.str.strip_chars())
        column.change(Normalised.SPREADSHEET_GUARD, bare)
        column.values = blank(column.values, column.values.str.len_bytes() == 0)
    if not column.spec.kind_column:  # among values it links nobody, and is told so
        column.reject(FaultCode.ID_NOT_TEXT, column.values.str.contains(_FAILED_FORMULA))


def _reject_look_alikes(column: Column) -> None:
    """Reject ids that mix Latin with Cyrillic or Greek; addresses may mix scripts honestly."""
    if not column.spec.kind_column and has_non_ascii(column.values):
        is_latin = column.values.str.contains(r"\p{Latin}")
        is_other = column.values.str.contains(r"[\p{Cyrillic}\p{Greek}]")
        column.reject(FaultCode.MIXED_SCRIPT, is_latin & is_other)
