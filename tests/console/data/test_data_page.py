"""The data page lists loads, models and quarantine; administrators undo and release there."""

from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient

from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.runtime import Runtime
from dog.storage.audit_log import read_audit_entries
from dog.storage.catalogue import read_catalogue
from dog.storage.load_records import INTERRUPTED, begin_load, list_loads
from dog.storage.quarantine import count_waiting
from dog.storage.sender import Sender
from dog.storage.store import Store
from dog.storage.tenant_settings import set_unknown_setting
from tests.conftest import event
from tests.console.conftest import ORIGIN
from tests.loads_world import load

Open = Callable[..., FlaskClient]


def test_the_page_is_for_administrators(log_in: Open) -> None:
    assert log_in("read", "feedback").get("/console/data").status_code == 403
    assert "Nothing was loaded" in log_in().get("/console/data").text


def test_an_administrator_of_an_empty_tenant_is_led_through_the_first_steps(
    log_in: Open, runtime: Runtime, store: Store
) -> None:
    client = log_in()
    empty, steps = client.get("/console/verdicts").text, client.get("/console/data").text
    import_rows(store, "products", [{"product_id": "p1"}], runtime.settings.zone)

    assert 'href="/console/data">First steps' in empty
    assert steps.count("○") == 3
    assert "First steps: " not in log_in("read", "feedback").get("/console/verdicts").text
    assert "First steps: " not in client.get("/console/verdicts").text
    assert client.get("/console/data").text.count("○") == 2


def test_a_load_is_listed_and_undone_once(log_in: Open, runtime: Runtime, store: Store, tmp_path: Path) -> None:
    done = load(runtime, tmp_path, "products", {"product_id": "p1"}, {"product_id": "p2"})
    client, path = log_in(), f"/console/data/loads/{done.load_id}/undo"
    before = client.get("/console/data/loads").text
    assert log_in("read").post(path, headers=ORIGIN).status_code == 403
    answer = client.post(path, headers=ORIGIN)
    again = client.post(path, headers=ORIGIN)
    entry = next(entry for _, entry in read_audit_entries(runtime.redis, "default", 5) if entry["act"] == "rows.undo")

    assert "Undo the load of products.csv" in before
    assert "Undone: 0 events and" in answer.text
    assert "Undo the load of" not in answer.text
    assert not read_catalogue(store).has_rows
    assert (again.status_code, again.text) == (409, f"load {done.load_id} is undone already\n")
    assert entry["name"] == "Ada"


def test_loads_are_polled_while_one_runs(log_in: Open, store: Store) -> None:
    begin_load(store, "scores", "s.csv", 1)
    assert 'hx-trigger="every 2s"' in log_in().get("/console/data/loads").text

    store.execute("DEL", store.keys.of("lease", f"load-{list_loads(store)[0].load_id}"))
    assert list_loads(store)[0].state == INTERRUPTED
    assert "hx-trigger" not in log_in().get("/console/data/loads").text


def test_models_tell_the_age_of_their_scores(log_in: Open, loaded: Store) -> None:
    text = log_in().get("/console/data").text

    assert loaded.tenant.name == "default"
    assert "2026-11-01" in text
    assert "not stated" in text


def test_events_whose_names_are_known_by_now_are_recorded(log_in: Open, runtime: Runtime, loaded: Store) -> None:
    set_unknown_setting(loaded, "quarantine")
    events = [event("e1", "win", "p11"), event("e2", "win", "p12")]
    answer_feedback(runtime, "default", events, substitute=False, sender=Sender(key_id="key"))
    import_rows(loaded, "products", [{"product_id": "p11"}], runtime.settings.zone)
    client = log_in()
    before = client.get("/console/data").text
    after = client.post("/console/data/quarantine/release", headers=ORIGIN).text

    assert "2 events wait" in before
    assert "p12" in before
    assert "1 event is recorded." in after
    assert "1 event waits" in after
    assert count_waiting(loaded) == 1
