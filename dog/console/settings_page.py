"""The settings page: what a tenant chooses itself, for administrators."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from dog.api.request_schemas import TenantSettingsSchema
from dog.console.session import require_role, runtime, tenant
from dog.console.texts import _
from dog.services.operations.change_settings import change_settings, read_tenant_settings
from dog.storage.catalogue import read_attributes
from dog.storage.tenant_settings import MOST_ATTRIBUTES

routes = Blueprint("settings", __name__)


@routes.get("/settings")
def show(*, saved: bool = False, fault: str | None = None, form: Mapping[str, Any] | None = None) -> str:
    """Show the settings as they are saved, or those of a `form` that has a `fault`."""
    require_role("admin")
    store = runtime().store(tenant())
    _products, contacts = read_attributes(store)
    known = sorted(contacts)
    chosen = {**read_tenant_settings(store), **(form or {})}
    return render_template("settings.html", chosen=chosen, known=known, saved=saved, fault=fault)


@routes.post("/settings")
def save() -> ResponseReturnValue:
    """Change the settings that the form has otherwise than they are, so that the audit log names no others."""
    require_role("admin")
    names = (name.strip() for name in request.form.get("contact_attributes", "").split(","))
    form = {
        "unknown": request.form.get("unknown"),
        "contact_attributes": list(filter(None, names)),
        "batch_accept": "batch_accept" in request.form,
        "require_proof": "require_proof" in request.form,
    }
    try:
        chosen = TenantSettingsSchema().load(form)
    except ValidationError as error:
        fault = _("The form lacks a choice; load the page again")
        if "contact_attributes" in error.messages_dict:
            fault = _("Name at most %(n)s attributes of at most 64 characters", n=MOST_ATTRIBUTES)
        return show(fault=fault, form=form), 422
    known = read_tenant_settings(runtime().store(tenant()))
    change_settings(runtime(), tenant(), {name: value for name, value in chosen.items() if value != known[name]})
    return show(saved=True)
