"""Erasure: nothing of the contact left anywhere, nothing of others touched, nothing of it taken again."""

from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dog.errors import NotFound
from dog.services.data.erase import erase, export_contact
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.pairs.snooze_contacts import snooze_contact
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.connection import primaries
from dog.storage.store import Store
from dog.storage.tenant_dump import dump_keys
from tests.conftest import Clock
from tests.servers import wait_until
from tests.tenant_keys import tenant_keys

GONE = "anna.the-erased@example.com"
CONTACTS = [GONE, *(f"c{n}" for n in range(40))]


def events_of(contact: str, day: int = 10) -> list[dict[str, Any]]:
    kinds = ("pitch", "win", "accept", "discard", "pitch")
    names = {"contact_id": contact, "product_id": "p1", "occurred_at": f"2026-11-{day}T10:00:00Z"}
    reasons: dict[str, Any] = {"discard": {"reason": {"trigger": "market", "note": f"{contact} said so"}}}
    return [
        {"event_id": f"{contact}-{day}-{n}", "type": kind, **names, **reasons.get(kind, {})}
        for n, kind in enumerate(kinds)
    ]


@pytest.fixture
def filled(runtime: Runtime, store: Store) -> Store:
    """Fill a tenant with contacts of whom everything is held."""
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": "p1", "category": "g"}, {"product_id": "p2", "category": "g"}], zone)
    import_rows(store, "contacts", [{"contact_id": c, "name": f"name of {c}", "segment": "s"} for c in CONTACTS], zone)
    scores = [
        {"contact_id": c, "product_id": "p1", "model": "cf", "score": 0.5, "as_of": "2026-11-01"} for c in CONTACTS
    ]
    import_rows(store, "scores", scores, zone)
    bought = [
        {"contact_id": c, "product_id": "p2", "occurred_at": "2026-01-01T00:00:00Z", "quantity": 1, "amount": 2.5}
        for c in CONTACTS
    ]
    import_rows(store, "transactions", bought, zone)
    for contact in CONTACTS:
        record_feedback(store, events_of(contact), runtime.clock())
    retract_feedback(store, f"{GONE}-10-4")
    for contact in CONTACTS:
        recommend(runtime, "default", ListRequest(contact))
    runtime.shared(DecisionWriter).flush()
    run_recompute(runtime, "default")
    return store


def work_on(runtime: Runtime, contact: str) -> None:
    """Have a rep accept, take back and put off."""
    names = {"contact_id": contact, "product_id": "p2", "actor_id": "Ada", "occurred_at": "2026-11-19T10:00:00Z"}
    events = [{"event_id": f"{contact}-{kind}", "type": kind, **names} for kind in ("accept", "pitch")]
    record_feedback(runtime.store("default"), events, runtime.clock())
    for one in events:
        retract_feedback(runtime.store("default"), one["event_id"])
    snooze_contact(runtime, "default", contact, actor_id="Ada", until=date(2026, 12, 1), product_id="p2")


def test_what_a_rep_did_and_put_off_goes_too(runtime: Runtime, filled: Store) -> None:
    for contact in (GONE, "c1"):
        work_on(runtime, contact)
    told = [export_contact(runtime, "default", contact)["snoozed"] for contact in (GONE, "c1")]
    whole = b"".join(everything(filled).values())
    erase(runtime, "default", GONE)
    left = b"\n".join(key + b"\0" + value for key, value in everything(filled).items())

    assert told == [[{"actor_id": "Ada", "product_id": "p2", "until": "2026-12-01T00:00:00Z"}]] * 2
    assert whole.count(filled.tenant.contact(GONE)) > 2
    assert hits(filled, left) == []
    assert export_contact(runtime, "default", "c1")["snoozed"] == told[1]


def traces(store: Store) -> list[bytes]:
    """List the byte strings by which the contact could be recognised."""
    digest = store.tenant.contact(GONE)
    return [GONE.encode(), digest, urlsafe_b64encode(digest).rstrip(b"="), b64encode(digest).rstrip(b"=")]


def everything(store: Store) -> dict[bytes, bytes]:
    held = dump_keys(store, tenant_keys(store.redis, "default"))
    return {
        b"%d:%s" % (-1 if one.partition is None else one.partition, one.name): b"\0".join(
            sorted(one.values)  # no frame
        )
        for one in held
    }


def hits(store: Store, text: bytes) -> list[bytes]:
    return [trace for trace in traces(store) if trace in text]


