"""Values that stand for nobody: placeholders, masked values, all-same digits.

A reading is what one distinct value of an identifier column becomes. The patterns here hold for
every kind; each kind adds its own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl

from graphrisk.intake.codes import NoLink, Normalised

#: Words that forms and exports write where nothing is known, compared in lower case.
JUNK_WORDS: frozenset[str] = frozenset(
    (
        *("unknown", "unavailable", "undefined", "unspecified", "anonymous", "missing", "empty"),
        *("none", "null", "nil", "nan", "na", "n/a", "n.a.", "nul", "void", "not available"),
        *("test", "tester", "testing", "dummy", "example", "sample", "default", "todo", "tbd"),
        *("no", "false", "-", "--", "---", ".", "..", "...", "?", "??", "???", "*", "/", "0", "-1"),
        *("(null)", "<null>", "[null]", "{null}", "(none)", "<none>", "(blank)", "(empty)", "\\n"),
        *("<unset>", "unset", "(unknown)", "<unknown>", "[object object]", "{}", "[]", "()", "<>"),
        *("not applicable", "not provided", "not set", "not given", "not known", "no data"),
        *("nodata", "same as above", "as above", "n.a", "n/d", "true", "yes", "unbekannt"),
        *("#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#num!", "#null!"),
        *("同上", "未提供", "未填", "未填写", "不知道", "不明", "待补", "略", "地址"),
        *("无", "没有", "未知", "不详", "暂无", "空", "测试", "匿名"),
    )
)
_LONGEST_WORD = max(map(len, JUNK_WORDS))
#: A value that was masked before export is the same for everyone with the same ends.
MASKED_VALUE = r"\*{2,}|[xX]{4,}|#{3,}|[•●×＊]{2,}"
_ONE_DIGIT = "|".join(f"{digit}{{2,}}" for digit in range(10))
#: Nothing but one digit, with or without separators, as 0000 or 00:00:00.
REPEATED_DIGIT = rf"^(?:{_ONE_DIGIT}|0(?:[:.\-_ /]?0)+)$"
#: Digits in a row, as people type to get past a form.
_ROWS = ("0123456789", "1234567890", "9876543210", "0987654321", "123456789012345")
_SEPARATORS = re.compile(r"[\s\-._/():+]")

_masked = re.compile(MASKED_VALUE)
_repeated = re.compile(REPEATED_DIGIT)


class Reading(NamedTuple):
    """What one value becomes: its form, why it links nobody (if so), what to count (if so)."""

    value: str
    no_link: NoLink | None = None
    note: Normalised | None = None


def junk_in(value: str) -> NoLink | None:
    """Say why a value of any kind links nobody; None where nothing speaks against it."""
    bare = _SEPARATORS.sub("", value)
    if value.lower() in JUNK_WORDS or not bare or _is_typed_in_order(bare):
        return NoLink.PLACEHOLDER
    if _masked.search(value):
        return NoLink.MASKED
    if _repeated.match(value) or _repeated.match(bare):
        return NoLink.REPEATED_DIGIT
    return None


def _is_typed_in_order(digits: str) -> bool:
    """Say whether digits are five or more in the order of the keys."""
    return len(digits) > 4 and any(row.startswith(digits) for row in _ROWS)


def may_be_junk(text: pl.Series) -> pl.Series:
    """Mark the values that ``junk_in`` has to look at (Boolean); never fewer than it refuses."""
    return ~is_text_with(text, "[a-zA-Z]")


def is_text_with(text: pl.Series, letter: str) -> pl.Series:
    """Mark what has a letter that fits, and is neither a word for nothing nor masked: no junk."""
    is_text = text.str.contains(letter) & ~text.str.contains(MASKED_VALUE)
    shortest = text.str.len_chars().min()
    if isinstance(shortest, int) and shortest > _LONGEST_WORD:  # no letter is lost in lower case
        return is_text
    return is_text & ~text.str.to_lowercase().is_in(list(JUNK_WORDS))


def has_letters(value: str) -> bool:
    """Say whether a value has a letter: then it may be a token that a system made up."""
    return any(letter.isalpha() for letter in value)


def opaque(value: str) -> Reading:
    """Keep a value that has not the form of its kind, such as a token or a keyed hash."""
    return Reading(value, None, Normalised.OPAQUE_IDENTIFIER)
