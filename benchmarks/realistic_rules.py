"""The policy of the realistic data: 20 rules with every effect and every kind of column."""

from typing import Any


def _rule(rule_id: str, then: dict[str, Any], when: str = "true", **more: Any) -> dict[str, Any]:
    return {"id": rule_id, "when": when, "then": then, **more}


def _limit(event: str, by: str, at_most: int, days: int) -> dict[str, Any]:
    return {"limit": {"event": event, "by": by, "at_most": at_most, "days": days}}


REALISTIC_RULES = [
    _rule("no-archive", {"exclude": True}, "product.category = 'g3' AND contact.segment <> 'archive'"),
    _rule("weak", {"exclude": True}, "consolidated < CASE contact.segment WHEN 'gold' THEN 0.01 ELSE 0.02 END"),
    _rule("resting", {"exclude": True}, "days_since.pitch < 12 OR days_since.loss <= 9", reason="Pitched lately"),
    _rule("contact-limit", _limit("pitch", "contact", 25, 14), "contact.region = 'north'"),
    _rule("pair-limit", _limit("pitch", "pair", 1, 28), stage="applicability", priority=5),
    _rule("category-limit", _limit("loss", "category", 3, 40)),
    _rule("product-limit", _limit("win", "product", 9, 30)),
    _rule("one-of-four", {"exclusive": ["p0", "p1", "p2", "p3"]}),
    _rule("launch", {"pin": 2}, "product.category = 'g5' AND product.value > 400", reason="Launch week"),
    _rule("gold", {"multiply": 1.2}, "contact.segment = 'gold' AND score.cf >= 0.3"),
    _rule("models-disagree", {"multiply": 0.7}, "abs(score.cf - score.frequency) > 0.6"),
    _rule("losers", {"multiply": 0.5}, "pitches >= 2 AND win_rate < 0.3 AND multiplier < 1.1"),
    _rule("winners", {"multiply": 1.5}, "wins BETWEEN 1 AND 9 OR coalesce(win_rate, 0) > 0.5"),
    _rule("again", {"multiply": 1.1}, "days_since.win > 10 AND days_since.accept IS NULL"),
    _rule("by-phone", {"multiply": 1.3}, "context.channel = 'call' AND contact.channels LIKE '%call%'"),
    _rule("season", {"multiply": 0.9}, "context.season IN ('q3', 'q4') AND NOT context.hour >= 17"),
    _rule("old-and-dear", {"multiply": 1.4}, "contact.age > 60 AND product.value / 2 >= 100"),
    _rule(
        "eco",
        {"multiply": 1.05},
        "starts_with(lower(product.name), 'eco') AND round(product.margin * 10, 1) > least(3, 5)",
    ),
    _rule("short-lived", {"multiply": 0.8}, "product.active_to - product.active_from < 30"),
    _rule("varied", {"cap": {"by": "product.category", "at_most": 3}}, reason="Keep the list varied"),
]
REALISTIC_POLICY: dict[str, Any] = {
    "name": "recommended",
    "models": {"frequency": {"weight": 0.4}, "cf": {"weight": 0.4}, "lead": {"weight": 0.2}},
    "attributes": {"channels": ["email", "call"], "times": ["morning", "afternoon"]},
    "rules": REALISTIC_RULES,
}
