"""Telephone numbers as ``+`` and digits (ITU-T E.164), by the numbering plans of libphonenumber."""

from __future__ import annotations

import re
from functools import cache

import phonenumbers
import polars as pl
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from graphrisk.intake.codes import NoLink, Normalised
from graphrisk.intake.junk import Reading, has_letters, is_text_with, junk_in, opaque

_FEWEST_DIGITS = 7
_CODES = "|".join(str(code) for code in sorted(COUNTRY_CODE_TO_REGION_CODE, reverse=True))
_CALLING_CODE = rf"^\+({_CODES})"
_E164 = r"^\+[1-9][0-9]{6,14}$"
#: A subscriber's part of one digit; digits in a row; the numbers kept for films (ATIS, Ofcom);
#: the carrier's own line that Chinese forms give as an example.
PLACEHOLDER = (
    "(?:" + "|".join(f"{digit}{{7}}" for digit in range(10)) + ")$"
    r"|12345678$|87654321$|^\+1[0-9]{3}55501[0-9]{2}$|^\+447700900[0-9]{3}$|13800138000$"
)
_placeholder = re.compile(PLACEHOLDER)
_EXTENSION = re.compile(r"(?:;ext=|\s*(?:ext\.?|x|#|分机)\s*)([0-9]{1,7})$", re.IGNORECASE)


def phone_regions() -> frozenset[str]:
    """Return the regions that have a numbering plan, by ISO 3166 code."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def is_plain_phone(text: pl.Series) -> pl.Series:
    """Mark numbers that are in their form already, by the patterns of each country's plan."""
    plain = text.str.contains(_E164) & ~text.str.contains(PLACEHOLDER)
    code = text.str.extract(_CALLING_CODE)
    for one in code.filter(plain).drop_nulls().unique().sort().to_list():
        fits, is_prefixed = _national_patterns(int(one))
        other = (code != one).fill_null(False)
        plain &= other | (text.str.contains(fits) & ~text.str.contains(is_prefixed))
    return plain & code.is_not_null()


@cache
def _national_patterns(code: int) -> tuple[str, str]:
    """Return what numbers of a country match, and those that may begin with a trunk prefix."""
    region = COUNTRY_CODE_TO_REGION_CODE[code][0]
    plan = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if plan is None or plan.general_desc is None:  # no plan: the library reads each number
        return r"^$", r"^$"
    prefix = plan.national_prefix_for_parsing
    return (
        rf"^\+{code}(?:{plan.general_desc.national_number_pattern})$",
        rf"^\+{code}(?:{prefix})" if prefix else r"^$",
    )


def is_opaque_phone(text: pl.Series) -> pl.Series:
    """Mark tokens that hold a letter other than those that extensions are written with."""
    letter = "[a-df-su-wyzA-DF-SU-WYZ]"
    return is_text_with(text, letter) & ~text.str.contains("(?i)^tel:")


def read_phone(value: str, region: str | None) -> Reading:
    """Read one number.

    Parameters
    ----------
    value
        As supplied, trimmed.
    region
        Where numbers without a country are from (ISO 3166, two letters), or None: then such a
        number is kept as its digits, and does not meet the same number with its country.
    """
    junk = junk_in(value)
    if junk:
        return Reading(value, junk)
    extension = _EXTENSION.search(value)
    main = value[: extension.start()] if extension else value
    if has_letters(main) and not main.lower().startswith("tel:"):
        return opaque(value)
    if region is None and not main.strip().removeprefix("tel:").lstrip("( ").startswith("+"):
        digits = re.sub(r"[^0-9]", "", main)
        if digits.startswith("00") and (form := _e164(f"+{digits[2:]}", None)):
            return _settled(form, extension, None)
        if not _FEWEST_DIGITS <= len(digits) <= 15:
            return Reading(value, NoLink.MALFORMED)
        return _settled(digits, extension, Normalised.PHONE_WITHOUT_COUNTRY)
    form = _e164(main, region)
    return _settled(form, extension, None) if form else Reading(value, NoLink.MALFORMED)


def _e164(text: str, region: str | None) -> str | None:
    """Write a number as the standard has it; None where no country has such numbers."""
    try:
        number = phonenumbers.parse(text, region)
        form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        is_stable = phonenumbers.parse(form) == number  # some prefixes hide behind prefixes
    except phonenumbers.NumberParseException:
        return None
    return form if is_stable and phonenumbers.is_possible_number(number) else None


def _settled(form: str, extension: re.Match[str] | None, note: Normalised | None) -> Reading:
    if _placeholder.search(form) or junk_in(form):
        return Reading(form, NoLink.PLACEHOLDER)
    return Reading(f"{form};ext={extension[1]}" if extension else form, None, note)
