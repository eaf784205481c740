"""The policy studio: edit, check, preview, publish, roll back."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from dog.console.policies import proof_routes, rule_routes
from dog.console.policies.policy_draft import check_draft, read_draft
from dog.console.policies.rule_form import TEMPLATES
from dog.console.policies.toml_writer import write_toml
from dog.console.policy_requests import (
    activate_chosen,
    chosen_policy,
    document_of,
    latest_versions,
    names_of_policies,
    preview_changes,
    publish_changes,
    show_stored,
    wants_draft,
)
from dog.console.preview_words import describe_lists, rule_notes
from dog.console.session import require, runtime, tenant
from dog.services.lists.snapshot import Snapshots
from dog.storage.catalogue import Catalogue
from dog.storage.policy_versions import active_policies, read_policy_text

routes = Blueprint("policies", __name__)
for part in (proof_routes.routes, rule_routes.routes):
    routes.register_blueprint(part)


@routes.context_processor
def _templates() -> dict[str, Any]:
    return {"templates": TEMPLATES}


@routes.get("/rules")
def show() -> str:
    """Show the live version of a policy, or the one that the request names, in the editor."""
    require("admin")
    names = names_of_policies()
    policy = chosen_policy(names)
    if policy is None:
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
        edit=request.args.get("edit"),
        draft=check_draft(policy, _text(policy, shown)),
        versions=latest_versions(policy),
        product_names=_catalogue().names(),
        shadow=document_of(policy, version).get("shadow"),
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
    found = preview_changes(draft.policy, draft.text)
    later, catalogue = found["after_recompute"], _catalogue()
    return render_template(
        "policy_preview.html",
        at_once=describe_lists(found, found["contacts"], catalogue),
        later=describe_lists(later, found["contacts"], catalogue) if later else None,
        notes=rule_notes(found["rules"]),
        warnings=[one["message"] for one in found["warnings"]],
    )


@routes.post("/rules/publish")
def publish() -> Response:
    """Publish the draft, or store it as a draft."""
    require("admin")
    draft, base = read_draft(), request.form.get("base", "")
    version = publish_changes(draft.policy, draft.text.encode(), base=base)
    if wants_draft():
        shown = {"policy": draft.policy, "versions": latest_versions(draft.policy), "kept": version}
        return make_response(render_template("policy_kept.html", **shown))
    return show_stored("/rules", policy=draft.policy, version=version)


@routes.post("/rules/activate")
def activate() -> Response:
    """Make a stored version live: a draft, or an earlier one to roll back to."""
    require("admin")
    return activate_chosen("/rules")


def _text(policy: str, version: str) -> str:
    """Return a version as TOML, written from its document where it was not stored as TOML."""
    return read_policy_text(runtime().store(tenant()), policy, version) or write_toml(document_of(policy, version))


def _catalogue() -> Catalogue:
    return runtime().shared(Snapshots).get(runtime().store(tenant())).catalogue
