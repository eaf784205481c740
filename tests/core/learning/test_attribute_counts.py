"""Pitches counted by channel and time: by hand, and the same for any chunks."""

import numpy as np
import pytest

from dog.core.events import EventType
from dog.core.learning.attribute_counts import AttributeSums, compared_counts, count_attributes, value_key
from dog.core.learning.attribute_ratios import ValueTally
from dog.core.learning.exact_sums import UNITS
from dog.core.learning.ledger_chunk import DIGEST, ContactBlock, LedgerChunk
from dog.core.records import OUTCOME

DAY = 86_400_000
END, MATURES = 28 * DAY, 90 * DAY
EMAIL, CALL, GOLD = 1, 2, 3
MORNING = 1
CURVE = tuple(min(1.0, step / 4) for step in range(1, 17))


def chunk(contacts: list[list[tuple[int, int, EventType, tuple[int, int, int]]]]) -> LedgerChunk:
    """Build a chunk from the events of contacts: product, day, type, channel, time and segment."""
    rows: list[np.ndarray] = []
    owners: list[int] = []
    for contact, events in enumerate(contacts):
        for product, day, kind, by in sorted(events, key=lambda event: event[:2]):
            record = np.zeros(1, OUTCOME)
            record["at"], record["event"], record["product"] = day * DAY, len(rows) + 1, product
            record["type"], record["pitched_by"], record["score"] = kind, by, 0.25
            rows.append(record)
            owners.append(contact << 32 | product)
    outcomes = np.concatenate(rows).astype(OUTCOME)
    starts = np.flatnonzero(np.diff(np.array(owners), prepend=-1))
    digests = np.frombuffer(bytes(range(16)) * len(contacts), DIGEST)
    return LedgerChunk(
        contacts=ContactBlock([0], [len(contacts)], digests),
        contact=np.array(owners)[starts] >> 32,
        product=outcomes["product"][starts],
        starts=starts,
        outcomes=outcomes,
        is_new=np.ones(len(outcomes), bool),
    )


NONE = (0, 0, 0)
ANN = [
    (0, 1, EventType.PITCH, (EMAIL, MORNING, GOLD)),
    (0, 2, EventType.LOSS, NONE),
    (1, 9, EventType.PITCH, (CALL, MORNING, GOLD)),
    (1, 10, EventType.WIN, NONE),
    (2, 20, EventType.PITCH, (CALL, 0, GOLD)),  # pending
]
BOB = [(0, 1, EventType.PITCH, (EMAIL, 0, 0)), (0, 3, EventType.WIN, NONE), (1, 5, EventType.WIN, NONE)]
CID = [(0, 1, EventType.PITCH, NONE), (0, 3, EventType.WIN, NONE)]


def test_pitches_are_counted_by_channel_segment_and_time() -> None:
    _, sums = count_attributes(chunk([ANN, BOB, CID]), END, MATURES, ())

    assert sums.tallies() == {
        value_key(0, 0, EMAIL): ValueTally(1, 1.0, 0.25, 1),
        value_key(0, GOLD, EMAIL): ValueTally(0, 1.0, 0.25, 1),
        value_key(0, GOLD, CALL): ValueTally(1, 1.0, 0.25, 1),
        value_key(1, GOLD, MORNING): ValueTally(1, 2.0, 0.5, 2),
    }


def test_a_pending_pitch_counts_as_far_as_its_wins_have_come() -> None:
    _, sums = count_attributes(chunk([ANN]), END, MATURES, CURVE)
    share = 8 / 90 * 16 / 4  # 8 days of 90, linear up to a quarter

    assert sums.tallies()[value_key(0, GOLD, CALL)].pitches == pytest.approx(1 + share)


def test_only_contacts_with_two_values_are_kept_each_expected_win_times_its_segments_ratio() -> None:
    counts, _ = count_attributes(chunk([BOB, ANN]), END, MATURES, ())
    contact, records = compared_counts(counts, {value_key(0, GOLD, CALL): 2.0})

    assert contact.tolist() == [1, 1]
    assert records.tolist() == [(0, EMAIL, 0, 1.0, 0.25), (0, CALL, 1, 1.0, 0.5)]


def test_ledgers_without_a_channel_cost_nothing_and_count_nothing() -> None:
    counts, sums = count_attributes(chunk([CID]), END, MATURES, CURVE)

    assert len(counts.key) == len(compared_counts(counts, {})[0]) == 0
    assert sums.tallies() == {}


def test_the_sums_are_the_same_to_the_last_bit_whatever_the_chunks() -> None:
    rng = np.random.default_rng(3)
    contacts = [
        [
            (product, int(day), EventType.PITCH, (int(rng.integers(3)), 0, int(rng.integers(2))))
            for product, day in enumerate(rng.integers(1, 27, 5))
        ]
        for _ in range(40)
    ]

    def summed(parts: list[list[int]]) -> AttributeSums:
        total = AttributeSums()
        for part in parts:
            total.add(count_attributes(chunk([contacts[index] for index in part]), END, MATURES, CURVE)[1])
        return total

    one, many = summed([list(range(40))]), summed([[index] for index in rng.permutation(40).tolist()])

    assert one.sums == many.sums
    assert one.weeks.tolist() == many.weeks.tolist()
    assert sum(pitches for _, pitches, _ in one.sums.values()) > UNITS
