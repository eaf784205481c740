"""Numbers of channels, times and segments: one byte each in the records of pitches, at most 255 of each."""

from collections.abc import Sequence

from dog.core.records import ATTRIBUTES
from dog.storage.store import Store

NUMBERED = (*ATTRIBUTES, "segment")
LONGEST_VALUE = 256
"""Characters; a longer value gets no number."""


def number_values(store: Store, values: Sequence[tuple[str, str]]) -> list[int]:
    """Return the numbers of values, given with their attributes; new ones get the next.

    0, for not known: a value that is empty or too long, or the 256th of its attribute.
    """
    named = sorted({one for one in values if 0 < len(one[1]) <= LONGEST_VALUE})
    if not named:
        return [0] * len(values)
    keys = [store.keys.of("values", attribute) for attribute, _ in named]
    found = store.run_script("number_values", keys, [value.encode() for _, value in named])
    numbers = dict(zip(named, found, strict=True))
    return [numbers.get(one, 0) for one in values]


def read_value_numbers(store: Store) -> dict[str, dict[str, int]]:
    """Read the number of every value, by attribute."""
    answers = store.execute_all(("HGETALL", store.keys.of("values", attribute)) for attribute in NUMBERED)
    return {
        attribute: {value.decode(): int(number) for value, number in found.items()}
        for attribute, found in zip(NUMBERED, answers, strict=True)
    }
