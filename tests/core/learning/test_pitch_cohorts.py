"""Cohorts: what became of pitches, by hand."""

import numpy as np
import pytest

from dog.core.events import EventType
from dog.core.learning.event_states import LOST, OPEN, WON
from dog.core.learning.ledger_chunk import DIGEST, ContactBlock, LedgerChunk
from dog.core.learning.pitch_cohorts import (
    NO_GROUPS,
    Cohort,
    Outlook,
    add_groups,
    list_pitches,
    read_cohorts,
    sum_pitches,
)
from dog.core.records import OUTCOME

PITCH, WIN, LOSS = EventType.PITCH, EventType.WIN, EventType.LOSS
HALF_BY_HALF = (0.5, 1.0)
"""Half of the wins have come by half of maturation, the others evenly later."""
OUTLOOK = Outlook(as_of_ms=1000, maturation_ms=800, delay_curve=HALF_BY_HALF, tenant_ratio=2.0, global_rate=0.1)


def chunk(*events: tuple[int, int, EventType, float]) -> LedgerChunk:
    """Return the outcomes of one contact, given as (product, instant, type, score)."""
    records = np.zeros(len(events), OUTCOME)
    for place, (product, at, kind, score) in enumerate(events):
        records[place] = (at, place + 1, 0, product, score, kind, (1, 0, 2), 0)
    starts = np.flatnonzero(np.diff(records["product"].astype(np.int64), prepend=-1))
    return LedgerChunk(
        contacts=ContactBlock([0], [1], np.zeros(1, DIGEST)),
        contact=np.zeros(len(starts), np.uint32),
        product=records["product"][starts],
        starts=starts,
        outcomes=records,
        is_new=np.ones(len(records), bool),
    )


def test_a_pitch_is_won_lost_matured_or_open_and_an_outcome_alone_implies_one() -> None:
    found = list_pitches(
        chunk(
            (0, 100, PITCH, 0.2), (0, 150, WIN, np.nan),
            (1, 199, PITCH, 0.2),
            (2, 900, PITCH, 0.2),
            (3, 500, LOSS, np.nan),
            (4, 1000, PITCH, 0.2),
        ),
        OUTLOOK,
    )  # fmt: skip

    assert found.product.tolist() == [0, 1, 2, 3]  # the last is not seen yet
    assert found.state.tolist() == [WON, LOST, OPEN, LOST]
    assert found.at_ms.tolist() == [100, 199, 900, 500]
    assert found.channel.tolist() == [1] * 4
    assert found.segment.tolist() == [2] * 4


def test_wins_to_come_are_the_chance_times_the_share_of_wins_that_come_later() -> None:
    found = list_pitches(chunk((0, 600, PITCH, 0.2), (1, 900, PITCH, np.nan), (2, 100, PITCH, 0.2)), OUTLOOK)

    assert found.to_come == pytest.approx([2 * 0.2 * 0.5, 0.1 * 0.875, 0.0])


def test_sums_by_group_leave_out_negative_groups_and_grow_as_needed() -> None:
    pitches = list_pitches(chunk((0, 600, PITCH, 0.2), (1, 900, PITCH, np.nan), (2, 700, WIN, np.nan)), OUTLOOK)
    first = sum_pitches(pitches, np.array([1, -1, 1]))
    second = sum_pitches(pitches, np.array([3, 3, -1]))
    found = dict(read_cohorts(add_groups(add_groups(NO_GROUPS, first), second)))

    assert list(found) == [1, 3]
    assert (found[1].pitches, found[1].won, found[1].open, found[1].scored) == (2, 1, 1, 1)
    assert (found[3].pitches, found[3].scored) == (2, 1)


def test_a_cohort_expects_no_more_wins_than_it_has_open_pitches() -> None:
    assert Cohort(pitches=4, won=1, lost=2, to_come=3.0).final_rate == 0.5
    assert Cohort().final_rate is None


def test_the_expected_rate_is_of_cohorts_that_carry_scores() -> None:
    assert Cohort(pitches=10, expected=1.8, scored=9).expected_rate == pytest.approx(0.2)
    assert Cohort(pitches=10, expected=1.6, scored=8).expected_rate is None
    assert Cohort().expected_rate is None
