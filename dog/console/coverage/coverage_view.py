"""What the coverage page shows: causes in words, contacts by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from dog.console.rule_words import condition_words, effect_words, rule_name
from dog.console.texts import N_, _
from dog.services.publishing.coverage_gaps import CauseGap, CoverageGaps
from dog.storage.catalogue import Catalogue
from dog.storage.contacts import name_of_contact

CAUSES = {
    "rest": (N_("Rests after a discard"), N_("come back by themselves")),
    "season": (N_("Products not offered on this day"), N_("outside active_from and active_to")),
}
"""Causes that are not rules: what they are, and what to know of them."""

Document = Mapping[str, Any]


def describe_causes(gaps: CoverageGaps, rules: Sequence[Document], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return each cause in words, with its numbers; `rule` is the id of a rule, else ''."""
    by_id = {str(rule["id"]): rule for rule in rules}
    return [_describe_cause(gap, by_id, catalogue) for gap in gaps.causes]


def _describe_cause(gap: CauseGap, rules: Mapping[str, Document], catalogue: Catalogue) -> dict[str, Any]:
    rule_id = gap.cause.rule_id
    if rule_id:
        rule = rules.get(rule_id, {"id": rule_id})
        name, words = rule_name(rule), f"{effect_words(rule)}, {condition_words(rule)}"
    else:
        name, words = map(_, CAUSES[gap.cause.kind])
    products = [catalogue.name_of(catalogue.ids[number]) for number in gap.products if number < len(catalogue)]
    others = gap.product_count - len(gap.products)
    return {"gap": gap, "rule": rule_id, "name": name, "words": words, "products": products, "others": others}


def describe_contacts(gaps: CoverageGaps, records: Mapping[bytes, Document]) -> list[dict[str, Any]]:
    """Return the contacts with gaps by name, without those that were erased meanwhile."""
    return [
        {
            "id": records[contact]["contact_id"],
            "name": name_of_contact(records[contact]),
            "segment": records[contact].get("segment") or "",
            "best": best,
        }
        for contact, best in gaps.listed
        if contact in records
    ]
