"""Bank cards, identity documents, devices and addresses: form, check digits, known placeholders."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

import polars as pl
from stdnum import luhn, numdb
from stdnum.iso7064 import mod_11_2, mod_97_10

from graphrisk.intake.codes import NoLink
from graphrisk.intake.junk import (
    Reading,
    has_letters,
    is_text_with,
    junk_in,
    may_be_junk,
    opaque,
)

#: Card numbers that payment processors publish for tests.
TEST_CARDS: frozenset[str] = frozenset(
    (
        *("4111111111111111", "4242424242424242", "4012888888881881", "4000056655665556"),
        *("5555555555554444", "5105105105105100", "2223003122003222", "5200828282828210"),
        *("378282246310005", "371449635398431", "6011111111111117", "3530111333300000"),
        *("30569309025904", "6200000000000005", "6200000000000047"),
    )
)
_CARD = r"^[0-9]{12,19}$"
_LONGEST_CARD = 19
_LIKE_IBAN = r"^[A-Za-z]{2}[0-9]{2}[\s-]?[0-9A-Za-z]"
#: Ends in seven equal digits, or holds one digit nearly throughout.
_ONE_DIGIT_RUN = "|".join(f"{digit}{{9}}" for digit in range(10))


def is_plain_card(text: pl.Series) -> pl.Series:
    """Mark card numbers in plain digits whose check digit holds (Luhn, ISO/IEC 7812)."""
    plain = text.str.contains(_CARD) & ~text.str.contains(_ONE_DIGIT_RUN)
    if not plain.any():
        return plain
    number = pl.select(pl.when(plain).then(text)).to_series().cast(pl.UInt64, strict=False)
    total = number * 0
    for place in range(_LONGEST_CARD):
        digit = number // 10**place % 10
        total += digit * 2 - (digit > 4).cast(pl.UInt64) * 9 if place % 2 else digit
    holds = (total % 10 == 0).fill_null(False)
    return plain & holds & ~text.is_in(list(TEST_CARDS))


def is_opaque_card(text: pl.Series) -> pl.Series:
    """Mark tokens: numbers of cards have no letters, those of accounts (IBAN) have their form."""
    return is_text_with(text, "[a-zA-Z]") & ~_may_be_iban(text)


def _may_be_iban(text: pl.Series) -> pl.Series:
    """Mark what begins as the numbers of a country that has some; others are tokens by chance."""
    may_be = text.str.contains(_LIKE_IBAN)
    if not may_be.any():
        return may_be
    country = text.str.slice(0, 2).str.to_uppercase()
    begun = country.filter(may_be).unique().sort().to_list()
    return may_be & country.is_in([one for one in begun if _iban_of(one)])


def read_card(value: str, _region: str | None = None) -> Reading:
    """Read one number of a card or an account (IBAN): without separators, in capitals."""
    if junk := junk_in(value):
        return Reading(value, junk)
    if re.match(_LIKE_IBAN, value) and (form := _iban(value)):
        holds = mod_97_10.is_valid(form[4:] + form[:4])
        return Reading(form, None if holds else NoLink.FAILED_CHECK_DIGIT)
    digits = re.sub(r"[\s-]", "", value)
    if not (digits.isascii() and digits.isdigit()):
        return opaque(value) if has_letters(value) else Reading(value, NoLink.MALFORMED)
    if not 12 <= len(digits) <= _LONGEST_CARD:
        return Reading(digits, NoLink.MALFORMED)
    if digits in TEST_CARDS or re.search(_ONE_DIGIT_RUN, digits):
        return Reading(digits, NoLink.PLACEHOLDER)
    return Reading(digits, None if luhn.is_valid(digits) else NoLink.FAILED_CHECK_DIGIT)


def _iban(value: str) -> str | None:
    """Return a number in the form of an IBAN of its country (ISO 13616); None if it has not."""
    form = re.sub(r"[\s-]", "", value).upper()
    whole = _iban_of(form[:2])
    return form if whole and whole.fullmatch(form) else None


@cache
def _iban_of(country: str) -> re.Pattern[str] | None:
    """Return what the numbers of a country look like; None if it has none."""
    known = numdb.get("iban").info(country)[0][1].get("bban", "")
    parts = re.findall(r"([0-9]+)!([nac])", known)
    letters = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
    pattern = "".join(f"{letters[kind]}{{{length}}}" for length, kind in parts)
    return re.compile(rf"[A-Z]{{2}}[0-9]{{2}}{pattern}") if parts else None


_RESIDENT = re.compile(r"^[1-9][0-9]{16}[0-9X]$")
_LIKE_RESIDENT = r"^[0-9]{17}[0-9X]$"
_WEIGHTS = tuple(2**place % 11 for place in range(17, 0, -1))
#: Days up to the 28th are in every month; the others are looked at one by one.
_BORN = r"^[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])"
_DOCUMENT = r"^[A-Z0-9]*[A-Z][A-Z0-9]*$"


def is_plain_document(text: pl.Series) -> pl.Series:
    """Mark documents in capitals and digits; resident numbers only where the check digit holds."""
    plain = text.str.contains(_DOCUMENT) & ~may_be_junk(text)
    is_resident = text.str.contains(_LIKE_RESIDENT)
    if not is_resident.any():
        return plain
    body = text.str.slice(0, 17).cast(pl.Int64, strict=False)
    total = body * 0
    for place, weight in enumerate(reversed(_WEIGHTS)):
        total += body // 10**place % 10 * weight
    wanted = ((12 - total % 11) % 11).cast(pl.String).replace("10", "X")
    holds = (text.str.slice(17, 1) == wanted) & text.str.contains(_BORN)
    sound = holds & ~text.str.contains(_ONE_DIGIT_RUN)
    return (plain & ~is_resident) | (is_resident & sound.fill_null(False))


def read_document(value: str, _region: str | None = None) -> Reading:
    """Read one document number: in capitals, without spaces, hyphens, points and brackets.

    Eighteen characters in the form of a Chinese resident number are checked as one: birth date
    and check digit (GB 11643-1999, ISO 7064 MOD 11-2). The county is not, since counties were
    renamed and merged, and honest numbers carry codes that no list holds any more.
    """
    if junk := junk_in(value):
        return Reading(value, junk)
    form = re.sub(r"[\s\-.()]", "", value).upper()
    if not re.fullmatch(_LIKE_RESIDENT, form):
        return Reading(form, junk_in(form))
    if re.search(_ONE_DIGIT_RUN, form):
        return Reading(form, NoLink.REPEATED_DIGIT)
    if not (_RESIDENT.match(form) and _is_day(form[6:14]) and mod_11_2.is_valid(form)):
        return Reading(form, NoLink.FAILED_CHECK_DIGIT)
    return Reading(form)


def _is_day(text: str) -> bool:
    """Say whether eight digits are a day of the years 1900 to 2099."""
    try:
        return datetime.strptime(text, "%Y%m%d").year in range(1900, 2100)
    except ValueError:
        return False


#: What many devices say alike: Android's constant MAC, the emulator's and one maker's id,
#: the default serial number, words for a sort of device, and the numbers that documentation gives
#: as examples.
SHARED_DEVICES: frozenset[str] = frozenset(
    (
        *("02:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "00:11:22:33:44:55", "9774d56d682e549c"),
        *("0123456789abcdef", "1234567890abcdef", "dead00beef", "generic", "emulator", "goldfish"),
        *("004999010640000", "490154203237518", "358240051111110", "352099001761481"),
        *("123456789012347", "12345678-1234-1234-1234-123456789012"),
        *("android", "ios", "iphone", "ipad", "web", "browser", "mobile", "phone", "tablet", "pc"),
        *("desktop", "device", "localhost", "unknown device", "test device", "test-device"),
    )
)
_UUID = re.compile(r"^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$", re.IGNORECASE)
_MAC = re.compile(r"^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$", re.IGNORECASE)
_IMEI = re.compile(r"^[0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{6}[ -]?[0-9]$")
_CISCO_MAC = re.compile(r"^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}$", re.IGNORECASE)
_ALL_ONES = r"^[fF][fF:-]{7,}$"
_ODD_DEVICE = (
    _ALL_ONES + r"|^[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}$"
    r"|[:{}\s]|^[0-9A-Fa-f-]*[A-F][0-9A-Fa-f-]*-[0-9A-Fa-f-]*$"
)


def is_plain_device(text: pl.Series) -> pl.Series:
    """Mark device ids that no rule changes: most systems give their own."""
    shared = text.str.to_lowercase().is_in(list(SHARED_DEVICES))
    return ~(may_be_junk(text) | shared | text.str.contains(_ODD_DEVICE))


def read_device(value: str, _region: str | None = None) -> Reading:
    """Read one device id: UUID and MAC in lower case, IMEI in digits, others as they are."""
    if junk := junk_in(value):
        return Reading(value, junk)
    form = value
    if uuid := _UUID.match(value):
        form = uuid[1].lower()
    elif _MAC.match(value):
        form = value.lower().replace("-", ":")
    elif _CISCO_MAC.match(value):
        digits = value.lower().replace(".", "")
        form = ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
    elif _IMEI.match(value):
        form = re.sub(r"[ -]", "", value)
    shared = form.lower() in SHARED_DEVICES or re.match(_ALL_ONES, form)
    return Reading(form, NoLink.PLACEHOLDER if shared else junk_in(form))


_ODD_SPACE = r"\s{2,}|[^\S ]"


def is_plain_address(text: pl.Series) -> pl.Series:
    """Mark addresses with single spaces."""
    return ~(may_be_junk(text) | text.str.contains(_ODD_SPACE))


def read_address(value: str, _region: str | None = None) -> Reading:
    """Read one address: single spaces, and nothing else changed; places are not looked up."""
    form = " ".join(value.split())
    return Reading(form, junk_in(form))
