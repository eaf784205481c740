"""Write a decision as JSON: the answer, and with all inputs what is kept; both share the text of the items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dog.core.iso_weeks import utc_time
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.excluded_options import ExcludedOptions, find_excluded, rest_note
from dog.services.lists.rank_request import Ranking
from dog.services.lists.request_contact import unknown_events_note
from dog.services.lists.write_receipts import WrittenItems, common_inputs, write_items

NOT_RULES = frozenset({"request", "snooze", "active"})
"""Reasons of an exclusion that are not rules of the policy."""


@dataclass(slots=True, kw_only=True)
class WrittenDecision:
    """A decision in parts; those that are not asked for are not written."""

    ranking: Ranking
    decision_id: str
    items: WrittenItems
    excluded: ExcludedOptions
    head: bytes  # the fields before the items, without the closing brace
    brief_items: bytes
    tail: bytes  # the fields after all others, without the opening brace

    def answer(self, explain: str) -> bytes:
        """Return the answer: `none` without factors, `brief` with them, `full` with all that is kept."""
        items = self.brief_items if explain == "brief" else self.items.write(explain)
        excluded = (b',"excluded":', self.excluded.text) if explain == "full" else ()
        return b"".join((self.head, b',"items":', items, *excluded, b",", self.tail))

    def kept(self) -> bytes:
        """Return what is kept."""
        parts = {
            "items": self.brief_items,
            "inputs": common_inputs(self.ranking),
            "item_inputs": self.items.write_inputs(),
            "excluded": self.excluded.text,
        }
        fields = (b',"%b":' % name.encode() + text for name, text in parts.items())
        return b"".join((self.head, *fields, b",", self.tail))

    def fired_rules(self) -> frozenset[str]:
        """Return the rules that moved or excluded anything, as `policy:rule`; caps leave no trace in a list."""
        rules = self.ranking.ranked.rules.rules
        moved = {rules[number].rule.id for number in set().union(*self.items.winners.fired)}
        policy = self.ranking.active.policy.name
        return frozenset(f"{policy}:{rule_id}" for rule_id in moved | (self.excluded.rule_ids - NOT_RULES))


def write_decision(ranking: Ranking, decision_id: str) -> WrittenDecision:
    """Return the decision with its receipts."""
    items = write_items(ranking)
    return WrittenDecision(
        ranking=ranking,
        decision_id=decision_id,
        items=items,
        excluded=find_excluded(ranking),
        head=_write_head(ranking, decision_id),
        brief_items=items.write(),
        tail=_write_tail(ranking),
    )


def _write_head(ranking: Ranking, decision_id: str) -> bytes:
    context, contact, lap = ranking.context, ranking.contact, None
    if not ranking.degraded:
        lap = contact.laps + context.runtime.shared(DecisionWriter).waiting_laps(context.store, contact.digest) + 1
    head = {
        "decision_id": decision_id,
        "contact_id": ranking.request.contact_id,
        "lap": lap,
        "policy": ranking.active.policy.name,
        "policy_version": ranking.active.version,
        "multiplier_version": ranking.snapshot.version_name,
        "generated_at": utc_time(context.now_ms),
    }
    return orjson.dumps(head)[:-1]


def _write_tail(ranking: Ranking) -> bytes:
    tail: dict[str, Any] = {"notes": _notes(ranking)}
    if ranking.propensities is not None:
        tail["variant"] = ranking.active.variant
    if ranking.degraded:
        tail["degraded"] = ranking.degraded.to_document()
    return orjson.dumps(tail)[1:]


def _notes(ranking: Ranking) -> Sequence[str]:
    notes = [*ranking.options.notes, *filter(None, [unknown_events_note(ranking.context), rest_note(ranking)])]
    return notes if len(ranking.ranked.chosen) else [*notes, _why_empty(ranking)]


def _why_empty(ranking: Ranking) -> str:
    options = len(ranking.options.product_ids)
    if not options and ranking.active.starts and ranking.snapshot.start.events and ranking.contact.record is not None:
        return (
            "the list is empty: no product is left that the contact has not bought, and products are not bought twice"
        )
    if not options:
        return "the list is empty: no model has a score for this contact; load scores or run dog jobs train"
    excluded = options - int(ranking.ranked.eligible.sum())
    return f"the list is empty: of {options} options {excluded} were excluded; explain=full names the rule of each"
