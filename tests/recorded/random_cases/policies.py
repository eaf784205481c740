"""Random policies, as JSON documents."""

import random
import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tests.recorded.random_cases.conditions import make_condition
from tests.recorded.random_cases.world import MODELS, RandomWorld

Rng = random.Random
Document = dict[str, Any]

METHODS = ("stacking", "mean", "log_pool", "rrf")
NEUTRALS = ("expected", "global", "score", "product", 0.4)
STAGES = ("eligibility", "applicability", "suitability")
EVENTS = ("pitch", "win", "loss", "accept", "discard")
FAULTS = (
    "product.colur = 'a'",
    "score.cf >",
    "contact.age > 'old'",
    "pitches + 'a' > 1",
    "wins IS TRUE",
    "sum(wins) > 1",
)


def make_random_policy(rng: Rng, name: str, world: RandomWorld, challengers: Sequence[str]) -> Document:
    """Make a policy; few are refused: those with a contradiction, or a column that the tenant lacks."""
    models = _models(rng)
    today = (world.begin + timedelta(weeks=world.weeks)).date()
    policy: Document = {"name": name, "models": models, "consolidation": {"method": rng.choice(METHODS)}}
    policy["reinforcement"] = _reinforcement(rng)
    if rng.random() < 0.6:
        policy["triggers"] = _triggers(rng, [*models, "consolidated", "consolidated"], today)
    if rng.random() < 0.7:
        policy["attributes"] = {"channels": ["email", "call"], "times": ["morning", "afternoon"][: rng.randrange(3)]}
    if rng.random() < 0.2:
        controls = ("no_multiplier", "no_rules", "random_eligible")
        policy["variants"] = dict.fromkeys(rng.sample(controls, rng.randrange(1, 4)), 0.3)
    if challengers and rng.random() < 0.2:
        policy["shadow"] = {"challenger": rng.choice(challengers), "share": 1.0}
    rules = [_rule(rng, f"r{number}", world, today) for number in range(rng.choice([0, 3, 6, 9, 15]))]
    for rule in rules:
        if "when" in rule:
            rule["when"] = re.sub("MODEL", lambda _: rng.choice(list(models)), rule["when"])
    policy["rules"] = rules
    return policy


def make_faulty_policy(rng: Rng, world: RandomWorld) -> Document:
    """Make a policy that is refused for a condition, a number or a name."""
    policy = make_random_policy(rng, "faulty", world, [])
    faults: list[Document] = [
        {"rules": [{"id": "bad", "when": rng.choice(FAULTS), "then": {"exclude": True}}, *policy["rules"]]},
        {
            "rules": [
                {"id": "bad", "then": {rng.choice(["multiply", "pin", "boost"]): rng.choice([0, -1, "2", 101, 1001])}}
            ]
        },
        {"models": {"cf": {"weight": rng.choice([-1, 0, "1"])}}},
        {"reinforcement": {"neutral": "expected", "family": "linear", "a_max": rng.choice([0.5, 3])}},
        {rng.choice(["modles", "rule"]): 1},
    ]
    return policy | rng.choice(faults)


def _models(rng: Rng) -> Document:
    models: Document = {}
    for model in rng.sample(list(MODELS), rng.randrange(1, 5)):
        models[model] = {"weight": rng.choice([0.2, 0.4, 1, 2.5])}
        if model in ("churn", "risk"):
            models[model]["direction"] = "lower_is_better"
        if rng.random() < 0.3:
            models[model]["max_age_days"] = rng.choice([20, 60, 100])
    fallback = rng.choice([None, "start", "start", "lead"])
    if fallback and fallback not in models:
        models[fallback] = {"role": "fallback", "weight": 0.5}
    elif rng.random() < 0.15:
        models["start"] = {"weight": 0.3}
    return models


def _reinforcement(rng: Rng) -> Document:
    neutral = rng.choice(["expected", "expected", *NEUTRALS])
    settings: Document = {
        "neutral": neutral,
        "a_max": rng.choice([2.0, 3.0, 10.0]),
        "d_min": rng.choice([0.1, 1 / 3, 0.5]),
        "on": rng.choice(["odds", "score"]),
        "trust": rng.choice(["learned", 1.0, [0.5, 0.9]]),
        "explore": rng.choice([0.0, 1.0, 2.0]),
        "max_step": rng.choice([1.25, 100.0]),
        "maturation_days": rng.choice([14, 90]),
        "absorb": rng.choice(["measured", 0.0, 1.0]),
        "clamp": rng.choice(["off", [0.05, 12.0]]),
        "recursion": {"reading": rng.choice(["evidence", "gain", "literal"]), "n": rng.choice([0, 0.5, 1]), "laps": 2},
        "streak": {"accept": 1.4, "discard": 0.4, "half_life_days": rng.choice([3, 28])},
        "lap_scope": rng.choice(["contact", "tenant"]),
    }
    if neutral == "expected":
        settings["memory"] = rng.random() < 0.7
    else:
        settings |= {"family": rng.choice(["ratio", "linear", "exponential", "logistic"])}
        settings |= {"rate": rng.choice(["shrunk", "raw"])}
    return settings


def _triggers(rng: Rng, targets: Sequence[str], today: date) -> Document:
    triggers: Document = {
        name: {"apply_to": rng.choice(targets)} for name in ("performance", "market", "business", "rationale")
    }
    if rng.random() < 0.7:
        triggers["business"]["until"] = (today + timedelta(days=rng.choice([-1, 0, 0, 40]))).isoformat()
    return triggers


def _rule(rng: Rng, name: str, world: RandomWorld, today: date) -> Document:
    rule: Document = {"id": name, "then": _effect(rng, world)}
    if rng.random() < 0.85:
        rule["when"] = make_condition(rng, rng.choice([0, 0, 1, 2, 3]))
    if "exclude" in rule["then"]:  # a narrow one, else most lists would be empty
        rule["when"] = f"{make_condition(rng, 0)} AND {make_condition(rng, 1)}"
    if rng.random() < 0.6:
        rule["stage"] = rng.choice(STAGES)
    if rng.random() < 0.4:
        rule["priority"] = rng.randrange(-5, 6)
    if rng.random() < 0.5:
        rule["reason"] = f"Reason of {name}"
    for key, days in (("from", (-30, 1, 2)), ("to", (-1, 0, 1, 60))):
        if rng.random() < 0.15:
            rule[key] = (today + timedelta(days=rng.choice(days))).isoformat()
    return rule


def _effect(rng: Rng, world: RandomWorld) -> Document:
    limit: Document = {"event": rng.choice(EVENTS), "by": rng.choice(["contact", "pair", "product", "category"])}
    limit |= {
        "at_most": rng.choice([1, 3, 20]) * (4 if limit["by"] == "contact" else 1),
        "days": rng.choice([1, 5, 6, 7, 60]),
    }
    column = rng.choice(["product.category", "product.colour", "product.value"])
    effects: tuple[Document, ...] = (
        {"exclude": True},
        {"multiply": rng.choice([0.5, 0.9, 1.01, 1.7, 30])},
        {"multiply": round(rng.uniform(0.5, 1.5), 6)},
        {"limit": limit},
        {"cap": {"by": column, "at_most": rng.randrange(1, 4)}},
        {"exclusive": rng.sample(world.product_ids, min(len(world.product_ids), rng.randrange(2, 6)))},
        {"pin": rng.randrange(1, 5)},
    )
    return rng.choice(effects)
