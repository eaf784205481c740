"""Odd rows are settled in the order of the file, chunk by chunk."""

from collections.abc import Mapping, Sequence

import numpy as np

from dog.services.data.backfill.settle_rows import Claimant, RowSettlement
from dog.services.data.backfill.split_records import CLAIMED, CLOSED, ERASED, UNKNOWN
from dog.services.data.row_values import RowOutcome
from dog.storage.event_log import Status

CHUNK = 10
Spec = tuple[int, str, str, str, int]
"""Row, id, body, pitch and flags; the contact is named by the body."""


def rows_of(*specs: Spec) -> np.ndarray:
    """Return records of rows."""
    rows = np.zeros(len(specs), CLAIMED)
    for row, (number, event_id, body, pitch, flags) in zip(rows, specs, strict=True):
        row["id"], row["fingerprint"] = event_id.encode().ljust(12), body.encode().ljust(8)
        row["contact"], row["row"], row["flags"] = body[:1].encode().ljust(16), number, flags
        row["event"], row["pitch"] = ord(event_id), ord(pitch) if pitch else 0
    return rows


def settled(*specs: Spec, faults: Mapping[int, int] | None = None, **known: str) -> list[str]:
    """Return the code or status of each row."""

    def hold(rows: Sequence[int]) -> Mapping[int, RowOutcome]:
        return dict.fromkeys(rows, RowOutcome(Status.REJECTED, "unknown_product"))

    claims = {
        event_id.encode().ljust(12): Claimant(body.encode().ljust(8), body[:1].encode().ljust(16))
        for event_id, body in known.items()
    }
    settlement = RowSettlement(claims=claims, hold=hold)
    settlement.settle(rows_of(*specs), faults or {}, CHUNK)
    results = [settlement.results[spec[0]] for spec in specs]
    return [result.code or str(result.status) for result in results]


def test_the_first_body_of_an_id_wins() -> None:
    assert settled((0, "e", "a1", "", 0), (1, "e", "a2", "", 0), (2, "e", "a1", "", 0)) == [
        "accepted",
        "event_id_conflict",
        "duplicate",
    ]


def test_a_body_that_was_recorded_before_wins() -> None:
    assert settled((0, "e", "a1", "", 0), e="a2") == ["event_id_conflict"]


def test_what_names_a_pitch_refused_in_its_chunk_or_before_is_refused() -> None:
    first, conflict = (0, "p", "a1", "", 0), (13, "p", "b1", "", 0)

    assert settled(first, (5, "w", "a2", "p", 0), (11, "x", "a3", "p", 0), conflict) == [
        *("accepted", "accepted", "pitch_refused", "event_id_conflict")
    ]


def test_what_names_a_pitch_that_its_contact_has_is_not_refused() -> None:
    assert settled((0, "p", "a1", "", 0), (1, "p", "a2", "", 0), (2, "w", "a3", "p", 0))[2] == "accepted"


def test_an_unreadable_pitch_refuses_what_names_it() -> None:
    assert settled((12, "w", "a1", "p", 0), faults={15: ord("p")}) == ["pitch_refused"]
    assert settled((2, "w", "a1", "p", 0), faults={15: ord("p")}) == ["accepted"]


def test_an_id_that_was_refused_with_its_pitch_is_free_in_the_next_chunk() -> None:
    assert settled((0, "w", "a1", "p", 0), (10, "w", "a2", "", 0), faults={1: ord("p")}) == [
        "pitch_refused",
        "accepted",
    ]


def test_erased_contacts_come_before_closed_weeks_and_these_before_conflicts() -> None:
    rows = ((0, "e", "a1", "", 0), (1, "e", "b1", "", ERASED | CLOSED), (2, "e", "c1", "", CLOSED))

    assert settled(*rows) == ["accepted", "contact_erased", "week_closed"]


def test_an_unknown_name_is_held_back_unless_its_id_was_claimed_before() -> None:
    assert settled((0, "e", "a1", "", UNKNOWN)) == ["unknown_product"]
    assert settled((0, "e", "a1", "", 0), (10, "e", "a1", "", UNKNOWN)) == ["accepted", "duplicate"]
