"""Write the items of a decision: attributes, factors, and what each factor was made from."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from dog.core.influences import choose
from dog.core.receipt import NO_PERFORMANCE, describe_models, explain_performance, rationale
from dog.core.triggers import Runs
from dog.services.snapshot import NO_EVIDENCE_RATE
from dog.storage.store import Store
from dog.storage.versions import PAIRS

if TYPE_CHECKING:
    from dog.services.recommend import Considered


def write_items(
    store: Store, considered: "Considered", contact_id: str, context: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Write the ranked items with their receipts; the factors multiply to the score."""
    ranked = considered.ranked
    performances = _performances(considered, ranked)
    multiplied = considered.active.multiplied
    base = multiplied.priors.global_rate if multiplied else NO_EVIDENCE_RATE
    items = []
    for rank, option in enumerate(ranked.tolist(), 1):
        factors = _factors(considered, option, performances[rank - 1])
        attributes = _attributes(store, considered, option, contact_id, context)
        items.append(
            {
                "rank": rank,
                "product_id": considered.options.product_ids[option],
                "score": _product(factors),
                "attributes": {**attributes, "rationale": rationale(factors, base)},
                "factors": factors,
                "inputs": _inputs(considered, option, base),
            }
        )
    return items


def _performances(considered: "Considered", ranked: np.ndarray) -> list[dict[str, Any]]:
    multiplied = considered.active.multiplied
    if multiplied is None:
        return [dict(NO_PERFORMANCE) for _ in ranked]
    places = considered.pair_places[ranked]
    pairs = np.zeros(len(ranked), PAIRS)
    pairs[places >= 0] = considered.state.pairs[places[places >= 0]]
    values = considered.scored.performance[ranked]
    told = explain_performance(
        considered.options.products[ranked],
        pairs,
        values,
        multiplied.priors,
        considered.state.recursions,
        multiplied.settings,
    )
    return [told.describe(place) for place in range(len(ranked))]


def _factors(considered: "Considered", option: int, performance: dict[str, Any]) -> dict[str, Any]:
    scored = considered.scored
    return {
        "models": describe_models(scored, considered.options.raw, considered.active.models, option),
        "consolidated": float(scored.consolidated[option]),
        "performance": performance,
        "streak": float(scored.streak[option]),
        "discomfort": float(scored.discomfort[option]),
        "market": float(scored.market[option]),
        "business": float(scored.business[option]),
        "clamp": float(scored.clamp[option]),
        "rules": [
            {"id": fired.rule_id, "effect": fired.effect, "factor": fired.factor, "reason": fired.reason}
            for fired in considered.rules.fired(option)
        ],
    }


def _product(factors: Mapping[str, Any]) -> float:
    score = factors["consolidated"] * factors["performance"]["multiplier"]
    for name in ("streak", "discomfort", "market", "business", "clamp"):
        score *= factors[name]
    for rule in factors["rules"]:
        score *= rule["factor"]
    return float(score)


def _attributes(
    store: Store, considered: "Considered", option: int, contact_id: str, context: Mapping[str, Any]
) -> dict[str, Any]:
    """Choose the option's attributes: account, contact, product, time, channel."""
    record, policy = considered.state.record or {}, considered.active.policy
    number = int(considered.options.products[option])
    catalogue = considered.snapshot.catalogue
    product = catalogue.records[number] if number < len(catalogue) else {}
    verdicts = considered.verdicts

    def pick(name: str, default: tuple[str, ...], runs: Runs | None) -> str | None:
        own, offered = _values(record.get(name)), _values(product.get(name))
        values = [value for value in own if value in offered] if own and offered else own or offered or list(default)
        wanted = context.get(name[:-1])
        if isinstance(wanted, str) and (wanted in values or not values):
            return wanted
        streak = policy.reinforcement.streak
        return choose(values, [store.tenant.number(value) for value in values], runs, considered.now_ms, streak)

    return {
        "account": record.get("account_id"),
        "contact": contact_id,
        "product": product.get("name") or considered.options.product_ids[option],
        "time": pick("times", policy.times, verdicts.times if verdicts else None),
        "channel": pick("channels", policy.channels, verdicts.channels if verdicts else None),
    }


def _values(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return list(value) if isinstance(value, list) else []


def _inputs(considered: "Considered", option: int, base: float) -> dict[str, Any]:
    """Tell what the factors were made from, for whoever recomputes the score by hand."""
    verdicts, multiplied = considered.verdicts, considered.active.multiplied
    number = int(considered.options.products[option])
    inputs: dict[str, Any] = {
        "base_rate": base,
        "consolidation": considered.active.policy.consolidation,
        "unknown_rules": [
            {"id": unknown.rule_id, "columns": list(unknown.columns)} for unknown in considered.rules.unknown(option)
        ],
        "streak_run": verdicts.pairs.of(number) if verdicts else 0,
    }
    if multiplied is not None:
        settings = multiplied.settings
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
        inputs["pair_strength"] = multiplied.priors.pair_strength
        inputs["product_strength"] = multiplied.priors.product_strength
    inputs["effective_multiplier"] = _effective(considered, option)
    return inputs


def _effective(considered: "Considered", option: int) -> float:
    plain = float(considered.scored.plain[option])
    return float(considered.scores[option]) / plain if plain > 0 else 1.0


def list_excluded(considered: "Considered", exclude: list[str]) -> list[dict[str, Any]]:
    """List the options that could not come out, with what kept them out."""
    unwanted = set(exclude)
    excluded = []
    for option in np.flatnonzero(~considered.eligible).tolist():
        product_id = considered.options.product_ids[option]
        rule = considered.rules.exclusion(option)
        rests_until = int(considered.influences.resting_until_ms[option])
        if product_id in unwanted:
            found = ("request", "eligibility", "the request excludes it")
        elif rule is not None:
            found = (rule.rule_id, rule.stage, rule.reason)
        elif rests_until:
            until = datetime.fromtimestamp(rests_until / 1000, UTC).isoformat(timespec="seconds")
            found = (
                "snooze",
                "suitability",
                f"it was discarded and rests until {until.replace('+00:00', 'Z')}",
            )
        else:
            found = (
                "active",
                "eligibility",
                "the product is not offered on this day (active_from, active_to)",
            )
        excluded.append(dict(zip(("product_id", "rule_id", "stage", "reason"), (product_id, *found), strict=True)))
    return excluded
