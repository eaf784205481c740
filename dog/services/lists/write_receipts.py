"""Write the items of a decision with their receipts: numbers and texts for the holes of `item_documents.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from typing import Any

import orjson

from dog.core.bounded_cache import remember
from dog.core.json_template import NumberTable, Template, write_list
from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.core.rulebook.multiply import Multiply
from dog.core.rulebook.rule_outcomes import UnknownRule
from dog.services.lists.item_choices import ChosenValue, ItemChoices, learned_values
from dog.services.lists.item_documents import inputs_document, item_document
from dog.services.lists.list_request import MAX_K
from dog.services.lists.memory_reasons import describe_memory
from dog.services.lists.pair_facts import influence_of, write_rationales
from dog.services.lists.rank_request import Ranking
from dog.services.lists.receipt_plan import MOST_CACHED, ProductTexts, RulesTold
from dog.services.lists.start_reasons import start_reasons
from dog.services.lists.verdict_runs import write_runs
from dog.services.lists.winners import Winners, winners_of
from dog.services.lists.write_performance import performance_document, performance_texts

LONGEST_CACHED = 100
"""Characters of a channel or time."""
RANKS = tuple(b"%d" % rank for rank in range(1, MAX_K + 1))


@dataclass(slots=True, kw_only=True)
class WrittenItems:
    """The items of a decision as JSON: their numbers, and what else their fields hold, by column."""

    ranking: Ranking
    winners: Winners
    choices: Sequence[Mapping[str, ChosenValue]]  # channel and time of each
    has_memory: Sequence[bool]  # whether the memory of past cases changed each
    numbers: NumberTable
    texts: dict[str, Sequence[bytes]]

    @property
    def is_drawn(self) -> bool:
        """Whether the policy splits its traffic, so that an item has a propensity."""
        return self.ranking.propensities is not None

    def write(self, explain: str = "brief") -> bytes:
        """Return the items as a list: `none` without factors, `brief` with them, `full` with their inputs too."""
        if explain == "full":
            self._add_inputs()
        written, first = [], 0
        for has_memory, group in groupby(self.has_memory):
            end = first + len(list(group))
            written.append(self._template(explain, has_memory).write(self.numbers, self.texts, slice(first, end)))
            first = end
        return write_list(written)

    def write_inputs(self) -> bytes:
        """Return the inputs of the items' factors as a list, without those that all items share."""
        self._add_inputs()
        has_choices = "choices" in self.texts

        def make() -> Template:
            return Template(inputs_document(has_choices=has_choices), self.winners.names)

        template = self.ranking.active.receipts.template(("inputs", has_choices, self.is_drawn), make)
        return write_list([template.write(self.numbers, self.texts)] if len(self.winners) else [])

    def documents(self, explain: str = "brief") -> list[dict[str, Any]]:
        """Return the items as documents."""
        documents: list[dict[str, Any]] = orjson.loads(self.write(explain))
        return documents

    def _template(self, explain: str, has_memory: bool) -> Template:
        """Return the template of items that the memory of past cases changed, or of all others."""
        ranking, has_choices = self.ranking, "choices" in self.texts

        def make() -> Template:
            performance = performance_document(ranking, has_memory=has_memory)
            document = item_document(explain, ranking.active.plan.models, performance, is_drawn=self.is_drawn)
            if explain == "full":
                common = orjson.loads(common_inputs(ranking))
                document["inputs"] = {**common, **inputs_document(has_choices=has_choices)}
            return Template(document, self.winners.names)

        has_version = ranking.active.multipliers is not None
        key = (explain, has_memory, has_choices, has_version, self.is_drawn)
        return ranking.active.receipts.template(key, make)

    def _add_inputs(self) -> None:
        """Write what the inputs of each item's factors hold."""
        if "runs" in self.texts:
            return
        if learned_values(self.ranking):
            self.texts["choices"] = [
                orjson.dumps({name: one.describe() for name, one in chosen.items() if one.value is not None})
                for chosen in self.choices
            ]
        self.texts["unknown_rules"] = [_unknown_rules(tuple(unknown)) for unknown in self.winners.unknown]
        self.texts["runs"] = write_runs(self.ranking, self.winners.products)


