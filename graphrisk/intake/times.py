"""Times as they were supplied, to microseconds in UTC."""

from __future__ import annotations

import re
from datetime import UTC, timedelta

import polars as pl

from graphrisk.errors import InputRefused
from graphrisk.intake.cells import Column, Moment, blank, trim
from graphrisk.intake.codes import FaultCode, Normalised

_LATEST_SKEW = timedelta(minutes=5)
_FIRST_YEAR, _LAST_YEAR = 1971, 2200

_ISO = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?)?$"
)
_PLAIN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$"
_OFFSET = r"([+-])([0-2][0-9]):?([0-5][0-9])?$"
_CLOCK = 10  # where the clock starts, after the date
_EPOCH = r"^-?[0-9]+$"
_DAY_OR_MONTH = r"^[0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:[0-9]{2}){1,2}\b"

#: Units of a count since 1970, with the counts that fall in 1971 to 2200. They don't overlap.
_EPOCH_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_EPOCH_FIRST_S, _EPOCH_LAST_S = 31_536_000, 7_289_654_400


def clean_times(column: Column, moment: Moment) -> None:
    """Turn a column of text, counts since 1970, dates or date-times into UTC."""
    dtype = column.values.dtype
    if dtype == pl.Date:
        column.values = column.values.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    elif isinstance(dtype, pl.Datetime):
        given = column.values.cast(pl.Datetime("us", dtype.time_zone))
        column.values = given
        if dtype.time_zone is None:
            _localise(column, given.is_not_null(), moment.timezone)
        column.values = column.values.dt.convert_time_zone("UTC")
        _reject_unread(column, given, is_sentinel=given.is_null())
    elif dtype.is_integer() or dtype.is_float():
        # pandas turns integers into floats where a value is missing.
        given = column.values.fill_nan(None) if dtype.is_float() else column.values
        column.values, is_sentinel = _read_epochs(column, given.cast(pl.Int64, strict=False))
        if dtype.is_float():  # seconds may have a fraction
            column.values = column.values + _fraction(given)
        _reject_unread(column, given, is_sentinel)
    else:
        column.values = column.values.cast(pl.String)
        trim(column)
        _refuse_day_or_month(column)
        _read_text(column, moment.timezone)
    _drop_sentinels(column)
    if moment.received_at is not None and column.spec.is_event_time:
        latest = moment.received_at.astimezone(UTC) + _LATEST_SKEW
        column.reject(FaultCode.FUTURE_TIME, column.values > latest)


def _refuse_day_or_month(column: Column) -> None:
    """Raise where a whole column is written like 01/02/2024: either of two days, in every row."""
    first = column.values.first(ignore_nulls=True)
    if not isinstance(first, str) or not re.match(_DAY_OR_MONTH, first):  # nearly always
        return
    n_given = column.values.len() - column.values.null_count()
    n_slashed = int(column.values.str.contains(_DAY_OR_MONTH).sum())
    if n_given > 1 and n_slashed == n_given:
        raise InputRefused(
            f"column {column.values.name!r} holds dates such as 01/02/2024, of which the day and "
            "the month can't be told apart",
            expected="ISO 8601, such as 2024-02-01",
            hint="export the column in that form",
        )


def _drop_sentinels(column: Column) -> None:
    """Read moments like 1900-01-01 and 9999-12-31 as missing: they stand for no time."""
    year = column.values.dt.year()
    is_sentinel = ((year < _FIRST_YEAR) | (year > _LAST_YEAR)).fill_null(False)
    if is_sentinel.any():
        column.counts[Normalised.SENTINEL_TIME_MISSING] += int(is_sentinel.sum())
        column.values = blank(column.values, is_sentinel)


def _reject_unread(column: Column, given: pl.Series, is_sentinel: pl.Series) -> None:
    """Reject the cells that held something and were not read as a time."""
    column.reject(FaultCode.BAD_TIME, given.is_not_null() & column.values.is_null() & ~is_sentinel)


def _read_text(column: Column, timezone: str | None) -> None:
    """Read ISO 8601 text, and counts since 1970 in digits; a column may hold both."""
    if _read_plain(column):
        return
    text = column.values
    is_epoch = text.str.contains(_EPOCH).fill_null(False)
    is_iso = text.str.contains(_ISO).fill_null(False)
    _read_iso(column, blank(text, ~is_iso), timezone)
    is_sentinel = ~is_epoch & False
    if is_epoch.any():
        counts = blank(text, ~is_epoch).cast(pl.Int64, strict=False)
        counted, is_sentinel = _read_epochs(column, counts)
        column.values = column.values.fill_null(counted)
    _reject_unread(column, text, is_sentinel)


def _read_plain(column: Column) -> bool:
    """Read a column that is written in UTC and to the second throughout; say whether it was."""
    text = column.values
    if not text.str.contains(_PLAIN).all():
        return False
    times = text.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False, time_unit="us", cache=False)
    if times.null_count() > text.null_count():  # a day or an hour that there is not
        return False
    column.values = times.dt.replace_time_zone("UTC")
    return True


