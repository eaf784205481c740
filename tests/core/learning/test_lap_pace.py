import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.learning.lap_pace import LapPace, laps_to_next
from dog.core.learning.recursion import recursions_due


def pace(laps: list[int], recent: list[int], waiting: list[int] | None = None, weeks: float = 2.0) -> LapPace:
    found = LapPace(laps_between=500, weeks=weeks)
    names = [b"%d" % n for n in range(len(laps))]
    found.add(names, np.array(laps), np.array(recent), np.array(waiting or [0] * len(laps)))
    return found


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_the_laps_that_are_missing_reach_the_next_recursion_and_one_less_does_not(laps: int, between: int) -> None:
    to_go = int(laps_to_next(np.array(laps), between))
    before, short, reached = recursions_due(np.array([laps, laps + to_go - 1, laps + to_go]), between).tolist()

    assert (short, reached) == (before, before + 1)


def test_the_pace_is_that_of_the_contacts_that_are_served() -> None:
    found = pace([10, 3, 900], [4, 0, 8])

    assert (found.contacts, found.of_contact, found.of_tenant) == (2, 3.0, 6.0)


def test_the_nearest_come_first_and_those_without_recent_laps_never() -> None:
    found = pace([499, 495, 500, 400], [1, 8, 0, 8])

    assert [(near.contact, near.to_go, near.weeks) for near in found.nearest] == [
        (b"1", 6, 1.5),
        (b"0", 2, 4.0),
        (b"3", 101, 25.25),
    ]
    assert found.soon == 2


def test_what_was_reached_since_the_last_published_week_is_due_with_the_next_recompute() -> None:
    found = pace([501, 501, 600], [5, 5, 5], [1, 0, 50])

    assert found.reached == 1
    assert found.tenant_reached is False
    assert pace([501, 501, 600], [5, 5, 5], [101, 1, 50]).tenant_reached is True


def test_the_tenant_counts_all_laps_together() -> None:
    assert pace([400, 99], [1, 1]).tenant_to_go == 2


def test_nobody_served_has_no_pace() -> None:
    found = pace([], [])

    assert (found.of_contact, found.of_tenant, found.tenant_to_go) == (0.0, 0.0, 501)


@pytest.mark.parametrize("split", [1, 2, 3])
def test_partitions_added_one_by_one_give_the_same(split: int) -> None:
    laps, recent = [499, 495, 500, 400, 10], [1, 8, 0, 8, 2]
    parts = LapPace(laps_between=500, weeks=2.0)
    for rows in (slice(0, split), slice(split, None)):
        names = [b"%d" % n for n in range(5)][rows]
        parts.add(names, np.array(laps[rows]), np.array(recent[rows]), np.zeros(len(names), np.int64))

    assert parts == pace(laps, recent)
