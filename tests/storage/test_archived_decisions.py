"""Archived decisions: read by id as before, expired, erased."""

import time
from dataclasses import replace

import pytest

from dog.errors import ArchiveUnavailable
from dog.services.data.erase import erase, export_contact
from dog.services.data.repartition_tenant import repartition_tenant
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.storage import archived_decisions
from dog.storage.cold_data import cold_folder, read_segments
from dog.storage.contact_lists import RETENTION_SECONDS, scan_decision_keys
from dog.storage.decisions import read_decision
from dog.storage.every_decision import sample_contents
from dog.storage.store import Store
from tests.cold_data import age_decisions, decide, every_decision, kept, use_archive

HOUR_SECONDS = 3600


@pytest.fixture
def cold(runtime: Runtime, store: Store, archive_root: str) -> Store:  # the tenant has to be there
    """Open the tenant with an archive."""
    return use_archive(runtime, archive_root)


def test_old_decisions_leave_redis_and_are_read_as_before(runtime: Runtime, cold: Store) -> None:
    old = decide(cold, 300)
    before = kept(cold, old)
    age_decisions(cold)
    new = decide(cold, 5, start=300)

    archived = archive(runtime, "default")

    assert archived is not None
    assert archived.decisions == 300
    assert len(list(scan_decision_keys(cold))) == 5
    assert kept(cold, old) == before
    assert read_decision(cold, "d3") == (b"12345678", {"decision_id": "d3", "contact_id": "c3"})
    assert sorted(every_decision(cold)) == sorted(old + new)
    sample = [content["decision_id"] for content in sample_contents(cold, lambda _: True, 305, 0)]
    assert sorted(sample) == sorted(old + new)
    assert archive(runtime, "default") == replace(archived, decisions=0)


def test_an_archived_id_is_still_taken(runtime: Runtime, cold: Store) -> None:
    decide(cold, 3)
    age_decisions(cold)
    archive(runtime, "default")
    laps = cold.redis.hgetall(cold.tenant.partition(cold.tenant.contact("c0")).of("laps"))

    again = decide(cold, 4)

    assert again == ["d0", "d1", "d2", "d3"]
    assert [cold.tenant.contact("c0")] == list(laps)
    assert cold.redis.hgetall(cold.tenant.partition(cold.tenant.contact("c0")).of("laps")) == laps
    assert len(list(scan_decision_keys(cold))) == 1


def test_decisions_go_35_days_after_they_were_served(
    runtime: Runtime, cold: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = decide(cold, 10)
    age_decisions(cold, RETENTION_SECONDS - HOUR_SECONDS)
    archive(runtime, "default")
    assert len(kept(cold, ids)) == 10

    monkeypatch.setattr(archived_decisions, "time_ns", lambda: time.time_ns() + HOUR_SECONDS * 10**9)

    assert kept(cold, ids) == {}
    assert decide(cold, 1) == ["d0"]  # its id may be used again
    assert kept(cold, ["d0"]) == {"d0": "c0"}
    archive(runtime, "default")
    assert read_segments(cold).decisions == {}
    assert cold.archive.names(cold_folder(cold)) == []
    assert not list(cold.redis.scan_iter(match="*}:filed:*"))


def test_erasure_removes_a_contacts_decisions_from_the_files(runtime: Runtime, cold: Store) -> None:
    ids = decide(cold, 70)
    age_decisions(cold)
    archive(runtime, "default")
    assert len(export_contact(runtime, "default", "c3")["decisions"]) == 10

    erased = erase(runtime, "default", "c3")

    assert erased["erased"]["decisions"] == 10
    assert set(kept(cold, ids).values()) == {"c0", "c1", "c2", "c4", "c5", "c6"}
    assert len(kept(cold, ids)) == 60
    files = cold.archive.names(cold_folder(cold))
    assert [segment.file for segment in read_segments(cold).decisions.values()] == files
    assert cold.tenant.contact("c3") not in b"".join(map(cold.archive.read, files))


def test_archived_data_are_found_after_a_move_to_more_partitions(runtime: Runtime, cold: Store) -> None:
    ids = decide(cold, 70)
    before = kept(cold, ids)
    age_decisions(cold)
    archive(runtime, "default")
    runtime.wait = lambda _: None

    repartition_tenant(runtime, "default", 128)

    moved = runtime.store("default")
    assert moved.tenant.partition_count == 128
    assert kept(moved, ids) == before
    assert erase(runtime, "default", "c3")["erased"]["decisions"] == 10
    assert len(kept(moved, ids)) == 60


def test_a_broken_segment_is_named_and_leaves_the_others_in_reach(runtime: Runtime, cold: Store) -> None:
    old = decide(cold, 3)
    age_decisions(cold)
    archive(runtime, "default")
    later = decide(cold, 3, start=3)
    age_decisions(cold)
    archive(runtime, "default")
    broken = read_segments(cold).decisions[1].file
    cold.archive.put(broken, b"PAR1" + bytes(1000))

    for read in (lambda: read_decision(cold, old[0]), lambda: every_decision(cold)):
        with pytest.raises(ArchiveUnavailable, match=rf"default/{broken} of the archive is broken") as raised:
            read()
        assert raised.value.code == "archive_file_broken"
    assert read_decision(cold, later[0]) is not None


@pytest.mark.parametrize("loss", ["missing", "broken"])
def test_a_lost_segment_goes_when_it_has_expired_and_its_ids_are_free(
    runtime: Runtime, cold: Store, loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (decision_id,) = decide(cold, 1)
    age_decisions(cold)
    archive(runtime, "default")
    file = read_segments(cold).decisions[1].file
    cold.archive.put(file, b"PAR1") if loss == "broken" else cold.archive.remove([file])
    later_ns = time.time_ns() + RETENTION_SECONDS * 10**9
    monkeypatch.setattr(archived_decisions, "time_ns", lambda: later_ns)

    archived = archive(runtime, "default")

    assert archived is not None
    assert read_segments(cold).decisions == {}
    assert read_decision(cold, decision_id) is None
    decide(cold, 1)
    assert read_decision(cold, decision_id) is not None
