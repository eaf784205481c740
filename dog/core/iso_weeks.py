"""ISO times, and ISO weeks as running numbers with the instants at which they end in a time zone.

A week is an integer: 0 is the ISO week of Monday 1970-01-05; the next is 1. Numbers make 'the week before'
and 'every due week' plain arithmetic, also across New Year and in years of 53 weeks.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

import numpy as np

SECOND_MS = 1_000
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
FIRST_MONDAY = date(1970, 1, 5)
PATTERN = re.compile(r"(\d{4})-W(\d{2})")


def iso_time(at_ms: int, timespec: str = "milliseconds") -> str:
    """Write a time in milliseconds since 1970 as ISO 8601, in UTC."""
    if timespec == "milliseconds":
        return f"{_utc_second(at_ms // SECOND_MS)}.{at_ms % SECOND_MS:03}+00:00"
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec=timespec)


@lru_cache(maxsize=16)  # all lists of a second tell it
def _utc_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat(timespec="seconds").removesuffix("+00:00")


def utc_time(at_ms: int, timespec: str = "milliseconds") -> str:
    """Write a time in milliseconds since 1970 as ISO 8601, in UTC, with Z at its end.

    >>> utc_time(0, "seconds")
    '1970-01-01T00:00:00Z'

    """
    return iso_time(at_ms, timespec).replace("+00:00", "Z")


def parse_week(text: str) -> int:
    """Read `2026-W46`.

    Raises
    ------
    ValueError
        It is not an ISO week; the message says what one looks like.

    Examples
    --------
    >>> parse_week("2020-W53") + 1 == parse_week("2021-W01")
    True

    """
    match = PATTERN.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not an ISO week; write it as 2026-W46")
    try:
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise ValueError(f"'{text}' is not an ISO week: {match[1]} has no week {match[2]}") from None
    return (monday - FIRST_MONDAY).days // 7


@lru_cache(maxsize=128)  # every decision tells its week
def format_week(week: int) -> str:
    """Write a week as `2026-W46`.

    Examples
    --------
    >>> format_week(parse_week("2026-W46"))
    '2026-W46'

    """
    year, number, _ = (FIRST_MONDAY + timedelta(weeks=week)).isocalendar()
    return f"{year}-W{number:02}"


def utc_weeks(at_ms: np.ndarray) -> np.ndarray:
    """Return the weeks of instants (milliseconds since 1970) in UTC, of the same shape.

    >>> utc_weeks(np.array([4 * DAY_MS, 11 * DAY_MS - 1, 11 * DAY_MS])).tolist()
    [0, 0, 1]

    """
    return (at_ms - 4 * DAY_MS) // WEEK_MS


def day_end_ms(day: date, zone: tzinfo) -> int:
    """Return the instant at which a day ends in a time zone, milliseconds since 1970.

    >>> day_end_ms(date(1970, 1, 1), UTC) == DAY_MS
    True

    """
    return round(datetime.combine(day + timedelta(days=1), time(), zone).timestamp() * 1000)


def week_of(at_ms: int, zone: tzinfo) -> int:
    """Return the week of an instant (milliseconds since 1970) in a time zone.

    Examples
    --------
    >>> format_week(week_of(1_767_225_599_000, UTC))   # 2025-12-31 23:59:59
    '2026-W01'

    """
    day = datetime.fromtimestamp(at_ms / 1000, zone).date()
    return (day - FIRST_MONDAY).days // 7


def week_end_ms(week: int, zone: tzinfo) -> int:
    """Return the first instant after a week, in milliseconds since 1970.

    Examples
    --------
    >>> datetime.fromtimestamp(week_end_ms(parse_week("2026-W46"), UTC) / 1000, UTC).isoformat()
    '2026-11-16T00:00:00+00:00'

    """
    monday = FIRST_MONDAY + timedelta(weeks=week + 1)
    return round(datetime.combine(monday, time(), zone).astimezone(UTC).timestamp() * 1000)
