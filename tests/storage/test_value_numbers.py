"""Numbers of channels and times: given once, the same for all, at most 255."""

from concurrent.futures import ThreadPoolExecutor

from dog.storage.store import Store
from dog.storage.value_numbers import number_values, read_value_numbers


def test_a_value_keeps_its_number_and_each_attribute_counts_for_itself(store: Store) -> None:
    first = number_values(store, [("channel", "email"), ("channel", "call"), ("time", "email")])

    assert sorted(first[:2]) == [1, 2]
    assert first[2] == 1
    assert number_values(store, [("channel", "call"), ("channel", "post"), ("channel", "call")]) == [
        first[1],
        3,
        first[1],
    ]
    assert read_value_numbers(store)["channel"].keys() == {"email", "call", "post"}


def test_a_value_that_is_empty_or_too_long_or_beyond_the_255th_has_none(store: Store) -> None:
    assert number_values(store, [("channel", ""), ("channel", "x" * 257)]) == [0, 0]
    numbers = number_values(store, [("time", f"t{number}") for number in range(300)])

    assert sorted(numbers) == [0] * 45 + list(range(1, 256))
    assert number_values(store, [("time", "later")]) == [0]


def test_two_processes_never_give_one_number_twice(store: Store) -> None:
    def number(worker: int) -> list[int]:
        return [number_values(store, [("channel", f"c{(worker + step) % 40}")])[0] for step in range(40)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(number, range(4)))
    found = read_value_numbers(store)["channel"]

    assert sorted(found.values()) == list(range(1, 41))
