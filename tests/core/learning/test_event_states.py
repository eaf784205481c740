import numpy as np

from dog.core.events import EventType
from dog.core.kernels.settle_events import NOTHING
from dog.core.learning.event_states import LOST, OPEN, WON, event_states
from dog.core.records import OUTCOME


def ledger() -> np.ndarray:
    outcomes = np.zeros(5, OUTCOME)
    outcomes["type"] = [EventType.PITCH, EventType.PITCH, EventType.WIN, EventType.LOSS, EventType.LOSS]
    outcomes["event"] = np.arange(1, 6)
    outcomes["pitch"] = [0, 0, 2, 0, 0]
    return outcomes


def test_an_outcome_settles_a_pitch_or_has_its_result_itself() -> None:
    states = event_states(ledger(), np.zeros(5, np.int64), np.ones(5, bool))

    assert states.tolist() == [LOST, WON, NOTHING, NOTHING, LOST]


def test_events_that_are_not_seen_change_nothing() -> None:
    states = event_states(ledger(), np.zeros(5, np.int64), np.array([True, True, False, False, False]))

    assert states.tolist() == [OPEN, OPEN, NOTHING, NOTHING, NOTHING]


def test_a_ledger_may_be_read_only() -> None:
    outcomes = np.frombuffer(ledger().tobytes(), OUTCOME)

    assert event_states(outcomes, np.arange(5), np.ones(5, bool)).tolist() == [OPEN, OPEN, WON, LOST, LOST]
