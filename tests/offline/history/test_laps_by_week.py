"""Laps of past weeks lead to the recursions of the weekly job."""

from dataclasses import replace
from datetime import UTC

import numpy as np

from dog.core.iso_weeks import parse_week, week_end_ms
from dog.core.learning.reinforcement_settings import Recursion, Reinforcement
from dog.offline.history.laps_by_week import LapCounter, LapsByWeek, read_laps_by_week
from dog.storage.decisions import KeptDecision, write_decisions
from dog.storage.store import Store

LAPS = LapsByWeek(
    contact=np.array([0, 1, 0]),
    week=np.array([-1, 0, 1]),
    laps=np.array([501, 1700, 600]),
    of_tenant=np.array([900, 1800, 600, 0]),
)
BY_CONTACT, BY_TENANT = Reinforcement(), Reinforcement(lap_scope="tenant")


def every(laps: int, settings: Reinforcement = BY_CONTACT) -> Reinforcement:
    return replace(settings, recursion=Recursion(laps=laps))


def test_a_contact_reaches_one_recursion_a_week_at_most() -> None:
    counter = LapCounter(LAPS, 2, BY_CONTACT)

    due = [counter.close_weeks_before(week).tolist() for week in range(4)]

    assert due == [[True, False], [False, True], [True, True], [False, True]]
    assert counter.recursions.tolist() == [2, 3]


def test_laps_of_all_contacts_together_are_due_for_each_in_the_week_that_reaches_them() -> None:
    counter = LapCounter(LAPS, 2, BY_TENANT)

    due = [counter.close_weeks_before(week).tolist() for week in range(4)]

    assert due == [[False, False], [True, True], [True, True], [False, False]]


def test_contacts_that_reached_a_recursion_are_counted_once() -> None:
    assert [LAPS.recursive_contacts(every(laps)) for laps in (500, 1500, 2000)] == [2, 1, 0]
    assert [LAPS.recursive_contacts(every(laps, BY_TENANT)) for laps in (500, 5000)] == [2, 0]


def test_laps_of_contacts_that_are_not_read_count_for_the_tenant(store: Store) -> None:
    weeks = ["2026-W45", "2026-W45", "2026-W46", "2026-W47"]
    names = zip(["a", "other", "other", "a"], weeks, strict=True)
    decisions = [
        KeptDecision(
            decision_id=str(n), request=b"12345678", contact=store.tenant.contact(name), week=week, content=b"{}"
        )
        for n, (name, week) in enumerate(names)
    ]
    write_decisions(store, decisions)
    starts = np.array([week_end_ms(parse_week(week) - 1, UTC) for week in ("2026-W46", "2026-W47")])
    found = read_laps_by_week(store, [store.tenant.contact("a")], starts, UTC)

    assert found is not None
    assert found.of_tenant.tolist() == [2, 1, 1]
    assert list(zip(found.week.tolist(), found.laps.tolist(), strict=True)) == [(-1, 1), (1, 1)]
