"""A draft as the page checks it: its TOML text, faults, rules, and how it differs from the live version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from dog.console.policies.policy_changes import describe_changes
from dog.console.policies.settings_form import SettingField, setting_fields
from dog.console.rule_words import condition_words, effect_words, rule_name
from dog.console.session import runtime, tenant
from dog.console.texts import _, ngettext
from dog.errors import InputFault, InvalidPolicy
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.publish_policy import show_policy
from dog.storage.policy_files import parse_policy_toml

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDraft:
    """One draft, checked."""

    policy: str  # the name of the policy that it changes
    text: str
    document: Document  # as written; empty where the text is not TOML
    verdict: str  # Valid: 2 rules, 1 example passes
    faults: Sequence[InputFault] = ()
    changes: Sequence[str] = ()  # from the live version; empty where there are faults
    settings: Sequence[SettingField] = ()  # likewise

    @property
    def is_valid(self) -> bool:
        """Whether it may be stored."""
        return not self.faults

    @property
    def rules(self) -> list[dict[str, str]]:
        """Its rules in words, in their order."""
        return [
            {"id": str(rule.get("id", "")), "name": rule_name(rule), "effect": effect_words(rule)}
            | {"where": condition_words(rule), "days": _days(rule)}
            for rule in draft_rules(self.document)
        ]


def read_draft() -> PolicyDraft:
    """Return the draft that the request holds, checked."""
    return check_draft(request.form.get("policy", ""), request.form.get("text", "").replace("\r\n", "\n"))


def check_draft(policy: str, text: str) -> PolicyDraft:
    """Check a text with the tenant's columns and its own examples, and compare it with the live version."""
    document: Document = {}
    try:
        document = parse_policy_toml(text)
        checked = check_policy(runtime().store(tenant()), text, runtime().today())
    except InvalidPolicy as error:
        faults = error.faults or [InputFault("", error.code, error.message)]
        verdict = ngettext("%(n)s error", "%(n)s errors", len(faults))
        return PolicyDraft(policy=policy, text=text, document=document, verdict=verdict, faults=faults)
    rules = ngettext("%(n)s rule", "%(n)s rules", len(checked.rules))
    examples = ngettext("%(n)s example passes", "%(n)s examples pass", len(checked.examples))
    return PolicyDraft(
        policy=policy,
        text=text,
        document=document,
        verdict=_("Valid: %(rules)s, %(examples)s", rules=rules, examples=examples),
        changes=describe_changes(show_policy(runtime(), tenant(), policy)[1], checked.to_document()),
        settings=setting_fields(checked.to_document()),
    )


def draft_rules(document: Document) -> list[Document]:
    """Return the rules of a document as far as they are tables."""
    rules = document.get("rules")
    return [rule for rule in rules if isinstance(rule, Mapping)] if isinstance(rules, list) else []


def _days(rule: Document) -> str:
    first, last = rule.get("from"), rule.get("to")
    if first and last:
        return _("%(first)s to %(last)s", first=first, last=last)
    return _("from %(first)s", first=first) if first else _("until %(last)s", last=last) if last else ""