def test_nothing_of_the_contact_is_left_in_any_key_or_value(runtime: Runtime, filled: Store) -> None:
    whole = b"\n".join(key + b"\0" + value for key, value in everything(filled).items())
    told = erase(runtime, "default", GONE)
    left = b"\n".join(key + b"\0" + value for key, value in everything(filled).items())

    assert len(hits(filled, whole)) >= 3  # the search finds it where it is
    assert hits(filled, left) == []
    assert (told["erased"]["events"], told["erased"]["decisions"]) == (5, 1)


def test_the_append_only_file_forgets_too(runtime: Runtime, filled: Store) -> None:
    folders = [Path(str(server.config_get("dir")["dir"])) for server in primaries(filled.redis)]
    before = hits(filled, read_files(folders))
    told = erase(runtime, "default", GONE)
    wait_until(lambda: hits(filled, read_files(folders)) == [])

    assert told["append_only_file"] == "is being rewritten"
    assert before != []


def read_files(folders: list[Path]) -> bytes:
    """Read the append-only files; one that a rewrite takes away meanwhile is none."""
    found = b""
    for file in [file for folder in folders for file in folder.rglob("*.aof")]:
        with suppress(FileNotFoundError):
            found += file.read_bytes()
    return found


def test_all_others_stay_as_they_were(runtime: Runtime, filled: Store) -> None:
    def numbers() -> list[Any]:
        rows = [export_contact(runtime, "default", contact) for contact in CONTACTS[1:]]
        for row in rows:
            row["decisions"] = len(row["decisions"])
        return rows

    before = numbers()
    erase(runtime, "default", GONE)

    assert numbers() == before
    assert filled.redis.dbsize()


def test_a_tombstone_refuses_whatever_comes_of_the_contact_again(runtime: Runtime, filled: Store) -> None:
    erase(runtime, "default", GONE)
    mixed = [events_of(GONE, 11)[0], events_of("c1", 11)[0]]
    results = record_feedback(filled, mixed, runtime.clock())
    rows = [{"contact_id": GONE, "segment": "x"}, {"contact_id": "c1", "segment": "x"}]
    imported = import_rows(filled, "contacts", rows, runtime.settings.zone)
    left = b"\n".join(key + b"\0" + value for key, value in everything(filled).items())

    assert [(result.status, result.code) for result in results] == [("rejected", "contact_erased"), ("accepted", None)]
    assert [(result.status, result.code) for result in imported] == [("rejected", "contact_erased"), ("accepted", None)]
    assert hits(filled, left) == []
    with pytest.raises(NotFound, match="was erased"):
        recommend(runtime, "default", ListRequest(GONE, candidates=[{"product_id": "p1", "scores": {"cf": 0.3}}]))
    with pytest.raises(NotFound, match="was erased"):
        erase(runtime, "default", GONE)


def test_the_archive_forgets_too(runtime: Runtime, filled: Store, clock: Clock) -> None:
    runtime.wait = lambda _: None
    runtime.settings = replace(runtime.settings, archive_after_weeks=2)
    clock.set("2026-12-08T00:00:00")
    archive(runtime, "default")
    told = export_contact(runtime, "default", GONE)
    erased = erase(runtime, "default", GONE)
    files = sorted((runtime.settings.data_dir / "archive").rglob("*.parquet"))
    left = pd.concat([pd.read_parquet(file) for file in files])

    assert {row["event_id"] for row in told["events"]} == {f"{GONE}-10-{n}" for n in range(4)}
    assert erased["erased"]["archived_events"] == 4
    assert set(left["contact_id"]) == set(CONTACTS[1:])
    assert hits(filled, b"".join(file.read_bytes() for file in files)) == []


def test_what_is_held_is_told_whole(runtime: Runtime, filled: Store) -> None:
    told = export_contact(runtime, "default", GONE)

    assert told["contact"]["name"] == f"name of {GONE}"
    assert told["scores"] == [{"model": "cf", "product_id": "p1", "score": 0.5}]
    assert told["transactions"][0]["amount"] == 2.5
    assert [row["type"] for row in told["events"]] == ["pitch", "win", "accept", "discard"]
    assert (told["laps"], len(told["decisions"])) == (1, 1)
    assert told["multipliers"][0]["wins"] == 1
    with pytest.raises(NotFound, match="nothing is held"):
        export_contact(runtime, "default", "nobody")
    assert filled is not None


def test_an_unknown_contact_is_not_erased_and_leaves_no_tombstone(runtime: Runtime, filled: Store) -> None:
    before = everything(filled)
    with pytest.raises(NotFound, match="nothing is held on contact 'nobody'"):
        erase(runtime, "default", "nobody")

    assert everything(filled) == before
