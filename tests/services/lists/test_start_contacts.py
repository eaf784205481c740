import numpy as np

from dog.core.events import EventType
from dog.core.records import OUTCOME, PURCHASES
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.read_contact import ContactState
from dog.services.lists.start_contacts import events_of, scored_before_first_event


def state(purchases: list[tuple[int, int, int]], wins: list[tuple[int, int]]) -> ContactState:
    ledger = np.zeros(len(wins), OUTCOME)
    ledger["product"], ledger["at"] = zip(*wins, strict=True) if wins else ((), ())
    ledger["type"] = EventType.WIN
    return ContactState.unpack(
        b"0" * 16,
        record={},
        scores={},
        laps=0,
        multipliers=None,
        verdicts=None,
        outcomes=ledger.tobytes(),
        purchases=np.array(purchases, PURCHASES).tobytes(),
    )


def test_events_are_purchases_and_wins_once_each_the_latest_last() -> None:
    contacts = ContactTable.of([state([(1, 3, 100), (2, 1, 50)], [(2, 200_000), (7, 70_000)])])

    assert events_of(contacts, 0).tolist() == [7, 1, 2]


def test_only_scores_older_than_every_first_event_are_outdated() -> None:
    contacts = ContactTable.of(
        [
            state([(1, 1, 100)], []),
            state([(1, 2, 100)], []),  # bought twice: the first time is not known
            state([(1, 1, 100)], []),
            state([], [(1, 100_000)]),
            state([(1, 1, 100)], [(2, 90_000)]),
            state([], []),
        ]
    )
    as_of_ms = np.array([99_000, 99_000, 101_000, 99_000, 99_000, 99_000])

    assert sorted(scored_before_first_event(contacts, as_of_ms, 1.0)) == [0, 3]
    assert not scored_before_first_event(contacts, as_of_ms, 99_500.0)  # its earlier events may not be loaded
