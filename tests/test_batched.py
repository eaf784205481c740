"""Values in lists of a size."""

from collections.abc import Iterator

from dog.batched import batched


def test_values_come_in_lists_of_a_size() -> None:
    assert list(batched("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]


def test_no_values_give_no_list() -> None:
    assert list(batched([], 2)) == []


def test_values_are_taken_as_the_lists_are_asked_for() -> None:
    taken = []

    def values() -> Iterator[int]:
        for value in range(6):
            taken.append(value)
            yield value

    assert next(batched(values(), 2)) == [0, 1]
    assert taken == [0, 1]
