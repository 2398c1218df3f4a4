"""Time inside arrays: whole microseconds since 1970 in UTC, with one value for 'not known'."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

#: Stands for a time that is not known; smaller than every real time.
NO_TIME: int = int(np.iinfo(np.int64).min)

DAY_US: int = 86_400_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_microseconds(moment: datetime | None) -> int:
    """Convert an aware datetime to microseconds since 1970; None becomes ``NO_TIME``."""
    if moment is None:
        return NO_TIME
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(moment_us: int) -> datetime | None:
    """Convert microseconds since 1970 to an aware datetime; ``NO_TIME`` becomes None."""
    if moment_us == NO_TIME:
        return None
    return _EPOCH + timedelta(microseconds=int(moment_us))


def iso(moment: datetime | None) -> str:
    """Write a time as ISO 8601 in UTC with a ``Z``; an unknown one as an empty string."""
    if moment is None:
        return ""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{text}Z"
