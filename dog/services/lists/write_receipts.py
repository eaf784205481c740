"""Write the items of a decision with their receipts: the columns of `item_documents.py` as JSON, joined by template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

import orjson

from dog.core.consolidator import Model
from dog.core.json_template import Template, join_objects, write_list
from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.core.rulebook.multiply import Multiply
from dog.core.rulebook.rule_outcomes import UnknownRule
from dog.services.lists.item_choices import ChosenValue, ItemChoices, learned_values
from dog.services.lists.item_documents import inputs_document, item_document, model_document
from dog.services.lists.memory_reasons import describe_memory
from dog.services.lists.pair_facts import influence_of, write_rationales
from dog.services.lists.rank_request import Ranking
from dog.services.lists.receipt_plan import ProductTexts, RulesTold
from dog.services.lists.start_reasons import start_reasons
from dog.services.lists.verdict_runs import write_runs
from dog.services.lists.winners import Winners, winners_of
from dog.services.lists.write_performance import write_performance

Columns = dict[str, Sequence[bytes]]


@dataclass(frozen=True, kw_only=True)
class WrittenItems:
    """The items of a decision: what each field of an item holds, as JSON, by column."""

    ranking: Ranking
    winners: Winners
    choices: Sequence[Mapping[str, ChosenValue]]  # channel and time of each
    columns: Columns

    def texts(self, explain: str = "brief") -> list[bytes]:
        """Return the items as JSON: `none` without factors, `brief` with them, `full` with their inputs too."""
        columns, is_drawn = self.columns, self.ranking.propensities is not None
        if explain == "full":
            common = common_inputs(self.ranking)
            columns = {**columns, "inputs": [join_objects(common, own) for own in self.inputs]}
        template = self.ranking.active.receipts.template(
            (explain, is_drawn), lambda: Template(item_document(explain, is_drawn=is_drawn))
        )
        return template.write(columns, len(self.winners))

    @cached_property
    def inputs(self) -> list[bytes]:
        """The inputs of each item's factors as JSON."""
        learned = learned_values(self.ranking)
        columns = {
            "runs": write_runs(self.ranking, self.winners.products),
            "unknown_rules": _unknown_rules(self.winners),
            "effective_multiplier": self.columns["effective_multiplier"],
        }
        if learned:
            columns["choices"] = [
                orjson.dumps({name: one.describe() for name, one in chosen.items() if one.value is not None})
                for chosen in self.choices
            ]
        template = self.ranking.active.receipts.template(
            ("inputs", bool(learned)), lambda: Template(inputs_document(has_choices=bool(learned)))
        )
        return template.write(columns, len(self.winners))

    def documents(self, explain: str = "brief") -> list[dict[str, Any]]:
        """Return the items as documents."""
        return [orjson.loads(text) for text in self.texts(explain)]


def write_items(ranking: Ranking) -> WrittenItems:
    """Return the ranked items with their receipts; the factors multiply to the score."""
    winners = winners_of(ranking)
    choices = ItemChoices(ranking).of(winners.products)
    count, account = len(winners), (ranking.contact.record or {}).get("account_id")
    products = list(map(partial(product_texts, ranking), winners.options, winners.products))
    rules = [_rules_told(ranking, numbers) for numbers in winners.fired]
    memories = describe_memory(ranking.options.recalled, ranking.ranked.chosen)
    starts = start_reasons(ranking, winners)
    columns: Columns = {
        **winners.texts(),
        **starts.columns,
        "rank": [b"%d" % rank for rank in range(1, count + 1)],
        "product_id": [product.product_id for product in products],
        "account": [orjson.dumps(account)] * count,
        "contact": [orjson.dumps(ranking.request.contact_id)] * count,
        "name": [product.name for product in products],
        "time": [_text(chosen["time"].value) for chosen in choices],
        "channel": [_text(chosen["channel"].value) for chosen in choices],
        "rules": [found.receipt for found in rules],
    }
    columns["models"] = _models(ranking, winners, columns)
    columns["shown_performance"] = write_performance(ranking, winners, columns["performance"], memories)
    columns["rationale"] = write_rationales(
        ranking, winners, [found.influences for found in rules], starts.reasons, choices, memories
    )
    return WrittenItems(ranking=ranking, winners=winners, choices=choices, columns=columns)


def _models(ranking: Ranking, winners: Winners, columns: Columns) -> list[bytes]:
    """Return the scores of each item by the models that have one."""
    scoring, count = set().union(*winners.scored_by), len(winners)
    models = [model for model in ranking.active.plan.models if model.name in scoring]
    written = {model.name: _model_template(ranking, model).write(columns, count) for model in models}
    rows = enumerate(winners.scored_by)
    return [join_objects(*[written[name][place] for name in names]) for place, names in rows]


def _model_template(ranking: Ranking, model: Model) -> Template:
    return ranking.active.receipts.template(("model", model.name), lambda: Template(model_document(model)))


_text = lru_cache(maxsize=1024)(orjson.dumps)
"""A channel or time as JSON: there are few."""


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
    if fired not in known:
        rules = [ranking.ranked.rules.rules[number].rule for number in fired]
        factors = [rule.effect.factor if isinstance(rule.effect, Multiply) else 1.0 for rule in rules]
        shown = [
            {"id": rule.id, "effect": rule.effect.kind, "factor": factor, "reason": rule.reason}
            for rule, factor in zip(rules, factors, strict=True)
        ]
        known[fired] = RulesTold(orjson.dumps(shown), tuple(map(influence_of, rules, factors)))
    return known[fired]


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


def _unknown_rules(winners: Winners) -> list[bytes]:
    return [write_list(map(_unknown_rule, unknown)) for unknown in winners.unknown]


@lru_cache(maxsize=16_384)  # the options of a list lack the same few columns
def _unknown_rule(unknown: UnknownRule) -> bytes:
    return orjson.dumps({"id": unknown.rule_id, "columns": unknown.columns})
