"""Backup and restore: the same numbers after, and nothing written from a file that is not whole."""

import gzip
import random
import zlib
from pathlib import Path
from typing import Any

import orjson
import pytest

from dog.errors import Conflict, InvalidInput, StoreUnavailable
from dog.services.data.backup import restore_backup, write_backup
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.job_log import take_lease
from dog.storage.store import Store
from tests.tenant_keys import tenant_keys


@pytest.fixture
def filled(runtime: Runtime, store: Store) -> Store:
    """Fill a tenant with a bit of everything."""
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": f"p{n}", "category": "g"} for n in range(5)], zone)
    import_rows(store, "contacts", [{"contact_id": f"c{n}", "account_id": "a", "segment": "x"} for n in range(9)], zone)
    scores = [
        {"contact_id": f"c{c}", "product_id": f"p{p}", "model": "cf", "score": 0.1 + p / 10, "as_of": "2026-11-01"}
        for c in range(9)
        for p in range(5)
    ]
    import_rows(store, "scores", scores, zone)
    bought = [{"contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-11T10:00:00Z"}]
    import_rows(store, "transactions", bought, zone)
    kinds = ("pitch", "win", "pitch", "discard", "accept", "loss")
    events = [
        {
            "event_id": f"e{n}",
            "type": kinds[n % 6],
            "contact_id": f"c{n % 9}",
            "product_id": f"p{n % 5}",
            "occurred_at": f"2026-11-{10 + n % 9}T10:00:00Z",
            **({"reason": {"trigger": "market"}} if kinds[n % 6] == "discard" else {}),
        }
        for n in range(200)
    ]
    record_feedback(store, events, runtime.clock())
    retract_feedback(store, "e7")
    run_recompute(runtime, "default")
    for contact in range(9):
        recommend(runtime, "default", ListRequest(f"c{contact}"))
    runtime.shared(DecisionWriter).flush()
    return store


def numbers(runtime: Runtime, tenant: str) -> Any:
    """Tell all that a user sees: multipliers and lists."""
    found = read_multipliers(
        runtime, tenant, contact_id=None, product_id=None, policy="recommended", cursor=None, limit=1000
    )
    lists = [
        orjson.loads(recommend(runtime, tenant, ListRequest(f"c{c}", dry_run=True, explain="full")).body)
        for c in range(9)
    ]
    for one in lists:
        del one["decision_id"], one["generated_at"]
    return found["items"], lists


@pytest.mark.parametrize("name", ["all.ndjson", "all.ndjson.gz"])
def test_a_restored_tenant_shows_the_same_numbers_and_knows_its_events(
    runtime: Runtime, filled: Store, tmp_path: Path, name: str
) -> None:
    before = numbers(runtime, "default")
    count = write_backup(runtime, "default", tmp_path / name)
    restored, version = restore_backup(runtime, "other", tmp_path / name)
    store = runtime.store("other")
    again = [
        {
            "event_id": "e0",
            "type": "pitch",
            "contact_id": "c0",
            "product_id": "p0",
            "occurred_at": "2026-11-10T10:00:00Z",
        }
    ]

    assert restored == count
    assert version is not None
    assert numbers(runtime, "other") == before
    assert record_feedback(store, again, runtime.clock())[0].status == "duplicate"
    assert [result.version for result in run_recompute(runtime, "other")] == []
    assert store.tenant.secret == filled.tenant.secret


def test_every_key_comes_along_with_its_time_to_live(runtime: Runtime, filled: Store, tmp_path: Path) -> None:
    write_backup(runtime, "default", tmp_path / "b")
    restore_backup(runtime, "other", tmp_path / "b")
    passing = (b":lease:", b":fence:", b":jobs")

    def bare(tenant: str) -> dict[bytes, bool]:
        keys = tenant_keys(filled.redis, tenant)
        return {
            key.replace(b"{" + tenant.encode(), b"{t"): int(filled.redis.pttl(key)) > 0
            for key in keys
            if not any(word in key for word in passing)
        }

    assert bare("other") == bare("default")
    assert sum(bare("other").values()) > 9  # decisions, laps of the week


def test_a_tenant_with_data_is_not_overwritten(runtime: Runtime, filled: Store, tmp_path: Path) -> None:
    write_backup(runtime, "default", tmp_path / "b")
    before = sorted(filled.redis.keys("*"))

    with pytest.raises(Conflict, match="has data; a backup is restored only into a tenant without any"):
        restore_backup(runtime, "default", tmp_path / "b")
    assert sorted(filled.redis.keys("*")) == before


