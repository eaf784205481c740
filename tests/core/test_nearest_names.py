from difflib import SequenceMatcher

import pytest

from dog.core import nearest_names
from dog.core.nearest_names import COMPARED, find_nearest


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("egs", "eggs"), ("EGGS", "eggs"), ("soft drink", "soft-drinks"), ("Müsli", "müsli"), ("carrier-pigeon", None)],
)
def test_the_nearest_name_is_found_whatever_its_capitals(wanted: str, found: str | None) -> None:
    known = ["milk", "eggs", "soft-drinks", "müsli", "call"]
    (index,) = find_nearest([wanted], known)

    assert (None if index is None else known[index]) == found


def test_nothing_is_near_where_nothing_is_known() -> None:
    assert find_nearest(["egs"], []) == [None]
    assert find_nearest([], ["eggs"]) == []


def test_few_of_a_hundred_thousand_names_are_compared_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    class Counted(SequenceMatcher[int]):
        def ratio(self) -> float:
            compared.append(1)
            return super().ratio()

    monkeypatch.setattr(nearest_names, "SequenceMatcher", Counted)
    known = [f"product-{number:06}" for number in range(100_000)]

    assert find_nearest(["produkt-054321"], known) == [54_321]
    assert len(compared) <= COMPARED
