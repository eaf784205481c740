"""The notes of what a person sent on a day."""

from datetime import date

from dog.storage.deeds import MOST_DEEDS, note_deed, read_deeds
from dog.storage.store import Store

DAY = date(2026, 11, 20)


def test_a_deed_is_noted_once_for_its_person_and_day_the_newest_first(store: Store) -> None:
    for event_id, at_ms in (("e1", 1), ("e2", 2), ("e1", 1)):
        note_deed(store, "ada", DAY, event_id, at_ms)
    note_deed(store, "bob", DAY, "e3", 3)

    assert read_deeds(store, "ada", DAY) == ["e2", "e1"]
    assert read_deeds(store, "ada", date(2026, 11, 21)) == []


def test_only_the_newest_deeds_are_listed(store: Store) -> None:
    for number in range(MOST_DEEDS + 3):
        note_deed(store, "ada", DAY, f"e{number}", number)
    noted = read_deeds(store, "ada", DAY)

    assert (len(noted), noted[-1]) == (MOST_DEEDS, "e3")
