"""Caches that hold a bounded number of values: a plain dictionary, emptied when it is full."""

from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def remember(cache: dict[Key, Value], key: Key, value: Value, *, most: int) -> Value:
    """Put a value into a cache of at most `most`, which is emptied first where it is full; return the value.

    Threads may share the cache, as what it held can always be made again.

    >>> squares = {1: 1, 2: 4}
    >>> remember(squares, 3, 9, most=2), squares
    (9, {3: 9})

    """
    if len(cache) >= most:
        cache.clear()
    cache[key] = value
    return value