def flip(text: bytes) -> bytes:
    place = len(text) // 2
    return text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda text: text[: len(text) // 2], "cannot be restored"),
        (lambda text: b"\n".join(text.split(b"\n")[:-2]) + b"\n", "truncated"),
        (flip, "cannot be restored"),
        (lambda text: text + text.split(b"\n")[1] + b"\n", "as many keys"),
        (lambda text: b"\n".join(text.split(b"\n")[1:]), "not a backup of DOG"),
        (lambda text: text.replace(b'"version":1', b'"version":99', 1), "version 99"),
        (lambda _: b"", "not JSON"),
        (lambda _: b"contact_id\nc1\n", "not JSON"),
    ],
    ids=range(8),
)
def test_a_damaged_file_is_refused_and_nothing_is_written(
    runtime: Runtime, filled: Store, tmp_path: Path, damage: Any, why: str
) -> None:
    write_backup(runtime, "default", tmp_path / "b")
    (tmp_path / "b").write_bytes(damage((tmp_path / "b").read_bytes()))

    with pytest.raises(InvalidInput, match=f"{why}.*nothing was written"):
        restore_backup(runtime, "other", tmp_path / "b")
    assert tenant_keys(filled.redis, "other") == []


def test_a_packed_file_cut_short_is_refused(runtime: Runtime, filled: Store, tmp_path: Path) -> None:
    write_backup(runtime, "default", tmp_path / "b.gz")
    whole = (tmp_path / "b.gz").read_bytes()
    (tmp_path / "b.gz").write_bytes(whole[: len(whole) // 2])

    assert gzip.decompress(whole)
    with pytest.raises(InvalidInput, match="nothing was written"):
        restore_backup(runtime, "other", tmp_path / "b.gz")
    assert tenant_keys(filled.redis, "other") == []


def unpacked(content: bytes | bytearray) -> bytes | None:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return None


@pytest.mark.parametrize("name", ["all.ndjson", "all.ndjson.gz"])
def test_one_flipped_bit_anywhere_is_found(runtime: Runtime, filled: Store, tmp_path: Path, name: str) -> None:
    write_backup(runtime, "default", tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    chance = random.Random(5)
    for _ in range(150):
        content = bytearray(whole)
        content[chance.randrange(40, len(content))] ^= 1 << chance.randrange(8)
        (tmp_path / f"damaged-{name}").write_bytes(content)
        if name.endswith(".gz") and unpacked(content) == gzip.decompress(whole):
            continue  # a bit that packing does not use
        with pytest.raises(InvalidInput, match="nothing was written"):
            restore_backup(runtime, "other", tmp_path / f"damaged-{name}")

    assert not tenant_keys(runtime.redis, "other")


def test_a_restore_that_was_killed_is_done_again_whole(
    runtime: Runtime, filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = numbers(runtime, "default")
    write_backup(runtime, "default", tmp_path / "b")
    monkeypatch.setattr("dog.services.data.backup.put_tenant", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        restore_backup(runtime, "other", tmp_path / "b")
    monkeypatch.undo()
    filled.redis.hset("dog:{other:3}:contacts", "left", "over")
    restore_backup(runtime, "other", tmp_path / "b")

    assert numbers(runtime, "other") == before
    assert filled.redis.hget("dog:{other:3}:contacts", "left") is None


def test_a_restore_that_stops_midway_into_a_tenant_that_exists_is_refused_to_callers_and_repeated(
    runtime: Runtime, filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = numbers(runtime, "default")
    write_backup(runtime, "default", tmp_path / "b")
    runtime.store("other", create=True)

    def full(*_: object) -> None:
        raise StoreUnavailable("Redis is full", code="store_full")

    monkeypatch.setattr("dog.services.data.backup.mark_schema", full)
    with pytest.raises(StoreUnavailable, match="full"):
        restore_backup(runtime, "other", tmp_path / "b")
    monkeypatch.undo()
    runtime.forget("other")
    with pytest.raises(StoreUnavailable, match="'other' is being restored"):
        runtime.store("other")
    restore_backup(runtime, "other", tmp_path / "b")

    assert numbers(runtime, "other") == before
    assert runtime.store("other").tenant.secret == filled.tenant.secret


@pytest.mark.usefixtures("filled")
def test_no_backup_is_written_while_the_weekly_job_runs(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    take_lease(store, "recompute", "somebody", 60_000)

    with pytest.raises(Conflict, match="recompute is running"):
        write_backup(runtime, "default", tmp_path / "b")
    assert list(tmp_path.glob("b*")) == []
