"""Times of a whole column, as `parse_instant` reads them one by one; what it may read otherwise is left to it."""

from datetime import tzinfo
from typing import Any

import numpy as np

from dog.core.iso_weeks import DAY_MS

UNREAD = -1
DIGITS = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
"""Places of the digits in 2026-11-20T10:00:00."""
SIGNS = {4: b"-", 7: b"-", 10: b"Tt ", 13: b":", 16: b":"}
LENGTHS = {20: b"Zz", 25: b"+-"}
"""Lengths of texts with Z and with an offset, and what follows the seconds."""


def column_instants(times: Any, zone: tzinfo) -> np.ndarray:
    """Return milliseconds since 1970 of an Arrow array of texts or times, `UNREAD` where not read; shape (rows,)."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, for Parquet alone
    import pyarrow.compute as pc  # noqa: PLC0415  # as above

    found = np.full(len(times), UNREAD, np.int64)
    if pa.types.is_timestamp(times.type):
        if times.type.tz is not None or str(zone) == "UTC":
            micros = times.cast(pa.timestamp("us", times.type.tz)).cast(pa.int64()).fill_null(-1_000_000)
            # in floats, as `parse_instant` has it
            found = np.floor(micros.to_numpy(zero_copy_only=False) / 1e6 * 1000).astype(np.int64)
        return np.maximum(found, UNREAD)
    if not (pa.types.is_string(times.type) or pa.types.is_large_string(times.type)):
        return found
    lengths = pc.binary_length(times).fill_null(0).to_numpy(zero_copy_only=False)
    for length, ends in LENGTHS.items():
        places = np.flatnonzero(lengths == length)
        if len(places):
            own = times if len(places) == len(times) else times.take(pa.array(places))
            found[places] = _read_texts(own.cast(pa.binary(length)), length, ends)
    return found


def _read_texts(times: Any, length: int, ends: bytes) -> np.ndarray:
    texts = np.frombuffer(times.buffers()[1], np.uint8, len(times) * length, times.offset * length)
    texts = texts.reshape(len(times), length)
    number = texts - np.uint8(ord("0"))
    offset = [20, 21, 23, 24] if length > 20 else []
    valid = (number[:, [*DIGITS, *offset]] <= 9).all(axis=1)
    for place, signs in {**SIGNS, 19: ends, **({22: b":"} if offset else {})}.items():
        valid &= np.isin(texts[:, place], list(signs))

    def two(place: int) -> np.ndarray:
        return number[:, place].astype(np.int64) * 10 + number[:, place + 1]

    year, month, day = two(0) * 100 + two(2), two(5), two(8)
    hour, minute, second = two(11), two(14), two(17)
    valid &= (year >= 1970) & (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(valid, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    after = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64)
    valid &= day <= after - first
    seconds = hour * 3600 + minute * 60 + second
    if offset:
        valid &= (two(20) < 24) & (two(23) < 60)
        seconds -= np.where(texts[:, 19] == ord("-"), -1, 1) * (two(20) * 3600 + two(23) * 60)
    at_ms = (first + day - 1) * DAY_MS + seconds * 1000
    return np.where(valid & (at_ms >= 0), at_ms, UNREAD)
