"""Laps of past weeks lead to the recursions of the weekly job."""

import numpy as np

from dog.offline.history.laps_by_week import LapCounter, LapsByWeek

LAPS = LapsByWeek(contact=np.array([0, 1, 0]), week=np.array([-1, 0, 1]), laps=np.array([501, 1700, 600]))


def test_a_contact_reaches_one_recursion_a_week_at_most() -> None:
    counter = LapCounter(LAPS, contact_count=2, laps_between=500)

    due = [counter.close_weeks_before(week).tolist() for week in range(4)]

    assert due == [[True, False], [False, True], [True, True], [False, True]]
    assert counter.recursions.tolist() == [2, 3]


def test_contacts_that_reached_a_recursion_are_counted_once() -> None:
    assert (LAPS.recursive_contacts(500), LAPS.recursive_contacts(1500), LAPS.recursive_contacts(2000)) == (2, 1, 0)
