from datetime import UTC, datetime

import pytest

from benchmarks.list_data import KINDS, MODELS, make_realistic

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_is_the_same_data(kind: str) -> None:
    assert KINDS[kind](20, 6, NOW) == KINDS[kind](20, 6, NOW)


def test_realistic_contacts_have_other_counts_of_options_and_gaps_in_every_model() -> None:
    data = make_realistic(100, 10, NOW)
    scored = {(row["contact_id"], row["model"]): 0 for row in data.scores}
    for row in data.scores:
        scored[row["contact_id"], row["model"]] += 1
    options = {
        contact: len({row["product_id"] for row in data.scores if row["contact_id"] == contact})
        for contact in {row["contact_id"] for row in data.scores}
    }

    assert {model for _, model in scored} == set(MODELS)
    assert len(set(options.values())) > 5
    assert min(options.values()) >= 55
    assert max(options.values()) <= 140
    assert all(0.85 * options[contact] < count for (contact, _), count in scored.items())
    assert any(count < options[contact] for (contact, _), count in scored.items())


def test_half_of_the_realistic_contacts_give_verdicts_and_some_count_for_others_too() -> None:
    data = make_realistic(50, 20, NOW)
    verdicts = [event for event in data.events if event["type"] in ("accept", "discard")]
    triggers = {event.get("reason", {}).get("trigger") for event in verdicts}

    assert {event["contact_id"] for event in verdicts} == {f"c{n}" for n in range(0, 20, 2)}
    assert {None, "market", "business", "discomfort", "performance"} <= triggers
    assert {event["type"] for event in data.events} == {"pitch", "win", "loss", "accept", "discard"}


def test_realistic_products_and_contacts_lack_some_attributes() -> None:
    data = make_realistic(50, 50, NOW)

    for name in ("category", "value", "margin", "colour", "active_from", "active_to"):
        assert 0 < sum(name in product for product in data.products) < len(data.products)
    for name in ("account_id", "segment", "channels", "region", "age"):
        assert 0 < sum(name in contact for contact in data.contacts) < len(data.contacts)


def test_the_realistic_policy_has_20_rules_with_every_effect_and_kind_of_limit() -> None:
    rules = make_realistic(10, 1, NOW).policy["rules"]
    limits = {rule["then"]["limit"]["by"] for rule in rules if "limit" in rule["then"]}

    assert len(rules) == 20
    assert {name for rule in rules for name in rule["then"]} == {
        "exclude",
        "multiply",
        "limit",
        "cap",
        "exclusive",
        "pin",
    }
    assert limits == {"contact", "pair", "product", "category"}
