"""The values of a mapping, each checked: what is wrong is said with what was expected."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from graphrisk.errors import MappingError
from graphrisk.intake.phones import phone_regions
from graphrisk.intake.rules import Limits
from graphrisk.intake.sniff import ENCODINGS

#: How much of a wrong value a message repeats.
MOST_CHARS = 80
_LIMIT_KEYS = {
    "most_quarantined_share": "of a file's rows (default: 0.05)",
    "least_rows_share": "of the rows that a file had before (default: 0.5)",
}


def leads_elsewhere(name: str) -> bool:
    """Say whether a name could be a path, to outside of the folder."""
    return bool(re.search(r"[/\\\x00]", name))


def parse_encoding(name: str, encoding: object) -> str:
    """Check that the declared encoding is one that is read."""
    if encoding not in ENCODINGS:
        raise MappingError(
            f"mapping {name!r}: encoding {encoding!r}",
            expected=f"one of {', '.join(ENCODINGS)}; gb18030 reads GBK and GB2312 too",
            hint="save files of any other encoding as UTF-8",
        )
    return str(encoding)


def parse_extensions(name: str, value: object) -> tuple[str, ...]:
    """Check the endings of files; each is written without its point."""
    endings = strings(f"mapping {name!r}, extension", value)
    if not endings or any(ending.startswith(".") or leads_elsewhere(ending) for ending in endings):
        raise MappingError(
            f"mapping {name!r}: extension {value!r}",
            expected="an ending such as csv, without the point, or a list of them",
        )
    return endings


def parse_region(name: str, region: object) -> str | None:
    """Check that the declared country has telephone numbers."""
    if region is not None and str(region) not in phone_regions():
        raise MappingError(
            f"mapping {name!r}: phone_region {region!r}",
            expected="two capital letters of ISO 3166, such as CN",
        )
    return None if region is None else str(region)


def parse_limits(name: str, entry: Mapping[str, Any]) -> Limits:
    """Build the limits; each is a share."""
    where = f"mapping {name!r}, limits"
    check_table(where, entry, "limits such as most_quarantined_share = 0.05")
    check_keys(where, entry, _LIMIT_KEYS)
    for key, share in entry.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise MappingError(f"{where}: {key} = {share!r}", expected="a number from 0 to 1")
    return Limits(**{key: float(share) for key, share in entry.items()})


def parse_timezone(name: str, timezone: object) -> str | None:
    """Check that the declared zone exists."""
    if timezone is None:
        return None
    try:
        return ZoneInfo(str(timezone)).key
    except (KeyError, ValueError, OSError) as error:
        raise MappingError(
            f"mapping {name!r}: no time zone {timezone!r}",
            expected="an IANA name, such as UTC or Asia/Shanghai",
        ) from error


def strings(where: str, value: object) -> tuple[str, ...]:
    """Return one string, or a list of strings, as a tuple."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) and one for one in values):
        raise MappingError(f"{where}: {value!r}", expected="text, or a list of texts, not empty")
    return tuple(values)


def check_table(where: str, value: object, expected: str) -> None:
    """Raise for what should be a table of TOML and is something else."""
    if not isinstance(value, dict):
        raise MappingError(f"{where} is not a table: {said(value)}", expected=expected)


def said(value: object) -> str:
    """Say in a few characters what a value is."""
    text = repr(value)
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}…"


def check_keys(where: str, given: Mapping[str, Any], known: Mapping[str, str]) -> None:
    """Raise for the first key that the schema does not have."""
    check_known(where, given, known, "key")


def check_known(where: str, given: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raise for the first name that is not known, with the nearest one as a hint."""
    names = tuple(known)
    for name in given:
        if name not in names:
            raise MappingError(
                f"{where}: unknown {what} {name!r}",
                expected=f"one of {', '.join(names)}",
                hint=did_you_mean(name, names) or "correct the spelling, or remove it",
            )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known spelling, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else ""
