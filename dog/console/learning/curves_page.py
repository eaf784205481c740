"""The page Curves and learning: shape how outcomes become multipliers, see what changes, publish, roll back."""

from flask import Blueprint, Response, make_response, render_template, request

from dog.console.learning.curve_chart import chart_trust
from dog.console.learning.curve_form import RANGES, changed_document, form_values
from dog.console.learning.curve_words import fade_sentences, next_contacts
from dog.console.learning.drawn_curve import draw_curve_of
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
from dog.console.preview_words import describe_lists
from dog.console.session import allows, require, runtime, tenant
from dog.core.learning.reinforcement_settings import FAMILIES, LAP_SCOPES, NEUTRALS, READINGS
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.observed_wins import compare_products
from dog.services.pairs.pair_table import PairTables
from dog.services.pairs.read_multipliers import list_versions
from dog.services.publishing.publish_policy import show_policy
from dog.services.publishing.recursion_outlook import RecursionOutlooks

SHOWN_PRODUCTS = 12
READ_WAIT_SECONDS = 0.3

routes = Blueprint("learning", __name__)


@routes.get("/learning")
def show() -> str:
    """Show the form of the live curve, what it has learned, and the versions."""
    require("read")
    policies = names_of_policies()
    policy = chosen_policy(policies)
    if policy is None:
        return render_template("learning.html", policies=policies, policy=None)
    version, document = show_policy(runtime(), tenant(), policy)
    weeks = [
        (one["week"], one["trust"][policy]) for one in list_versions(runtime(), tenant()) if policy in one["trust"]
    ]
    shown = request.args.get("version") or version
    values = form_values(document if shown == version else document_of(policy, shown))
    return render_template(
        "learning.html",
        policies=policies,
        policy=policy,
        version=version,
        shown=shown,
        stored=request.args.get("stored"),
        values=values,
        ranges=RANGES,
        choices={"neutral": (*NEUTRALS, "number"), "family": FAMILIES, "reading": READINGS, "lap_scope": LAP_SCOPES},
        drawn=draw_curve_of(policy, document, {name: str(value) for name, value in values.items()}),
        trust=chart_trust(weeks[::-1]) if len(weeks) > 1 else None,
        last_trust=weeks[0][1] if weeks else None,
        versions=latest_versions(policy) if allows("admin") else [],
    )


@routes.get("/learning/drawn")
def draw() -> str:
    """Draw the curve of the form, with what the next recompute would move."""
    require("read")
    policy = _named_policy()
    _version, document = show_policy(runtime(), tenant(), policy)
    return render_template("learning_drawn.html", drawn=draw_curve_of(policy, document, request.args))


@routes.get("/learning/observed")
def observe() -> str:
    """Compare wins with those expected, by product."""
    require("read")
    policy = _named_policy()
    table = runtime().shared(PairTables).of(runtime(), tenant(), policy, READ_WAIT_SECONDS)
    snapshot = runtime().shared(Snapshots).current(runtime().store(tenant()))
    products = compare_products(table, snapshot.catalogue) if table else []
    return render_template(
        "learning_observed.html",
        policy=policy,
        products=products[:SHOWN_PRODUCTS],
        others=max(0, len(products) - SHOWN_PRODUCTS),
        is_reading=table is None and snapshot.version is not None,
    )


@routes.get("/learning/fades")
def show_fades() -> str:
    """Show how long the laps of the form take, and which contacts fade next."""
    require("read")
    policy = _named_policy()
    outlook = runtime().shared(RecursionOutlooks).of(runtime(), tenant(), policy, READ_WAIT_SECONDS)
    if outlook is None:
        return render_template("learning_fades.html", policy=policy, outlook=None)
    laps = request.args.get("laps", outlook.pace.laps_between, type=int)
    scope = request.args.get("lap_scope", outlook.scope)
    said = fade_sentences(outlook, max(1, laps), scope)
    return render_template(
        "learning_fades.html", policy=policy, outlook=outlook, said=said, nearest=next_contacts(outlook)
    )


@routes.post("/learning/preview")
def preview() -> str:
    """Compare the lists of a sample of contacts, at once and after the next recompute."""
    require("admin")
    policy = _named_policy()
    _version, document = show_policy(runtime(), tenant(), policy)
    changed = changed_document(document, request.form)
    found = preview_changes(policy, changed)
    later, snapshot = found["after_recompute"], runtime().shared(Snapshots).current(runtime().store(tenant()))
    return render_template(
        "learning_preview.html",
        at_once=describe_lists(found, found["contacts"], snapshot.catalogue),
        later=None if later is None else describe_lists(later, found["contacts"], snapshot.catalogue),
        has_multipliers=snapshot.version is not None,
    )


@routes.post("/learning/publish")
def publish() -> Response:
    """Publish the curve of the form, or store it as a draft."""
    require("admin")
    policy, base = _named_policy(), request.form.get("version", "")
    changed = changed_document(document_of(policy, base), request.form)
    version = publish_changes(policy, changed, base=base)
    if wants_draft():
        return make_response(render_template("learning_draft.html", version=version))
    return show_stored("/learning", policy=policy, version=version)


@routes.post("/learning/activate")
def activate() -> Response:
    """Make a stored version live: a draft, or an earlier one to roll back to."""
    require("admin")
    return activate_chosen("/learning")


def _named_policy() -> str:
    return request.values.get("policy", "")
