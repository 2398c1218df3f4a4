"""Errors are an interface: one root, a few nouns, and the exit code each one means.

Every message says what was found, what was expected, and what to do next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the command line returns, in one place (documented in docs/cli.md)."""

    CLEAN = 0
    USAGE = 2
    QUARANTINED = 3
    REFUSED = 4
    LOCKED = 5
    BACKEND_UNAVAILABLE = 6
    INTEGRITY = 7
    BREAKER = 8


#: What moves a cursor, hides, turns the direction of writing, or is no character at all.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def harmless(text: str, *, one_line: bool = False) -> str:
    """Return text that is safe to print: names of files and columns may hold anything."""
    safe = _UNSAFE.sub("?", text)
    return safe.replace("\n", "?") if one_line else safe


class GraphRiskError(Exception):
    """Root of every error that graphrisk raises on purpose.

    Parameters
    ----------
    found
        What was met, in words a user can act on. Personal values are masked by the caller.
    expected
        What should have been there instead.
    hint
        What to do next.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTEGRITY

    def __init__(self, found: str, *, expected: str = "", hint: str = "") -> None:
        self.found = harmless(found)
        self.expected = harmless(expected)
        self.hint = harmless(hint)
        parts = [self.found]
        if self.expected:
            parts.append(f"expected: {self.expected}")
        if self.hint:
            parts.append(f"next: {self.hint}")
        super().__init__("; ".join(parts))


class UsageError(GraphRiskError):
    """A command or a call was made with arguments that do not fit."""

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE


class PolicyError(GraphRiskError):
    """A policy file is not valid: unknown key, wrong type, or thresholds out of order."""

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE


class MappingError(GraphRiskError):
    """A mapping file is not valid, or names a table or column that graphrisk does not know."""

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE


class InputRefused(GraphRiskError):
    """A file, or the whole dataset, can't be used. ``faults`` holds every fault found."""

    exit_code: ClassVar[ExitCode] = ExitCode.REFUSED

    def __init__(
        self, found: str, *, expected: str = "", hint: str = "", faults: Sequence[str] = ()
    ) -> None:
        super().__init__(found, expected=expected, hint=hint)
        self.faults = tuple(harmless(fault, one_line=True) for fault in faults)


class StorageUnavailable(GraphRiskError):
    """A place to write to can't be used: no room, no permission, no such volume."""

    exit_code: ClassVar[ExitCode] = ExitCode.BACKEND_UNAVAILABLE


class Locked(GraphRiskError):
    """Another run holds the book, or took it over while this one stood still."""

    exit_code: ClassVar[ExitCode] = ExitCode.LOCKED


class Frozen(GraphRiskError):
    """Stopped until people say otherwise: the breaker tripped, or actions are halted."""

    exit_code: ClassVar[ExitCode] = ExitCode.BREAKER


class IntegrityFailure(GraphRiskError):
    """A promise did not hold: rows do not balance, terms do not sum, a file was altered."""

    exit_code: ClassVar[ExitCode] = ExitCode.INTEGRITY


class NotConverged(IntegrityFailure):
    """A propagation kernel did not reach its fixed point within its limit of rounds."""
