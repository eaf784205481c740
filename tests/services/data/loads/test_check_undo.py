"""An undo is refused where something builds on the load: the message says what, and nothing is changed."""

from pathlib import Path

import pytest

from dog.errors import Conflict
from dog.services.data.import_rows import import_rows
from dog.services.data.loads.undo_load import undo_load
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.load_records import begin_load
from dog.storage.store import Store
from dog.storage.tenant_dump import drop_keys
from dog.storage.week_archive import close_weeks
from tests.loads_world import event, exported, load
from tests.tenant_keys import tenant_keys


def refused(runtime: Runtime, load_id: str, tmp_path: Path) -> str:
    """Return why an undo is refused."""
    before = exported(runtime, tmp_path)
    with pytest.raises(Conflict) as caught:
        undo_load(runtime, "default", load_id)
    assert exported(runtime, tmp_path) == before
    return caught.value.message


def test_an_event_that_names_a_pitch_of_the_load_is_named(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    first = load(runtime, tmp_path, "feedback", event("e1"), event("e2"), event("e3", "loss", pitch_id="e2"))
    record_feedback(loaded, [event("h1", "win", pitch_id="e1")], runtime.clock())

    assert refused(runtime, first.load_id, tmp_path) == (
        f"event 'h1' names the pitch 'e1' of load {first.load_id}; retract it first, or leave the load as it is"
    )


def test_the_load_with_an_event_that_names_a_pitch_is_named(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    del loaded
    first = load(runtime, tmp_path, "feedback", event("e1"))
    second = load(runtime, tmp_path, "feedback", event("e2", "win", pitch_id="e1"))

    assert refused(runtime, first.load_id, tmp_path).endswith(f"dog loads undo {second.load_id}")
    undo_load(runtime, "default", second.load_id)
    assert undo_load(runtime, "default", first.load_id).events == 1


@pytest.mark.parametrize("kind", ["products", "contacts", "scores", "transactions"])
def test_a_later_load_of_the_same_rows_is_named(runtime: Runtime, loaded: Store, tmp_path: Path, kind: str) -> None:
    del loaded
    row = {"contact_id": "c1", "product_id": "p1"}
    extra = {"scores": {"model": "cf", "score": 1}}.get(kind, {"name": "x"} if kind != "transactions" else {})
    keys = {"products": ("product_id",), "contacts": ("contact_id",)}.get(kind, ("contact_id", "product_id"))
    base = {name: row[name] for name in keys} | extra
    when = {"scores": "as_of", "transactions": "occurred_at"}.get(kind, "hue")
    first, second = (load(runtime, tmp_path, kind, base | {when: f"2026-11-0{day}"}) for day in (2, 3))

    assert f"load {second.load_id} ({kind}.csv, " in refused(runtime, first.load_id, tmp_path)
    undo_load(runtime, "default", second.load_id)
    undo_load(runtime, "default", first.load_id)


def test_rows_that_were_changed_over_http_are_told(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    first = load(runtime, tmp_path, "contacts", {"contact_id": "c1", "name": "Anna"})
    import_rows(loaded, "contacts", [{"contact_id": "c1", "name": "Hanna"}], runtime.settings.zone)

    assert "(contacts) were changed since" in refused(runtime, first.load_id, tmp_path)


def test_only_the_newest_three_loads_of_a_kind_can_be_undone(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    first, *_ = (load(runtime, tmp_path, "contacts", {"contact_id": "c1", "name": f"A{n}"}) for n in range(4))

    assert "only the newest three loads of contacts" in refused(runtime, first.load_id, tmp_path)
    assert not [key for key in tenant_keys(loaded.redis, "default") if first.load_id.encode() in key]


def test_undone_running_and_archived_loads_are_refused(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    done = load(runtime, tmp_path, "feedback", event("e1"))
    undo_load(runtime, "default", done.load_id)
    assert "is undone already" in refused(runtime, done.load_id, tmp_path)

    waits: list[float] = []
    runtime.wait = waits.append
    running = begin_load(loaded, "feedback", "x.csv", runtime.clock())
    assert "is running" in refused(runtime, running.load_id, tmp_path)
    assert sum(waits) > 30

    archived = load(runtime, tmp_path, "feedback", event("e1"))
    drop_keys(loaded.redis, [key for key in tenant_keys(loaded.redis, "default") if b"}:log:" in key])
    close_weeks(loaded, runtime.clock())
    assert "1 event of load" in refused(runtime, archived.load_id, tmp_path)
