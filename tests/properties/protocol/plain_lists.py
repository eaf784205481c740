"""The list that a contact must get, with the factors of each score: README.md and docs/reference/verdicts.md."""

import math
from collections.abc import Mapping
from typing import Any

from tests.properties.protocol.model import PlainTenant
from tests.properties.protocol.world import CHANNELS, CONTACTS, MODELS, PRODUCTS, SCORED, TIMES, WEIGHTS

CLIP = 1e-6
CLAMP = (0.25, 4.0)
Item = dict[str, Any]


def plain_list(
    plain: PlainTenant, contact: str, actor: str | None, calibrated: Mapping[tuple[str, str], float]
) -> list[Item]:
    """Return a list, best first; `calibrated` are the models' scores as probabilities, by product and model."""
    now_ms = plain.clock()
    offered = [p for p in SCORED if plain.verdicts.pair_rests_until(contact, p) <= now_ms]
    items = [
        _item(plain, contact, product, actor, {m: calibrated.get((product, m)) for m in MODELS}) for product in offered
    ]
    items.sort(key=lambda item: (-round(item["score"], 9), item["product"]))
    return [{**item, "rank": rank} for rank, item in enumerate(items, 1)]


def _item(
    plain: PlainTenant, contact: str, product: str, actor: str | None, scores: Mapping[str, float | None]
) -> Item:
    plan, verdicts, version = plain.plan, plain.verdicts, plain.version
    on_odds = (version.plan if version else plan).acts_on_odds
    market, business = verdicts.market(contact, product), verdicts.business(product, actor)
    models, pooled = {}, []
    for model, score in scores.items():
        if score is None:
            continue
        factor = verdicts.model_factor(contact, model)
        factor *= (market if plan.market == model else 1.0) * (business if plan.business == model else 1.0)
        if plan.method == "log_pool" or on_odds:
            factor = _of_odds(score, factor)
        models[model] = [score, factor]
        pooled.append((WEIGHTS[model], score * factor))
    consolidated = _pool(plan.method, pooled)
    performance = version.multiplier((contact, product)) if version else 1.0
    performance = _of_odds(consolidated, performance) if on_odds else performance
    factors = {
        "performance": performance,
        "streak": verdicts.streak_factor(contact, product),
        "market": market if plan.market == "consolidated" else 1.0,
        "business": business if plan.business == "consolidated" else 1.0,
    }
    together = performance * factors["streak"]
    factors["clamp"] = min(max(together, CLAMP[0]), CLAMP[1]) / together
    score = consolidated * math.prod(factors.values())
    if on_odds and score > 1 - CLIP:
        factors["clamp"] *= (1 - CLIP) / score
        score = 1 - CLIP
    usual = (("channel", CHANNELS), ("time", TIMES))
    values = {name: _choose(plain, contact, product, name, default) for name, default in usual}
    return {"product": product, "score": score, "models": models, "consolidated": consolidated, **factors, **values}


def _of_odds(probability: float, factor: float) -> float:
    """Return what multiplies a probability whose odds a factor multiplies."""
    known = min(max(probability, CLIP), 1 - CLIP)
    return factor / (1 + known * (factor - 1))


def _pool(method: str, weighted: list[tuple[float, float]]) -> float:
    whole = sum(weight for weight, _ in weighted)
    if method == "log_pool":
        odds = sum(weight * math.log(score / (1 - score)) for weight, score in weighted) / whole
        return 1 / (1 + math.exp(-odds))
    return sum(weight * score for weight, score in weighted) / whole


def _choose(plain: PlainTenant, contact: str, product: str, attribute: str, usual: tuple[str, ...]) -> str | None:
    own, offered = (_values(row.get(f"{attribute}s")) for row in (CONTACTS[contact], PRODUCTS[product]))
    allowed = [value for value in own if value in (offered or own)] if own else offered
    return plain.verdicts.choice(contact, attribute, allowed or usual)


def _values(text: str | None) -> list[str]:
    return text.split(";") if text else []
