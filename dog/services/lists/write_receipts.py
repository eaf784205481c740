"""Write the receipt of a decision: items with attributes and factors, inputs of the factors, excluded options."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dog.core.iso_weeks import utc_time
from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.core.rationale import rationale
from dog.core.receipt import (
    applied_to_model,
    describe_models,
    describe_performance,
    no_performance,
    with_memory,
    with_multiplier,
)
from dog.core.records import PAIRS
from dog.core.traffic_split import NO_MULTIPLIER
from dog.core.verdicts.cross_contact import ACCOUNT, ACTOR, ADMIN, SEGMENT, TENANT, mix
from dog.core.verdicts.verdict_multipliers import contact_rest
from dog.services.lists.active_policy import PolicyMultipliers
from dog.services.lists.item_choices import ChosenValue, ItemChoices, describe_choices, proven_values
from dog.services.lists.memory_reasons import describe_memory, similar_contacts
from dog.services.lists.pair_facts import pair_facts
from dog.services.lists.rank_request import Ranking
from dog.services.lists.start_reasons import start_reasons

FACTORS = ("consolidated", "streak", "market", "business", "clamp")
DISCOMFORT = 1.0
"""Discomfort rests what it is about, or acts on a model or a choice; the contract has the factor."""


def write_items(ranking: Ranking) -> list[dict[str, Any]]:
    """Return the ranked items with their receipts; the factors multiply to the score."""
    version = ranking.active.multipliers
    base = version.priors.global_rate if version else NO_EVIDENCE_RATE
    scored, ranked, product_ids = ranking.ranked.scored, ranking.ranked.chosen, ranking.options.product_ids
    # tolist converts a whole column at once: faster than converting number by number
    columns = [getattr(scored, name).take(ranked).tolist() for name in FACTORS]
    choices = list(ItemChoices(ranking).each())
    rows = zip(
        ranked.tolist(),
        _attributes(ranking, choices),
        describe_models(scored, ranking.options.raw, ranking.active.plan.consolidator, ranked),
        _performances(ranking),
        zip(*columns, strict=True),
        ranking.ranked.rules.fired(ranked),
        strict=True,
    )
    items: list[dict[str, Any]] = []
    for option, attributes, models, performance, (
        consolidated,
        streak,
        market,
        business,
        clamp,
    ), rules in rows:
        factors = {
            "models": models,
            "performance": performance,
            "consolidated": consolidated,
            "streak": streak,
            "discomfort": DISCOMFORT,
            "market": market,
            "business": business,
            "clamp": clamp,
            "rules": rules,
        }
        items.append(
            {
                "rank": len(items) + 1,
                "product_id": product_ids[option],
                "score": float(ranking.ranked.scores[option]),
                "order_score": float(ranking.ranked.order_scores[option]),
                "attributes": attributes,
                "factors": factors,
            }
        )
    receipts = [item["factors"] for item in items]
    told = pair_facts(ranking, base, receipts, start_reasons(ranking, receipts))
    for item, facts, values, similar in zip(items, told, choices, similar_contacts(receipts), strict=True):
        item["attributes"]["rationale"] = rationale(facts, proven_values(ranking, values), similar)
    return items


def _performances(ranking: Ranking) -> list[dict[str, Any]]:
    """Return each item's performance factors; a multiplier that is applied to a model is 1 here.

    All pairs of a product without feedback have the same factors: they are cached by product.
    """
    ranked, multipliers = ranking.ranked.chosen, ranking.active.multipliers
    if multipliers is None or ranking.active.variant == NO_MULTIPLIER:
        settings = multipliers.settings if multipliers else ranking.active.policy.reinforcement
        return [no_performance(settings) for _ in ranked]
    products = ranking.options.products[ranked].tolist()
    is_own = (ranking.options.pair_places[ranked] >= 0).tolist()
    cache = multipliers.receipt_cache
    missing = [place for place, own in enumerate(is_own) if own or products[place] not in cache]
    explained = dict(zip(missing, _explain(ranking, multipliers, ranked[missing]), strict=True)) if missing else {}
    cache.update({products[place]: row for place, row in explained.items() if not is_own[place]})
    rows = [explained[place] if own else cache[products[place]] for place, own in enumerate(is_own)]
    recursions = ranking.contact.recursions
    rows = [row if row["recursions"] == recursions else {**row, "recursions": recursions} for row in rows]
    if ranking.options.recalled is not None:
        rows = list(map(with_memory, rows, describe_memory(ranking.options.recalled, ranked)))
    factors = ranking.ranked.scored.performance[ranked].tolist()
    shown = [with_multiplier(row, factor, multipliers.settings) for row, factor in zip(rows, factors, strict=True)]
    target = ranking.active.plan.targets.performance
    return shown if target == "consolidated" else [applied_to_model(row, target) for row in shown]


def _explain(ranking: Ranking, multipliers: PolicyMultipliers, options: np.ndarray) -> list[dict[str, Any]]:
    places = ranking.options.pair_places[options]
    pairs = np.zeros(len(options), PAIRS)
    pairs[places >= 0] = ranking.contact.pairs[places[places >= 0]]
    recalled = ranking.options.recalled
    published = ranking.options.performance if recalled is None else recalled.published
    return describe_performance(
        ranking.options.products[options],
        pairs,
        published[options],
        multipliers.priors,
        ranking.contact.recursions,
        multipliers.settings,
    )


def _attributes(ranking: Ranking, choices: Sequence[Mapping[str, ChosenValue]]) -> Iterator[dict[str, Any]]:
    """Yield the attributes of the chosen options: account, contact, product, time, channel."""
    contact_id, account = ranking.request.contact_id, (ranking.contact.record or {}).get("account_id")
    options, records = ranking.options, ranking.snapshot.catalogue.records
    chosen = ranking.ranked.chosen
    rows = zip(chosen.tolist(), options.products[chosen].tolist(), choices, strict=True)
    for option, number, chosen_values in rows:
        product = records[number] if number < len(records) else {}
        yield {
            "account": account,
            "contact": contact_id,
            "product": product.get("name") or options.product_ids[option],
            "time": chosen_values["time"].value,
            "channel": chosen_values["channel"].value,
        }


def common_inputs(ranking: Ranking) -> dict[str, Any]:
    """Return the inputs of the factors that all items share, to recompute a score by hand."""
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


def item_inputs(ranking: Ranking) -> list[dict[str, Any]]:
    """Return the inputs of the factors of each item."""
    ranked = ranking.ranked.chosen
    columns = (ranked.tolist(), ranking.ranked.scores[ranked].tolist(), ranking.ranked.scored.plain[ranked].tolist())
    rows = zip(*columns, ranking.ranked.rules.unknown(ranked), strict=True)
    has_verdicts = ranking.snapshot.cross_contact.any or ranking.contact.verdicts is not None
    return [
        {
            "runs": _votes(ranking, option) if has_verdicts else {},
            "unknown_rules": [{"id": rule.rule_id, "columns": list(rule.columns)} for rule in unknown],
            "effective_multiplier": score / plain if plain > 0 else 1.0,
            **choices,
        }
        for (option, score, plain, unknown), choices in zip(rows, describe_choices(ranking), strict=True)
    ]


def _votes(ranking: Ranking, option: int) -> dict[str, int]:
    """Return what acts on an option, by scope: votes, and the pair's run; for it positive, against it negative."""
    verdicts, cross_contact, scope = ranking.contact.verdicts, ranking.snapshot.cross_contact, ranking.scopes[0]
    found = {}
    if cross_contact.any:
        category, now_ms = int(scope.categories[option]), scope.now_ms
        keys = {
            SEGMENT: int(mix(category, scope.segment)),
            TENANT: category,
            ACTOR: int(mix(scope.actor, category)),
            ADMIN: category,
            ACCOUNT: scope.account,
        }
        found = {of.name: cross_contact.of(of).net(key, now_ms, of) for of, key in keys.items()}
    if verdicts is not None:
        found["pair"] = verdicts.pairs.of(int(ranking.options.products[option]))
    return {name: count for name, count in found.items() if count}


