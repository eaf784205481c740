import numpy as np

from dog.core.events import EventType
from dog.core.offers import count_offers
from dog.core.records import CARRIED, OUTCOME


def ledger(*events: tuple[int, EventType, int]) -> np.ndarray:
    rows = np.zeros(len(events), OUTCOME)
    for row, (product, kind, at_ms) in zip(rows, events, strict=True):
        row["product"], row["type"], row["at"] = product, kind, at_ms
    return rows


def test_open_pitches_count_and_the_last_pitch_is_known() -> None:
    events = ledger(
        (7, EventType.PITCH, 10), (7, EventType.WIN, 11), (8, EventType.PITCH, 12), (7, EventType.PITCH, 13)
    )
    found = count_offers(events, [7])

    assert list(found) == [7]
    assert (found[7].pitches, found[7].wins, found[7].losses, found[7].last_ms) == (2, 1, 0, 13)


def test_an_outcome_without_a_pitch_implies_one() -> None:
    events = ledger((7, EventType.WIN, 10), (7, EventType.LOSS, 11))

    assert count_offers(events, [7])[7].pitches == 2


def test_archived_weeks_count_with_what_came_since() -> None:
    carried = np.zeros(1, CARRIED)
    carried["product"], carried["type"], carried["wins"], carried["losses"] = 7, EventType.CARRIED, 3, 4
    found = count_offers(np.concatenate([carried.view(OUTCOME), ledger((7, EventType.PITCH, 10))]), [7])[7]

    assert (found.pitches, found.wins, found.losses) == (8, 3, 4)


def test_a_contact_without_outcomes_was_offered_nothing() -> None:
    assert count_offers(np.zeros(0, OUTCOME), [7]) == {}
