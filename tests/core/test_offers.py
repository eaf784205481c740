import numpy as np

from dog.core.events import EventType
from dog.core.offers import OfferCounts, count_offers
from dog.core.records import CARRIED, OUTCOME, PAIRS


def ledger(*events: tuple[int, EventType, int]) -> np.ndarray:
    rows = np.zeros(len(events), OUTCOME)
    for row, (product, kind, at_ms) in zip(rows, events, strict=True):
        row["product"], row["type"], row["at"] = product, kind, at_ms
    return rows


def counted(events: np.ndarray, product: int = 7) -> OfferCounts | None:
    (found,) = count_offers(events, np.array([product]), np.zeros(0, PAIRS), np.array([-1]))
    return found


def test_open_pitches_count_and_the_last_pitch_is_known() -> None:
    events = ledger(
        (7, EventType.PITCH, 10), (7, EventType.WIN, 11), (8, EventType.PITCH, 12), (7, EventType.PITCH, 1_791_882_013)
    )

    assert counted(events) == OfferCounts(pitches=2, wins=1, losses=0, last_ms=1_791_882_013, expected=None)
    assert counted(events, 9) is None


def test_an_outcome_without_a_pitch_implies_one() -> None:
    events = ledger((7, EventType.WIN, 10), (7, EventType.LOSS, 11))

    assert counted(events) == OfferCounts(2, 1, 1, 0, None)


def test_archived_weeks_count_with_what_came_since() -> None:
    carried = np.zeros(1, CARRIED)
    carried["product"], carried["type"], carried["wins"], carried["losses"] = 7, EventType.CARRIED, 3, 4
    found = counted(np.concatenate([carried.view(OUTCOME), ledger((7, EventType.PITCH, 10))]))

    assert found == OfferCounts(8, 3, 4, 10, None)


def test_the_record_of_the_last_week_has_matured_pitches_and_expected_wins_until_more_comes() -> None:
    pairs = np.zeros(1, PAIRS)
    pairs["wins"], pairs["losses"], pairs["scored"], pairs["expected"] = 1, 2, 3, 0.5
    events = [(7, EventType.PITCH, at) for at in (1, 2, 3)] + [(7, EventType.WIN, 4)]
    more = ledger(*events, (7, EventType.PITCH, 5))

    settled = count_offers(ledger(*events), np.array([7]), pairs, np.array([0]))
    later = count_offers(more, np.array([7, 7]), pairs, np.array([0, -1]))

    assert settled == [OfferCounts(3, 1, 2, 3, 0.5)]
    assert later == [OfferCounts(4, 1, 0, 5, None)] * 2
    pairs["scored"] = 2
    assert count_offers(ledger(*events), np.array([7]), pairs, np.array([0])) == [OfferCounts(3, 1, 2, 3, None)]


def test_a_contact_without_outcomes_was_offered_nothing() -> None:
    assert counted(np.zeros(0, OUTCOME)) is None
