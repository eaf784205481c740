"""The policy studio: edit, check, preview, publish, roll back."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request

from dog.console import MOUNT_PATH
from dog.console.policies import proof_routes, rule_routes
from dog.console.policies.policy_draft import check_draft, read_draft
from dog.console.policies.preview_words import describe_lists, rule_notes
from dog.console.policies.rule_form import TEMPLATES
from dog.console.policies.toml_writer import write_toml
from dog.console.session import author, require, runtime, tenant
from dog.console.texts import _
from dog.errors import NotFound
from dog.services.policies.policy_store import VersionMovedOn
from dog.services.publishing.preview_policy import preview_policy
from dog.services.publishing.publish_policy import (
    activate_policy_version,
    list_policy_versions,
    publish_policy,
)
from dog.storage.policy_versions import (
    active_policies,
    read_default_policy,
    read_policy_text,
    read_policy_version,
)

SAMPLE = 60
"""Contacts of a preview: it takes some seconds."""
MAX_VERSIONS = 12

routes = Blueprint("policies", __name__)
for part in (proof_routes.routes, rule_routes.routes):
    routes.register_blueprint(part)


@routes.app_context_processor
def _templates() -> dict[str, Any]:
    return {"templates": TEMPLATES}


@routes.get("/rules")
def show() -> str:
    """Show the live version of a policy, or the one that the request names, in the editor."""
    require("admin")
    names = _names()
    policy = request.args.get("policy") or next(iter(names), None)
    if policy not in names:
        return render_template("policy.html", policies=names, policy=None)
    version = active_policies(runtime().store(tenant()))[policy]
    shown = request.args.get("version") or version
    return render_template(
        "policy.html",
        policies=names,
        policy=policy,
        version=version,
        shown=shown,
        stored=request.args.get("stored"),
        draft=check_draft(policy, _text(policy, shown)),
        versions=list_policy_versions(runtime(), tenant(), policy)[:MAX_VERSIONS],
    )


@routes.post("/rules/check")
def check() -> str:
    """Check the draft while it is edited."""
    require("admin")
    return render_template("policy_checked.html", draft=read_draft(), is_answer=True)


@routes.post("/rules/preview")
def preview() -> str:
    """Compare the lists of a sample of contacts, at once and after the next recompute."""
    require("admin")
    draft = read_draft()
    found = preview_policy(runtime(), tenant(), draft.policy, draft.text, sample=SAMPLE)
    later = found.get("after_recompute")
    return render_template(
        "policy_preview.html",
        at_once=describe_lists(found, found["contacts"]),
        later=describe_lists(later, found["contacts"]) if later else None,
        notes=rule_notes(found["rules"]),
        warnings=[one["message"] for one in found["warnings"]],
    )


@routes.post("/rules/publish")
def publish() -> Response:
    """Publish the draft, or store it as a draft."""
    require("admin")
    draft, is_draft, base = read_draft(), request.form.get("as") == "draft", request.form.get("base", "")
    try:
        stored = publish_policy(
            runtime(),
            tenant(),
            draft.policy,
            draft.text.encode(),
            author=author(),
            comment=request.form.get("comment", "").strip(),
            if_match=[base],
            draft=is_draft,
        )
    except VersionMovedOn:
        raise VersionMovedOn(_moved_on(draft.policy)) from None
    if is_draft:
        versions = list_policy_versions(runtime(), tenant(), draft.policy)[:MAX_VERSIONS]
        return make_response(
            render_template(
                "policy_kept.html", policy=draft.policy, version=base, versions=versions, kept=stored["version"]
            )
        )
    return _go_to(draft.policy, stored["version"])


@routes.post("/rules/activate")
def activate() -> Response:
    """Make a stored version live: a draft, or an earlier one to roll back to."""
    require("admin")
    policy, version = request.form.get("policy", ""), request.form.get("version", "")
    activate_policy_version(runtime(), tenant(), policy, version)
    return _go_to(policy, version)


def _names() -> list[str]:
    """Return the names of the active policies, the default first."""
    store = runtime().store(tenant())
    default = read_default_policy(store)
    return sorted(active_policies(store), key=lambda name: (name != default, name))


def _text(policy: str, version: str) -> str:
    """Return a version as TOML, written from its document where it was not stored as TOML."""
    store = runtime().store(tenant())
    record: dict[str, Any] | None = read_policy_version(store, policy, version)
    if record is None:
        raise NotFound(_("Policy %(policy)s has no version %(version)s.", policy=policy, version=version))
    return read_policy_text(store, policy, version) or write_toml(record["document"])


def _moved_on(policy: str) -> str:
    """Return who published while the draft was edited, and what to do."""
    live = next(one for one in list_policy_versions(runtime(), tenant(), policy) if one["active"])
    return _(
        "Nothing was published: %(author)s has published version %(version)s since you opened the page; "
        "save yours as a draft, load the page again and apply your change to that version.",
        author=live["author"],
        version=live["version"],
    )


def _go_to(policy: str, version: str) -> Response:
    """Let htmx load the page again, with what was stored."""
    answer = make_response("", 204)
    answer.headers["HX-Redirect"] = f"{MOUNT_PATH}/rules?{urlencode({'policy': policy, 'stored': version})}"
    return answer
