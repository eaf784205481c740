"""Settings: saved by administrators alone, all at once or not at all."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from dog.services.operations.change_settings import read_tenant_settings
from dog.storage.audit_log import read_audit_entries
from dog.storage.store import Store
from tests.console.conftest import ORIGIN

FORM = {"unknown": "quarantine", "contact_attributes": " age, income ,", "batch_accept": "on"}


def test_the_form_saves_what_a_tenant_chooses(published: Store, log_in: Callable[..., FlaskClient]) -> None:
    client = log_in()
    answer = client.post("/console/settings", data=FORM, headers=ORIGIN)

    assert "Saved" in answer.text
    assert read_tenant_settings(published) == {
        "require_proof": False,
        "replay_share": 0.05,
        "unknown": "quarantine",
        "contact_attributes": ["age", "income"],
        "batch_accept": True,
    }
    shown = client.get("/console/settings").text
    assert 'value="age, income"' in shown
    assert "Saved" not in shown


def test_the_audit_log_names_the_settings_that_were_changed_and_no_others(
    published: Store, log_in: Callable[..., FlaskClient]
) -> None:
    client = log_in()
    client.post("/console/settings", data=FORM, headers=ORIGIN)
    client.post("/console/settings", data=FORM | {"unknown": "refuse"}, headers=ORIGIN)
    entries = [entry for _, entry in read_audit_entries(published.redis, "default", limit=20)]

    changed = [entry["target"] for entry in entries if entry["act"] == "settings.change"]
    assert changed[0] == "unknown"
    assert sorted(changed[1:]) == ["batch_accept", "contact_attributes", "unknown"]


@pytest.mark.parametrize(
    ("change", "fault", "shown"),
    [
        ({"contact_attributes": ",".join("abcdefghijklm")}, "at most 12 attributes", ", ".join("abcdefghijklm")),
        ({"unknown": "ignore"}, "load the page again", "age, income"),
    ],
)
def test_a_bad_form_changes_nothing(
    published: Store, log_in: Callable[..., FlaskClient], change: dict[str, str], fault: str, shown: str
) -> None:
    before = read_tenant_settings(published)
    answer = log_in().post("/console/settings", data=FORM | change, headers=ORIGIN)

    assert answer.status_code == 422
    assert fault in answer.text
    assert f'value="{shown}"' in answer.text  # what was entered is not lost
    assert read_tenant_settings(published) == before


def test_only_administrators_see_and_save(published: Store, log_in: Callable[..., FlaskClient]) -> None:
    client = log_in("read", "feedback")

    assert client.get("/console/settings").status_code == 403
    assert client.post("/console/settings", data=FORM, headers=ORIGIN).status_code == 403
    assert read_tenant_settings(published)["unknown"] == "accept"
