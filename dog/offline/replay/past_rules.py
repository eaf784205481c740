"""The rules that multiply scores, applied to past pitches with the products' and contacts' attributes of today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from dog.core.policy.policy import Policy
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Column, Frame
from dog.core.rulebook.conditions import Condition, compile_condition
from dog.core.rulebook.multiply import Multiply
from dog.core.rulebook.rules import Rule
from dog.errors import InvalidPolicy
from dog.offline.history.pitches import Pitches
from dog.offline.history.read_history import History
from dog.offline.statistics.discrimination import Floats
from dog.services.policies.tenant_schema import tenant_schema
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import read_arrays
from dog.storage.store import Store

KNOWN_ROOTS = ("product.", "contact.", "score.")
KNOWN_COLUMNS = ("consolidated", "multiplier")


@dataclass(frozen=True, slots=True, kw_only=True)
class PastColumns:
    """What conditions may read: attributes by the numbers of products and contacts, and each pitch's day (ordinal)."""

    schema: ColumnSchema
    products: Frame
    contacts: Frame
    days: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "PastColumns":
        """Return the columns for some of the pitches."""
        return replace(self, days=self.days[chosen])

    def of_pitches(self, pitches: Pitches, scores: Mapping[str, Column]) -> Frame:
        """Return the columns of each pitch."""
        of_contact = self.contacts.take(pitches.contact)
        contacts = {name: of_contact.columns[name] for name in self.contacts.columns}
        return self.products.take(pitches.product).with_columns({**contacts, **scores})


def read_past_columns(runtime: Runtime, store: Store, history: History) -> PastColumns:
    """Read the attributes of the products and contacts of a history."""
    catalogue, zone = read_catalogue(store), runtime.settings.zone
    products = [{**record, "id": name} for name, record in zip(catalogue.ids, catalogue.records, strict=True)]
    packed = read_arrays(store, "contacts", "", history.contacts)
    contacts: list[dict[str, Any]] = [
        {**orjson.loads(record or b"{}"), "id": contact_id}
        for record, contact_id in zip(packed, history.contact_ids, strict=True)
    ]
    days = [datetime.fromtimestamp(at / 1000, zone).toordinal() for at in history.pitches.at_ms.tolist()]
    return PastColumns(
        schema=tenant_schema(store),
        products=Frame.of(products, "product"),
        contacts=Frame.of(contacts, "contact"),
        days=np.array(days, np.int64),
    )


def multiplying_rules(policy: Policy) -> list[Rule]:
    """Return the rules that multiply scores."""
    return [rule for rule in policy.rules if isinstance(rule.effect, Multiply)]


def rules_left_out(policy: Policy, schema: ColumnSchema) -> dict[str, str]:
    """Return the rules that are not replayed, by id, and why."""
    found = {}
    for rule in policy.rules:
        if not isinstance(rule.effect, Multiply):
            found[rule.id] = f"{rule.effect.kind} changes which options are listed, not their scores"
        elif unknown := _unknown(_compile(rule, schema).reads):
            found[rule.id] = f"{', '.join(unknown)} at past pitches is not known"
    return found


def rule_factors(
    policy: Policy, columns: Callable[[], PastColumns], pitches: Pitches, scores: Mapping[str, Column]
) -> Floats | float:
    """Return the product of the factors of all rules that fired at each pitch, shape (pitches,); 1 without rules.

    `scores` holds the columns `score.MODEL`, `consolidated` and `multiplier`. A rule acts within its days; one whose
    condition reads what is not known of past pitches (context, past events) is left out.
    """
    rules = multiplying_rules(policy)
    if not rules:
        return 1.0
    given = columns()
    frame, factor = given.of_pitches(pitches, scores), np.ones(len(pitches))
    for rule in rules:
        condition = _compile(rule, given.schema)
        if not _unknown(condition.reads) and isinstance(rule.effect, Multiply):
            with np.errstate(all="ignore"):
                fires = condition.masks(frame)[0] & _active(rule, given.days)
            factor = np.where(fires, factor * rule.effect.factor, factor)
    return factor


def _compile(rule: Rule, schema: ColumnSchema) -> Condition:
    try:
        return compile_condition(rule.when, replace(schema, open=True))
    except InvalidPolicy:
        return compile_condition(rule.when, ColumnSchema(open=True))


def _unknown(reads: Sequence[str] | frozenset[str]) -> list[str]:
    return sorted(name for name in reads if not name.startswith(KNOWN_ROOTS) and name not in KNOWN_COLUMNS)


def _active(rule: Rule, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    since = rule.start.toordinal() if rule.start else 0
    until = rule.end.toordinal() if rule.end else np.iinfo(np.int64).max
    return (days >= since) & (days <= until)
