"""Ids: new ones are never given twice, whatever threads and forks ask for them."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from dog.errors import InvalidInput
from dog.storage.ids import clean_id, clean_optional_id, new_id


@pytest.mark.parametrize(("given", "found"), [("7", "7"), (7, "7"), (7.0, "7"), (0, "0"), (-1, "-1"), ("7.0", "7.0")])
def test_a_whole_number_stands_for_its_digits(given: object, found: str) -> None:
    assert (clean_id(given, "id"), clean_optional_id(given, "id")) == (found, found)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (None, "contact_id is missing or empty; give a string of 1 to 256 bytes"),
        ("", "contact_id is missing or empty; give a string of 1 to 256 bytes"),
        (True, "contact_id must be a string, not a boolean"),
        (7.5, "contact_id must be a string, not a number with a fraction"),
        (["c1"], "contact_id must be a string, not a list"),
        ({"id": "c1"}, "contact_id must be a string, not an object"),
    ],
)
def test_what_is_no_id_is_refused_by_what_it_is(given: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_id(given, "contact_id")

    assert refused.value.message == sentence


def test_an_optional_id_may_be_null_or_empty_but_nothing_else() -> None:
    assert (clean_optional_id(None, "id"), clean_optional_id("", "id")) == (None, None)
    with pytest.raises(InvalidInput):
        clean_optional_id(False, "id")


def test_many_threads_never_get_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [new_id() for _ in range(2000)], range(8)))
    ids = {one for batch in batches for one in batch}

    assert len(ids) == 16_000
    assert {len(one) for one in ids} == {32}


def test_a_forked_child_does_not_go_on_with_its_parents_bytes() -> None:
    new_id()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, "".join(new_id() for _ in range(50)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read, 10_000).decode()
    ours = "".join(new_id() for _ in range(50))

    assert len(theirs) == len(ours) == 1600
    assert theirs != ours
