"""Keys and people: created, shown once, revoked, by administrators alone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from dog.services.runtime import Runtime
from dog.storage.api_keys import authenticate, list_keys
from tests.console.conftest import ORIGIN


@pytest.fixture
def admin(log_in: Callable[..., FlaskClient]) -> FlaskClient:
    return log_in()


def test_a_key_is_shown_once_and_opens_what_its_scopes_say(admin: FlaskClient, runtime: Runtime) -> None:
    form = {"name": "CRM", "scope": ["read", "feedback"], "days": "30"}
    made = admin.post("/console/people/keys", data=form, headers=ORIGIN)
    shown = re.search(r'id="new-key">(dog_[^<]+)<', made.text)
    assert shown is not None
    key = authenticate(runtime.redis, shown[1], datetime.now(UTC))

    assert (key.name, key.scopes) == ("CRM", ("feedback", "read"))
    assert shown[1] not in admin.get("/console/people").text

    admin.post(f"/console/people/keys/{key.key_id}/revoke", headers=ORIGIN)
    assert next(one for one in list_keys(runtime.redis, "default") if one.key_id == key.key_id).revoked_at


@pytest.mark.parametrize(
    ("form", "fault"),
    [({"name": "x", "scope": "read", "days": "-1"}, "whole number from 1 to 3650"), ({"name": "x"}, "unknown scope")],
)
def test_a_bad_form_creates_nothing(admin: FlaskClient, runtime: Runtime, form: dict[str, str], fault: str) -> None:
    before = list_keys(runtime.redis, "default")
    answer = admin.post("/console/people/keys", data=form, headers=ORIGIN)

    assert answer.status_code == 422
    assert fault in answer.text
    assert list_keys(runtime.redis, "default") == before


def test_a_key_without_the_scope_admin_neither_sees_nor_creates(
    runtime: Runtime, log_in: Callable[..., FlaskClient]
) -> None:
    client = log_in("read", "feedback")

    assert client.get("/console/people").status_code == 403
    assert client.post("/console/people/keys", data={"name": "x", "scope": "admin"}, headers=ORIGIN).status_code == 403
    assert len(list_keys(runtime.redis, "default")) == 1
