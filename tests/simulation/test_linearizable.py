"""The check of reads: what can have happened in one order passes, what cannot does not."""

from tests.simulation.history import LogRead, Sent, Version
from tests.simulation.linearizable import find_cycle


def event(name: str, sent: int, acknowledged: int | None) -> Sent:
    return Sent(name, [Version({"event_id": name}, "rep", sent, acknowledged)])


def read(began: int, ended: int, counted: str = "", retracted: str = "") -> LogRead:
    return LogRead(contact="c", began=began, ended=ended, counted=frozenset(counted), retracted=frozenset(retracted))


def test_a_read_beside_a_call_may_or_may_not_show_its_event() -> None:
    assert find_cycle([read(2, 3)], [event("a", 1, 9)]) == []
    assert find_cycle([read(2, 3, "a")], [event("a", 1, 9)]) == []


def test_a_read_after_the_answer_shows_the_event() -> None:
    assert find_cycle([read(5, 6)], [event("a", 1, 4)])


def test_a_read_before_the_call_does_not_show_the_event() -> None:
    assert find_cycle([read(1, 2, "a")], [event("a", 3, 4)])


def test_an_event_that_was_shown_is_shown_again() -> None:
    assert find_cycle([read(2, 3, "a"), read(4, 5)], [event("a", 1, None)])


def test_two_reads_at_one_time_agree_on_an_order() -> None:
    assert find_cycle([read(2, 8, "a"), read(2, 8, "b")], [event("a", 1, 9), event("b", 1, 9)])


def test_an_event_is_not_shown_without_one_that_was_answered_before_it_was_sent() -> None:
    assert find_cycle([read(1, 9, "b")], [event("a", 1, 3), event("b", 4, 6)])


def test_an_event_that_was_taken_back_does_not_count_again() -> None:
    gone = event("a", 1, 2)
    gone.retract_sent_step, gone.retracted_step = 3, 4

    assert find_cycle([read(5, 6, retracted="a"), read(7, 8, retracted="a")], [gone]) == []
    assert find_cycle([read(5, 6, "a")], [gone])
    assert find_cycle([read(3, 4, retracted="a"), read(5, 6, "a")], [gone])


def test_an_event_that_nobody_saw_or_confirmed_may_not_have_happened() -> None:
    assert find_cycle([read(5, 6)], [event("a", 1, None)]) == []
