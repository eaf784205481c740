from dog.core.events import OUTCOMES, VERDICTS, EventType


def test_every_event_that_can_be_sent_is_an_outcome_or_a_verdict() -> None:
    assert frozenset() == OUTCOMES & VERDICTS
    assert set(EventType) - {EventType.CARRIED} == OUTCOMES | VERDICTS


def test_the_numbers_of_events_never_change_as_they_are_stored() -> None:
    assert {kind.name: kind.value for kind in EventType} == {
        "ACCEPT": 1,
        "DISCARD": 2,
        "RESTRUCTURE": 3,
        "PITCH": 4,
        "WIN": 5,
        "LOSS": 6,
        "CARRIED": 7,
    }
