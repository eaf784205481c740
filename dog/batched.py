"""Values in lists of a size; `itertools.batched` does it from Python 3.12 on."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Value = TypeVar("Value")


def batched(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """Yield values in lists of a size, the last one shorter; of these, one is held at a time.

    >>> list(batched("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    left = iter(values)
    while some := list(islice(left, size)):
        yield some
        del some  # before the next is read
