import numpy as np

from dog.core.events import EventType
from dog.core.learning.settlement import Settled, settle
from dog.core.records import OUTCOME

PITCH, WIN, LOSS = EventType.PITCH, EventType.WIN, EventType.LOSS


def ledger(*rows: tuple[EventType, int] | tuple[EventType, int, int], scores: list[float] | None = None) -> np.ndarray:
    """Pack (type, at) or (type, at, named pitch) rows; an event's digest is its row number + 1."""
    outcomes = np.zeros(len(rows), OUTCOME)
    for number, row in enumerate(rows):
        outcomes[number]["type"], outcomes[number]["at"] = row[0], row[1]
        outcomes[number]["pitch"] = row[2] if len(row) == 3 else 0
        outcomes[number]["event"] = number + 1
    outcomes["score"] = np.nan if scores is None else scores
    return outcomes


def counts(settled: Settled, pair: int = 0) -> tuple[int, int, int, int]:
    """Wins, losses, pitches, pending of one pair."""
    return tuple(int(a[pair]) for a in (settled.wins, settled.losses, settled.pitches, settled.pending))  # type: ignore[return-value]  # four by construction


def settle_one(outcomes: np.ndarray, as_of_ms: int = 1000, maturation_ms: int = 10_000) -> Settled:
    return settle(outcomes, np.zeros(1, np.int64), as_of_ms, maturation_ms)


def test_a_win_settles_the_oldest_open_pitch() -> None:
    settled = settle_one(ledger((PITCH, 1), (PITCH, 2), (WIN, 3), scores=[0.25, 0.5, np.nan]))

    assert counts(settled) == (1, 0, 2, 1)
    assert settled.expected[0] == 0.25


def test_a_win_settles_the_pitch_it_names() -> None:
    settled = settle_one(ledger((PITCH, 1), (PITCH, 2), (WIN, 3, 2), scores=[0.25, 0.5, np.nan]))

    assert counts(settled) == (1, 0, 2, 1)
    assert settled.expected[0] == 0.5


def test_a_named_pitch_that_is_settled_already_gives_way_to_the_oldest_open_one() -> None:
    settled = settle_one(
        ledger((PITCH, 1), (PITCH, 2), (PITCH, 3), (LOSS, 4, 2), (WIN, 5, 2), scores=[0.25, 0.5, 1, np.nan, np.nan])
    )

    assert counts(settled) == (1, 1, 3, 1)
    assert settled.expected[0] == 0.75


def test_a_pitch_that_comes_after_cannot_be_settled_by_name() -> None:
    settled = settle_one(ledger((PITCH, 1), (WIN, 2, 3), (PITCH, 3), (PITCH, 4), scores=[0.25, np.nan, 0.5, 0.5]))

    assert counts(settled) == (1, 0, 3, 2)
    assert settled.expected[0] == 0.25


def test_an_outcome_without_an_open_pitch_implies_one() -> None:
    settled = settle_one(ledger((WIN, 1), (LOSS, 2), (PITCH, 3), (WIN, 4), (WIN, 5)))

    assert counts(settled) == (3, 1, 4, 0)
    assert settled.scored[0] == 0


def test_an_old_open_pitch_counts_as_lost_from_the_maturation_on() -> None:
    outcomes = ledger((PITCH, 100), (PITCH, 101), scores=[0.25, 0.5])

    settled = settle_one(outcomes, as_of_ms=200, maturation_ms=100)

    assert counts(settled) == (0, 1, 2, 1)
    assert settled.expected[0] == 0.25
    assert settled.scored[0] == 1


def test_a_late_win_takes_the_matured_loss_back() -> None:
    outcomes = ledger((PITCH, 1), (WIN, 500))

    before = settle_one(outcomes, as_of_ms=400, maturation_ms=100)
    after = settle_one(outcomes, as_of_ms=600, maturation_ms=100)

    assert counts(before) == (0, 1, 1, 0)
    assert counts(after) == (1, 0, 1, 0)


def test_what_occurs_at_the_instant_or_later_is_not_seen() -> None:
    outcomes = ledger((PITCH, 1), (WIN, 5))

    assert counts(settle_one(outcomes, as_of_ms=5)) == (0, 0, 1, 1)
    assert counts(settle_one(outcomes, as_of_ms=6)) == (1, 0, 1, 0)
    assert counts(settle_one(outcomes, as_of_ms=1)) == (0, 0, 0, 0)


def test_pairs_do_not_touch_each_other() -> None:
    first, second = ledger((WIN, 1), (PITCH, 2)), ledger((PITCH, 1), (PITCH, 2), (LOSS, 3, 2))

    both = settle(np.concatenate([first, second]), np.array([0, 2]), 1000, 10_000)

    assert counts(both, 0) == counts(settle_one(first)) == (1, 0, 2, 1)
    assert counts(both, 1) == counts(settle_one(second)) == (0, 1, 2, 1)


def test_no_events_settle_to_nothing() -> None:
    settled = settle(np.zeros(0, OUTCOME), np.zeros(0, np.int64), 1000, 10)

    assert len(settled.wins) == len(settled.expected) == len(settled.pending) == 0


def test_a_ledger_is_left_as_it_was() -> None:
    outcomes = ledger((PITCH, 1), (PITCH, 2), (WIN, 3, 2), (LOSS, 4))
    copy = outcomes.copy()

    settle_one(outcomes)

    assert outcomes.tobytes() == copy.tobytes()