def rest_note(ranking: Ranking) -> str | None:
    """Return the sentence that says that the contact as a whole rests, and until when; None where it does not."""
    rest = contact_rest(ranking.contact.verdicts, ranking.snapshot.cross_contact, ranking.scopes[0])
    if rest is None:
        return None
    return f"the {rest.scope} rests until {utc_time(rest.until_ms, 'seconds')}: it was discarded"


def list_excluded(ranking: Ranking) -> list[dict[str, Any]]:
    """Return the options that the list may not hold, with the reason of each."""
    unwanted, contact_rests = set(ranking.request.exclude), rest_note(ranking)
    excluded = []
    for option in np.flatnonzero(~ranking.ranked.eligible).tolist():
        product_id = ranking.options.product_ids[option]
        rule = ranking.ranked.rules.exclusion(option)
        snoozed_until_ms = int(ranking.inputs.verdicts.snoozed_until_ms[option])
        if product_id in unwanted:
            found = ("request", "eligibility", "the request excludes it")
        elif rule is not None:
            found = (rule.rule_id, rule.stage, rule.reason)
        elif snoozed_until_ms:
            found = (
                "snooze",
                "suitability",
                contact_rests or f"it was discarded and rests until {utc_time(snoozed_until_ms, 'seconds')}",
            )
        else:
            found = (
                "active",
                "eligibility",
                "the product is not offered on this day (active_from, active_to)",
            )
        excluded.append(dict(zip(("product_id", "rule_id", "stage", "reason"), (product_id, *found), strict=True)))
    return excluded
