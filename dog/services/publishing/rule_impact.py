"""Impact of each rule of a policy on a sample of lists: options it acts on, and lists that it changes."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from dog.core.kernels.rank_by_rules import TRUE
from dog.core.ranking import select
from dog.core.rulebook.cap import Cap
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.exclusive import Exclusive
from dog.core.rulebook.limit import Limit
from dog.core.rulebook.multiply import Multiply
from dog.core.rulebook.pin import Pin
from dog.core.rulebook.rulebook import CompiledRule
from dog.services.lists.rank_request import Ranking
from dog.services.lists.taken_offers import excluded_by_rules

SHOWN = 10
UNCONDITIONAL = "true"


class RuleImpact:
    """Counts of each rule over the contacts added so far."""

    def __init__(self, k: int) -> None:
        self._k = k
        self._rules: dict[str, CompiledRule] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._products: dict[str, Counter[str]] = {}
        self._segments: dict[str, Counter[str]] = {}

    def add(self, ranking: Ranking) -> None:
        """Add one contact's list, made without a variant."""
        outcomes = ranking.ranked.rules
        for it, active in zip(outcomes.rules, outcomes.active.tolist(), strict=True):
            if active:
                self._rules[it.rule.id] = it
                self._counts.setdefault(it.rule.id, Counter())
        for rule_id, (yes, no, unknown) in outcomes.firing_counts().items():
            self._counts[rule_id].update({"true": yes, "false": no, "unknown": unknown})
        for number, acted, without in _effects(ranking, self._k):
            rule_id, chosen = outcomes.rules[number].rule.id, ranking.ranked.chosen.tolist()
            self._counts[rule_id].update({"acted": acted, "lists": without != chosen})
            self._take_off(rule_id, ranking, sorted(set(without) - set(chosen)))
        for rules in outcomes.unknown(np.arange(min(len(ranking.options.product_ids), SHOWN))):
            for found in rules:
                self._counts[found.rule_id].update(f"null {name}" for name in found.columns)

    def _take_off(self, rule_id: str, ranking: Ranking, options: list[int]) -> None:
        segment = str((ranking.contact.record or {}).get("segment") or "")
        self._products.setdefault(rule_id, Counter()).update(ranking.options.product_ids[one] for one in options)
        self._segments.setdefault(rule_id, Counter()).update([segment] if options else [])

    def taken_off(self, rule_id: str) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """Return the products that lists would hold without a rule, and the segments of those lists, most first."""
        products, segments = self._products.get(rule_id, Counter()), self._segments.get(rule_id, Counter())
        return products.most_common(SHOWN), segments.most_common(SHOWN)

    def report(self) -> dict[str, dict[str, Any]]:
        """Return the impact of each active rule, by rule id."""
        return {rule_id: _describe(it, self._counts[rule_id]) for rule_id, it in self._rules.items()}


def _effects(ranking: Ranking, k: int) -> Iterator[tuple[int, int, list[int]]]:
    """Yield each rule that fires anywhere, by number: how many options it acts on, and the list without it."""
    outcomes = ranking.ranked.rules
    chosen = ranking.ranked.chosen.tolist()
    caps, pins = outcomes.caps, outcomes.pins
    order = ranking.inputs.tie_order
    excluded = excluded_by_rules(ranking)
    rules_of_option = np.sum(list(excluded.values()), axis=0, dtype=np.int64)

    def without(scores: np.ndarray, eligible: np.ndarray, kept_caps: list[Any], kept_pins: list[Any]) -> list[int]:
        found: list[int] = select(scores, eligible, order, k, caps=kept_caps, pins=kept_pins).tolist()
        return found

    for number, (it, where) in enumerate(zip(outcomes.rules, outcomes.states == TRUE, strict=True)):
        if not where.any():
            continue
        effect, scores, eligible = it.rule.effect, ranking.ranked.order_scores, ranking.ranked.eligible
        if isinstance(effect, Exclude | Limit):
            freed = excluded[number] & (rules_of_option == 1) & ranking.inputs.allowed
            other = without(scores, eligible | freed, caps, pins) if freed.any() else chosen
            yield number, int(excluded[number].sum()), other
        elif isinstance(effect, Multiply):
            plain = np.where(where, scores / effect.factor, scores)
            yield number, int(where.sum()), without(plain, eligible, caps, pins)
        elif isinstance(effect, Cap | Exclusive):
            kept = [cap for cap in caps if cap.rule != number]
            other = without(scores, eligible, kept, pins)
            yield number, len(set(other) - set(chosen)), other
        elif isinstance(effect, Pin):
            other = without(scores, eligible, caps, [pin for pin in pins if pin.rule != number])
            yield number, int(where.sum()), other


def _describe(it: CompiledRule, counts: Counter[str]) -> dict[str, Any]:
    total = counts["true"] + counts["false"] + counts["unknown"]
    described: dict[str, Any] = {
        "fired": counts["acted"],
        "did_not": total - counts["unknown"] - counts["acted"],
        "unknown": counts["unknown"],
        "lists": counts["lists"],
    }
    if null := sorted(name.removeprefix("null ") for name, count in counts.items() if name.startswith("null ")):
        described["null_columns"] = null
    if note := _note(it, counts, total):
        described["note"] = note
    return described


def _note(it: CompiledRule, counts: Counter[str], total: int) -> str | None:
    if not counts["true"]:
        return "never fires"
    if not counts["lists"]:
        return "changes no list"
    if counts["true"] == total and it.condition.text.strip().lower() != UNCONDITIONAL:
        return "always fires"
    return None
