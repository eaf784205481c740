"""Count and date the past events of contacts for each of their options."""

import numpy as np
from numba import types

from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.array_types import INTEGER_TABLE, INTEGERS, array_of
from dog.core.kernels.compiled import compiled
from dog.core.records import OUTCOME, VERDICT

RECORD_BYTES = array_of(types.uint8, 2)


def _offsets(kind: np.dtype) -> tuple[int, int, int]:
    """Return where type, product and time are in a record of a ledger."""
    offsets = {name: kind.fields[name][1] for name in ("type", "product", "at")} if kind.fields else {}
    return offsets["type"], offsets["product"], offsets["at"]


OF_OUTCOME, OF_VERDICT = _offsets(OUTCOME), _offsets(VERDICT)

BY_CONTACT, BY_PAIR, BY_CATEGORY, BY_PRODUCT = range(4)
"""Whose events a window counts. Those of products over all contacts are counted elsewhere."""


@compiled((RECORD_BYTES, types.int64, types.int64, types.int64, types.int64[:, ::1]))
def _unpack(records: np.ndarray, of_type: int, of_product: int, of_time: int, events: np.ndarray) -> None:
    """Write type, product and time of packed records, shape (records, bytes), given where in a record they are."""
    for row in range(len(records)):
        product, at_ms = np.int64(0), np.int64(0)
        for byte in range(4):  # little-endian
            product += np.int64(records[row, of_product + byte]) << 8 * byte
        for byte in range(8):  # big-endian
            at_ms = at_ms << 8 | np.int64(records[row, of_time + byte])
        events[row, 0], events[row, 1], events[row, 2] = records[row, of_type], product, at_ms


def unpack_events(outcomes: np.ndarray, verdicts: np.ndarray) -> np.ndarray:
    """Return type, product and time of a contact's outcomes, then of its verdicts, shape (events, 3)."""
    events = np.empty((len(outcomes) + len(verdicts), 3), np.int64)
    if len(outcomes):
        _unpack(outcomes.view(np.uint8).reshape(-1, OUTCOME.itemsize), *OF_OUTCOME, events[: len(outcomes)])
    if len(verdicts):
        _unpack(verdicts.view(np.uint8).reshape(-1, VERDICT.itemsize), *OF_VERDICT, events[len(outcomes) :])
    return events


@compiled()
def _count(
    events: np.ndarray, begin: int, end: int, window: np.ndarray, now_ms: int, categories: np.ndarray, held: np.ndarray
) -> int:
    """Add a contact's events in a window to `held`, by product or category; return how many there are."""
    count = 0
    for row in range(begin, end):
        kind, product, at_ms = events[row]
        if kind != window[0] or at_ms <= now_ms - window[2] * DAY_MS:
            continue
        count += 1
        if window[1] == BY_PAIR and product < len(held) - 1:
            held[product] += 1
        elif window[1] == BY_CATEGORY and product < len(held) - 1:
            held[categories[product]] += 1
    return count


@compiled((INTEGER_TABLE, INTEGERS, INTEGERS, INTEGERS, INTEGERS, INTEGER_TABLE, types.int64))
def count_past_events(
    events: np.ndarray,
    bounds: np.ndarray,
    starts: np.ndarray,
    products: np.ndarray,
    categories: np.ndarray,
    windows: np.ndarray,
    now_ms: int,
) -> np.ndarray:
    """Return the events in each window for each option, shape (windows, options); 0 in windows by product.

    Parameters
    ----------
    events
        Type, product and time of the events of contacts end to end, shape (events, 3).
    bounds
        Where each contact's events begin, and the end of the last, shape (contacts + 1,).
    starts, products
        Where each contact's options begin, and the end of the last, shape (contacts + 1,); their products.
    categories
        Number of each product's category, below the number of products, shape (products + 1,).
    windows
        Type of the events that count, whose they are, and how many days back, shape (windows, 3).
    now_ms
        Milliseconds since 1970.

    """
    counts = np.zeros((len(windows), len(products)), np.int64)
    held = np.zeros(len(categories), np.int64)
    for number in range(len(windows)):
        window = windows[number]
        for contact in range(len(starts) - 1):
            begin, end = bounds[contact], bounds[contact + 1]
            if window[1] == BY_PRODUCT or begin == end:
                continue
            count = _count(events, begin, end, window, now_ms, categories, held)
            for option in range(starts[contact], starts[contact + 1] if count else 0):
                if window[1] == BY_CONTACT:
                    counts[number, option] = count
                elif window[1] == BY_PAIR:
                    counts[number, option] = held[products[option]]
                else:
                    counts[number, option] = held[categories[products[option]]]
            if count:
                held[:] = 0
    return counts


@compiled((INTEGER_TABLE, INTEGERS, INTEGERS, INTEGERS, INTEGERS, types.int64, types.int64))
def days_since_last(
    events: np.ndarray,
    bounds: np.ndarray,
    starts: np.ndarray,
    products: np.ndarray,
    kinds: np.ndarray,
    product_count: int,
    now_ms: int,
) -> np.ndarray:
    """Return the days since the last event of each kind of each option's pair, NaN where there was none.

    Arguments are as of `count_past_events`; `kinds` are types of events, `product_count` those of the catalogue. Shape
    (kinds, options).
    """
    days = np.full((len(kinds), len(products)), np.nan)
    last_ms = np.full(product_count + 1, -1, np.int64)
    for number in range(len(kinds)):
        for contact in range(len(starts) - 1):
            begin, end = bounds[contact], bounds[contact + 1]
            for row in range(begin, end):
                kind, product, at_ms = events[row]
                if kind == kinds[number] and product < product_count:
                    last_ms[product] = at_ms
            for option in range(starts[contact], starts[contact + 1] if end > begin else 0):
                if last_ms[products[option]] >= 0:
                    days[number, option] = max(0, now_ms - last_ms[products[option]]) / DAY_MS
            if end > begin:
                last_ms[:] = -1
    return days
