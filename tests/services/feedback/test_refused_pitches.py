"""What names a refused pitch of the same file is refused with it, with the line of the pitch."""

import csv
from pathlib import Path
from typing import Any

import pytest

from dog.services.data import load_file as module
from dog.services.data.erase import erase
from dog.services.feedback.record_feedback import record_feedback
from dog.services.feedback.refused_pitches import id_of
from dog.services.runtime import Runtime
from dog.storage.claims import find_claimed
from dog.storage.store import Store
from dog.storage.tenant_settings import set_unknown_setting
from tests.loads_world import event, load


def refused(runtime: Runtime, folder: Path, *rows: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Load rows; return id, code and reason of those that were rejected."""
    found = load(runtime, folder, "feedback", *rows)
    if found.rejected is None:
        return []
    with found.rejected.open(newline="") as file:
        return [(row["event_id"], row["code"], row["reason"]) for row in csv.DictReader(file)]


REASON = "its pitch 'e1' (line 2) was refused; fix the pitch and load both"


@pytest.mark.parametrize("chunk_rows", [50_000, 1])
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"occurred_at": "soon"}, "invalid_event"),
        ({"product_id": ""}, "invalid_input"),
        ({"product_id": "p99"}, "unknown_product"),
    ],
)
def test_an_outcome_is_refused_with_its_pitch(
    runtime: Runtime,
    loaded: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wrong: dict[str, Any],
    code: str,
    chunk_rows: int,
) -> None:
    set_unknown_setting(loaded, "refuse")
    monkeypatch.setattr(module, "FEEDBACK_CHUNK_ROWS", chunk_rows)
    rows = [event("e1", **wrong), event("e2"), event("w1", "win", pitch_id="e1"), event("w2", "win", pitch_id="e2")]
    found = refused(runtime, tmp_path, *rows)

    assert [one[:2] for one in found] == [("e1", code), ("w1", "pitch_refused")]
    assert found[1][2] == REASON
    assert find_claimed(loaded, ["e1", "w1", "w2"]) == {"w2"}
    assert refused(runtime, tmp_path, *rows) == found
    rows[0] = event("e1")
    assert refused(runtime, tmp_path, *rows) == []


def test_a_row_that_cannot_be_mapped_takes_its_outcome_along(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    del loaded
    good = event("e2", occurred_at="18.11.2026")
    rows = [event("e1", occurred_at="31.31.2026"), good, event("w1", "win", pitch_id="e1", occurred_at="19.11.2026")]

    assert [one[0] for one in refused(runtime, tmp_path, *rows)] == ["e1", "w1"]


def test_an_outcome_of_a_pitch_whose_id_is_another_s_is_refused_and_claims_no_id(
    runtime: Runtime, loaded: Store, tmp_path: Path
) -> None:
    record_feedback(loaded, [event("e1", contact="c2")], runtime.clock())
    found = refused(runtime, tmp_path, event("e1"), event("w1", "win", pitch_id="e1"))

    assert [one[:2] for one in found] == [("e1", "event_id_conflict"), ("w1", "pitch_refused")]
    assert find_claimed(loaded, ["w1"]) == set()


def test_an_outcome_of_a_pitch_that_is_recorded_with_another_body_is_accepted(
    runtime: Runtime, loaded: Store, tmp_path: Path
) -> None:
    record_feedback(loaded, [event("e1")], runtime.clock())
    changed = event("e1", occurred_at="2026-11-17T10:00:00Z")

    assert [one[1] for one in refused(runtime, tmp_path, changed, event("w1", "win", pitch_id="e1"))] == [
        "event_id_conflict"
    ]


def test_events_of_an_erased_contact_are_refused_each_for_itself(
    runtime: Runtime, loaded: Store, tmp_path: Path
) -> None:
    del loaded
    erase(runtime, "default", "c1")

    assert {one[1] for one in refused(runtime, tmp_path, event("e1"), event("w1", "win", pitch_id="e1"))} == {
        "contact_erased"
    }


def test_over_http_one_bad_event_fails_no_other(runtime: Runtime, loaded: Store) -> None:
    sent = [event("e1", occurred_at="soon"), event("w1", "win", pitch_id="e1")]

    assert [one.status for one in record_feedback(loaded, sent, runtime.clock())] == ["rejected", "accepted"]


def test_only_valid_ids_are_noted() -> None:
    assert [id_of(one) for one in ({"event_id": " e1 "}, {"event_id": 7}, {"event_id": None}, 5)] == [
        " e1 ",
        "7",
        None,
        None,
    ]
