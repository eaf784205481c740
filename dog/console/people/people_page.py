"""The page of people and API keys: who may enter, since when, and the actions to create, revoke and block."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from dog.console.session import redirect_to, require_role, runtime, tenant
from dog.console.texts import _
from dog.console.whole_number import whole_number
from dog.errors import InvalidInput
from dog.storage.api_keys import SCOPES, create_key, list_keys, revoke_key
from dog.storage.people import block_person, list_people

routes = Blueprint("people", __name__)


@routes.get("/people")
def show(new_key: str | None = None, fault: str | None = None) -> str:
    """Show people and keys; `new_key` is shown this once."""
    require_role("admin")
    now = datetime.now(UTC)
    return render_template(
        "people.html",
        people=list_people(runtime().redis, tenant()),
        keys=[(key, key.is_valid_at(now)) for key in list_keys(runtime().redis, tenant())],
        scopes=SCOPES,
        new_key=new_key,
        fault=fault,
    )


@routes.post("/people/keys")
def create() -> ResponseReturnValue:
    """Create a key, and show it."""
    require_role("admin")
    scopes = tuple(scope for scope in SCOPES if scope in request.form.getlist("scope"))
    try:
        expires_at = _read_days(request.form.get("days", ""))
        name = request.form.get("name", "").strip()
        made = create_key(runtime().redis, tenant(), name, scopes, expires_at, datetime.now(UTC))
    except InvalidInput as error:
        return show(fault=error.message), 422
    return show(new_key=made)


@routes.post("/people/keys/<key_id>/revoke")
def revoke(key_id: str) -> ResponseReturnValue:
    """Revoke a key."""
    require_role("admin")
    revoke_key(runtime().redis, tenant(), key_id, datetime.now(UTC))
    return redirect_to("/people")


@routes.post("/people/<person_id>/<any(block, unblock):action>")
def block(person_id: str, action: str) -> ResponseReturnValue:
    """Block a person, or unblock it; its sessions end with the next request."""
    require_role("admin")
    block_person(runtime().redis, tenant(), person_id, datetime.now(UTC) if action == "block" else None)
    return redirect_to("/people")


def _read_days(text: str) -> datetime | None:
    if not text:
        return None
    days = whole_number(text)
    if days is None or not 0 < days <= 3650:
        raise InvalidInput(_("The days until a key expires are a whole number from 1 to 3650"))
    return datetime.now(UTC) + timedelta(days=days)