def write_items(ranking: Ranking) -> WrittenItems:
    """Return the ranked items with their receipts; the factors multiply to the score."""
    winners = winners_of(ranking)
    choices = ItemChoices(ranking).of(winners.products)
    count, account = len(winners), (ranking.contact.record or {}).get("account_id")
    products = list(map(partial(product_texts, ranking), winners.options, winners.products))
    rules = [_rules_told(ranking, numbers) for numbers in winners.fired]
    memories = describe_memory(ranking.options.recalled, ranking.ranked.chosen)
    starts = start_reasons(ranking, winners)
    influences = [found.influences for found in rules]
    texts: dict[str, Sequence[bytes]] = {
        **starts.columns,
        **performance_texts(ranking, winners, memories),
        "rank": RANKS[:count],
        "product_id": [product.product_id for product in products],
        "account": [orjson.dumps(account)] * count,
        "contact": [orjson.dumps(ranking.request.contact_id)] * count,
        "name": [product.name for product in products],
        "time": [_text(chosen["time"].value) for chosen in choices],
        "channel": [_text(chosen["channel"].value) for chosen in choices],
        "rationale": write_rationales(ranking, winners, influences, starts.reasons, choices, memories),
        "rules": [found.receipt for found in rules],
    }
    return WrittenItems(
        ranking=ranking,
        winners=winners,
        choices=choices,
        has_memory=list(map(bool, memories)),
        numbers=NumberTable(winners.table),
        texts=texts,
    )


def _text(value: str | None) -> bytes:
    """Return a channel or time as JSON."""
    return _short_text(value) if value is None or len(value) <= LONGEST_CACHED else orjson.dumps(value)


_short_text = lru_cache(maxsize=1024)(orjson.dumps)
"""There are few of them, but a request may name any."""


def product_texts(ranking: Ranking, option: int, number: int) -> ProductTexts:
    """Return id and name of an option's product as JSON, given its number."""
    known = ranking.active.receipts.products
    if number in known:
        return known[number]
    product_id, records = ranking.options.product_ids[option], ranking.snapshot.catalogue.records
    if number >= len(records):  # a candidate that was never loaded
        return ProductTexts(orjson.dumps(product_id), orjson.dumps(product_id))
    name = records[number].get("name") or product_id
    known[number] = ProductTexts(orjson.dumps(product_id), orjson.dumps(name))
    return known[number]


def _rules_told(ranking: Ranking, fired: tuple[int, ...]) -> RulesTold:
    """Return what receipt and rationale tell of the rules that acted on an option, given their numbers."""
    known = ranking.active.receipts.rules
    found = known.get(fired)
    if found is None:
        rules = [ranking.ranked.rules.rules[number].rule for number in fired]
        factors = [rule.effect.factor if isinstance(rule.effect, Multiply) else 1.0 for rule in rules]
        shown = [
            {"id": rule.id, "effect": rule.effect.kind, "factor": factor, "reason": rule.reason}
            for rule, factor in zip(rules, factors, strict=True)
        ]
        told = RulesTold(orjson.dumps(shown), tuple(map(influence_of, rules, factors)))
        found = remember(known, fired, told, most=MOST_CACHED)
    return found


def common_inputs(ranking: Ranking) -> bytes:
    """Return the inputs of the factors that all items share, to recompute a score by hand, as JSON."""
    receipts = ranking.active.receipts
    if not receipts.common_inputs:
        receipts.common_inputs = orjson.dumps(_describe_common_inputs(ranking))
    return receipts.common_inputs


def _describe_common_inputs(ranking: Ranking) -> dict[str, Any]:
    multipliers = ranking.active.multipliers
    base = multipliers.priors.global_rate if multipliers else NO_EVIDENCE_RATE
    consolidator = ranking.active.plan.consolidator
    inputs: dict[str, Any] = {
        "base_rate": base,
        "consolidation": consolidator.method,
        "intercept": consolidator.intercept,
        "load": ranking.snapshot.consolidations.loads.number,
    }
    if ranking.active.starts and ranking.snapshot.start_version:
        inputs["start"] = ranking.snapshot.start_version
    if multipliers is not None:
        settings = multipliers.settings
        inputs["curve"] = {
            "family": settings.family,
            "neutral": settings.neutral,
            "a_max": settings.a_max,
            "d_min": settings.d_min,
            "rate": settings.rate,
            "reading": settings.recursion.reading,
            "n": settings.recursion.n,
            "explore": settings.explore,
            "max_step": settings.max_step,
        }
        if settings.neutral == "expected":
            inputs["tenant_ratio"] = multipliers.priors.tenant_ratio
        inputs["pair_strength"] = multipliers.priors.pair_strength
        inputs["product_strength"] = multipliers.priors.product_strength
    return inputs


@lru_cache(maxsize=16_384)  # the options of a list lack the same few columns
def _unknown_rules(unknown: tuple[UnknownRule, ...]) -> bytes:
    return orjson.dumps([{"id": rule.rule_id, "columns": rule.columns} for rule in unknown])