def _read_iso(column: Column, text: pl.Series, timezone: str | None) -> None:
    """Read text known to have the form of ISO 8601; what is no date stays null."""
    clock = text.str.slice(_CLOCK)
    is_date = clock.str.len_bytes() == 0
    body = text.str.slice(0, 19)
    if is_date.any():
        body = body.zip_with(~is_date.fill_null(False), body + "T00:00:00")
    is_short = text.str.contains(r"^.{13}:[0-9]{2}(?:[^:0-9]|$)")
    if is_short.any():  # hours and minutes only
        body = body.zip_with(~is_short.fill_null(False), text.str.slice(0, 16) + ":00")
    if body.str.contains(" ", literal=True).any():
        body = body.str.replace(" ", "T", literal=True)
    # A cache of parsed texts would only grow: moments seldom repeat.
    column.values = body.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us", cache=False
    )
    if clock.str.contains(".", literal=True).any():
        digits = clock.str.extract(r"\.([0-9]{1,6})").str.pad_end(6, "0")
        fraction = digits.cast(pl.Int64).fill_null(0).cast(pl.Duration("us"))
        column.values = column.values + fraction
    is_aware = clock.str.contains(r"[Z+-]") | is_date
    offset = _offset(clock)
    _localise(column, ~is_aware, timezone)
    if offset is not None:
        column.values = column.values - offset


def _offset(clock: pl.Series) -> pl.Series | None:
    """Return the offset from UTC as a duration, zero where there is none; None if none has."""
    if not clock.str.contains(r"[+-]").any():
        return None
    hours = clock.str.extract(_OFFSET, 2).cast(pl.Int64).fill_null(0)
    minutes = clock.str.extract(_OFFSET, 3).cast(pl.Int64).fill_null(0)
    total = hours * 60 + minutes
    is_west = (clock.str.extract(_OFFSET, 1) == "-").fill_null(False)
    return (total.zip_with(~is_west, -total) * 60_000_000).cast(pl.Duration("us"))


def _localise(column: Column, is_naive: pl.Series, timezone: str | None) -> None:
    """Give times without an offset their zone: the declared one, or else UTC, which is counted."""
    as_utc = column.values.dt.replace_time_zone("UTC")
    n_naive = int((is_naive & column.values.is_not_null()).sum())
    if timezone is None and n_naive:
        column.counts[Normalised.NAIVE_TIME_READ_AS_UTC] += n_naive
    if timezone not in (None, "UTC") and n_naive:
        # The hour that a clock change repeats is read as its first pass; the one it skips is
        # no time at all.
        local = column.values.dt.replace_time_zone(
            timezone, ambiguous="earliest", non_existent="null"
        ).dt.convert_time_zone("UTC")
        last = column.values.dt.replace_time_zone(
            timezone, ambiguous="latest", non_existent="null"
        ).dt.convert_time_zone("UTC")
        n_repeated = int((is_naive & (local != last)).sum())
        if n_repeated:
            column.counts[Normalised.REPEATED_HOUR_READ_AS_FIRST] += n_repeated
        as_utc = as_utc.zip_with(~is_naive.fill_null(False), local)
    column.values = as_utc


def _fraction(counts: pl.Series) -> pl.Series:
    """Return what counts of seconds have behind the point; zero for counts of smaller units."""
    behind = blank(counts - counts.floor(), counts.abs() > _EPOCH_LAST_S)
    return (behind.fill_null(0.0).fill_nan(0.0) * 1e6).round().cast(pl.Duration("us"))


def _is_written_out(counts: pl.Series) -> pl.Series:
    """Mark 202405011230, which a clock wrote: as milliseconds it would be a day of 1976."""
    text = counts.cast(pl.String).str
    return text.contains(r"^20[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-5][0-9][0-5][0-9]$")


def _read_epochs(column: Column, counts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Read counts since 1970, in the unit that most of the column is in.

    Returns
    -------
    tuple
        The times, null for counts of another magnitude, and which counts (0 and -1) stand for
        no time.
    """
    counts = blank(counts, _is_written_out(counts))
    size = counts.abs()
    fits = {
        unit: size.is_between(_EPOCH_FIRST_S * factor, _EPOCH_LAST_S * factor).fill_null(False)
        for unit, factor in _EPOCH_UNITS.items()
    }
    unit = max(fits, key=lambda name: int(fits[name].sum()))
    column.counts[Normalised.EPOCH_READ] += int(fits[unit].sum())
    in_unit = blank(counts, ~fits[unit])
    scaled = in_unit // 1_000 if unit == "ns" else in_unit * (10**6 // _EPOCH_UNITS[unit])
    is_sentinel = counts.is_in([0, -1]).fill_null(False)
    if is_sentinel.any():
        column.counts[Normalised.SENTINEL_TIME_MISSING] += int(is_sentinel.sum())
    return scaled.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"), is_sentinel
