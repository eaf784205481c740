"""The form beside the TOML: rules, weights and learning; what live rules do; why a product is not on a list."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request

from dog.console.message_words import message_words
from dog.console.policies.edit_toml import set_value, swap_rules, write_rule
from dog.console.policies.policy_draft import PolicyDraft, check_draft, draft_rules, read_draft
from dog.console.policies.rule_form import COMPARISONS, TEMPLATES, Clause, read_clauses, read_rule
from dog.console.policies.settings_form import read_settings
from dog.console.policy_requests import SAMPLE
from dog.console.rule_words import condition_words, effect_words, rule_name
from dog.console.session import require, runtime, tenant
from dog.console.texts import _
from dog.console.whole_number import whole_number
from dog.core.rulebook.column_schema import EVENTS, ColumnSchema
from dog.core.rulebook.limit import BY
from dog.core.rulebook.rules import STAGES
from dog.errors import InvalidInput
from dog.services.lists.kept_decisions import count_fired_rules
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.why_not import why_not_now
from dog.services.policies.tenant_schema import tenant_schema
from dog.services.publishing.measure_rules import measure_rules, suggest_values
from dog.services.publishing.publish_policy import show_policy

EMPTY_ROWS = 1
"""Rows of a condition beyond those that it has."""

routes = Blueprint("policy_rules", __name__)


@routes.post("/rules/form")
def show_form() -> str:
    """Show the form of a rule of the draft by its id, or of a template."""
    require("admin")
    rules, wanted = draft_rules(read_draft().document), request.values.get("edit", "")
    template = TEMPLATES.get(request.values.get("template", ""))
    place = next((number for number, rule in enumerate(rules) if rule.get("id") == wanted), None)
    if place is None and template is None:
        raise InvalidInput(_("The draft has no rule %(rule)s; it may be in the live version only.", rule=wanted))
    rule: Mapping[str, Any] = template[1] if place is None and template else rules[place or 0]
    clauses = read_clauses(str(rule.get("when") or "true"))
    rows = [*(clauses or []), *[Clause("", "=", "")] * EMPTY_ROWS]
    columns = _schema().names()
    then = rule.get("then")
    return render_template(
        "policy_rule_form.html",
        place="" if place is None else place,
        rule=rule,
        then=then if isinstance(then, Mapping) else {},
        is_text=clauses is None,
        rows=[(row, suggest_values(runtime(), tenant(), row.column)) for row in rows],
        columns=columns,
        comparisons=COMPARISONS,
        events=EVENTS,
        whose=BY,
        stages=STAGES,
        product_columns=[name for name in columns if name.startswith("product.")],
    )


@routes.get("/rules/values")
def show_values() -> str:
    """Show the values that a column has, as suggestions."""
    require("admin")
    values = suggest_values(runtime(), tenant(), request.args.get("rule_column", ""))
    return render_template("policy_values.html", values=values)


@routes.post("/rules/rule")
def save_rule() -> str:
    """Write the rule of the form into the draft, or take it out."""
    require("admin")
    draft, form = read_draft(), request.form
    rules, place = draft_rules(draft.document), whole_number(form.get("rule_place", ""))
    parts = [form.getlist(f"rule_{part}") for part in ("column", "compare", "value")]
    if len(set(map(len, parts))) > 1 or (place is not None and place >= len(rules)):
        raise InvalidInput(_("The form does not fit the draft; load the page again"))
    old = {} if place is None else rules[place]
    clauses = [Clause(*row) for row in zip(*parts, strict=True)]
    rule = None if form.get("as") == "removed" else read_rule(form, clauses, _schema(), old)
    return _edited(draft, write_rule(draft.text, place, rule))


@routes.post("/rules/move")
def move_rule() -> str:
    """Write a rule of the draft, by its id, into the place before or after."""
    require("admin")
    draft, form = read_draft(), request.form
    ids = [rule.get("id") for rule in draft_rules(draft.document)]
    place = ids.index(form["edit"]) if form.get("edit") in ids else len(ids)
    return _edited(draft, swap_rules(draft.text, place - 1 if form.get("as") == "up" else place))


@routes.post("/rules/settings")
def save_settings() -> str:
    """Write weights and settings of learning into the draft."""
    require("admin")
    draft = read_draft()
    text = draft.text
    for path, value in read_settings(request.form).items():
        text = set_value(text, path, value)
    return _edited(draft, text)


@routes.get("/rules/effects")
def show_effects() -> str:
    """Show what each rule of the live version does now, on a sample of lists."""
    require("admin")
    policy = request.args.get("policy", "")
    _version, document = show_policy(runtime(), tenant(), policy)
    impact = measure_rules(runtime(), tenant(), policy, sample=SAMPLE)
    measured, fired = impact.report(), count_fired_rules(runtime(), tenant(), policy)
    catalogue = runtime().shared(Snapshots).current(runtime().store(tenant())).catalogue
    rows = []
    for rule in document["rules"]:
        products, segments = impact.taken_off(rule["id"])
        rows.append(
            {
                "id": rule["id"],
                "name": rule_name(rule),
                "words": f"{effect_words(rule)}, {condition_words(rule)}",
                "this_week": fired.get(rule["id"], 0),
                "now": measured.get(rule["id"]),
                "products": [(catalogue.name_of(product), count) for product, count in products],
                "segments": segments,
            }
        )
    return render_template("policy_effects.html", rows=rows, sample=SAMPLE)


@routes.get("/rules/why")
def explain() -> str:
    """Show why a product, given by id or name, is not on a contact's list, and which rule keeps it off."""
    require("admin")
    policy, contact, product = (request.args.get(name, "").strip() for name in ("policy", "contact_id", "product_id"))
    product_id = runtime().shared(Snapshots).get(runtime().store(tenant())).catalogue.find(product)
    found = why_not_now(runtime(), tenant(), contact, product_id, policy=policy)
    rules = {rule["id"]: rule for rule in show_policy(runtime(), tenant(), policy)[1]["rules"]}
    rule = rules.get(str(found.get("rule_id")))
    translated = {part: message_words(found.get(part, "")) for part in ("reason", "remedy")}
    return render_template("policy_why.html", found=found | translated, rule=rule, name=rule_name(rule) if rule else "")


def _schema() -> ColumnSchema:
    store = runtime().store(tenant())
    return tenant_schema(store).with_models(runtime().shared(Snapshots).current(store).models)


def _edited(draft: PolicyDraft, text: str) -> str:
    return render_template("policy_edited.html", draft=check_draft(draft.policy, text), is_answer=True)
