import threading
from collections.abc import Iterator

import pytest

from dog.services.prefetch import WriteBehind, prefetch


def test_all_items_come_in_order() -> None:
    assert list(prefetch(iter(range(5)))) == [0, 1, 2, 3, 4]


def test_the_next_item_is_read_while_one_is_worked_on() -> None:
    second_is_read = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second_is_read.set()
        yield 2

    for _ in prefetch(items()):
        assert second_is_read.wait(60)


def test_calls_are_made_in_order_and_the_last_is_waited_for() -> None:
    written: list[int] = []
    with WriteBehind() as behind:
        for number in range(5):
            behind.call(written.append, number)

    assert written == [0, 1, 2, 3, 4]


def test_what_a_call_raises_comes_out_at_the_end() -> None:
    def fail() -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), WriteBehind() as behind:
        behind.call(fail)
