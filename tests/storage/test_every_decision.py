"""All decisions of a tenant, archived or not, each once and in one order; and a sample of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.storage import every_decision as reading
from dog.storage.contact_lists import scan_decision_keys
from dog.storage.every_decision import decision_parts, read_decision_part, sample_contents
from dog.storage.ids import digest
from dog.storage.store import Store
from tests.cold_data import age_decisions, decide, every_decision, use_archive


@pytest.fixture
def cold(runtime: Runtime, store: Store, tmp_path: Path) -> Store:  # the tenant has to be there
    (tmp_path / "cold").mkdir()
    return use_archive(runtime, str(tmp_path / "cold"))


def test_every_decision_is_read_once_and_a_sample_is_the_same_for_a_seed(runtime: Runtime, cold: Store) -> None:
    old = decide(cold, 300)
    age_decisions(cold)
    archive(runtime, "default")
    new = decide(cold, 20, start=300)

    found = every_decision(cold)
    one, again, other = (
        [content["decision_id"] for content in sample_contents(cold, lambda _: True, 50, seed)] for seed in (1, 1, 2)
    )

    assert sorted(found) == sorted(old + new)
    assert found[:20] == sorted(new, key=lambda name: digest(cold.tenant.secret, name))
    assert len(set(one)) == 50
    assert one == again != other
    assert set(one) & set(new)
    assert set(one) & set(old)


def test_decisions_that_are_archived_after_the_parts_were_made_are_read_in_their_place(
    runtime: Runtime, cold: Store
) -> None:
    decide(cold, 300)
    age_decisions(cold)
    before, parts = every_decision(cold), decision_parts(cold)
    archive(runtime, "default")

    assert [content["decision_id"] for part in parts for content in read_decision_part(cold, part)] == before


def test_decisions_that_are_archived_while_they_are_looked_for_are_read_once(
    runtime: Runtime, cold: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = decide(cold, 300)
    age_decisions(cold)

    def scan_and_archive(store: Store) -> Iterator[bytes]:
        yield from list(scan_decision_keys(store))[::2]  # the others have moved before the scan came to them
        archive(runtime, "default")

    monkeypatch.setattr(reading, "scan_decision_keys", scan_and_archive)

    assert sorted(every_decision(cold)) == sorted(ids)
