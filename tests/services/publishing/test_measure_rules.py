"""The rules of the live policy are measured on real lists: what each takes off, and for whom."""

from zoneinfo import ZoneInfo

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.policies.policy_store import store_policy
from dog.services.publishing.measure_rules import measure_rules, suggest_values
from dog.services.runtime import Runtime
from dog.storage.policy_files import read_policy_toml
from dog.storage.store import Store

ZONE = ZoneInfo("UTC")


@pytest.fixture
def shop(store: Store) -> Store:
    """Load two products of one category and one of another, two contacts of segment gold and one of iron."""
    categories = {"p1": "office", "p2": "office", "p3": "furniture"}
    products = [{"product_id": name, "category": category, "value": 3} for name, category in categories.items()]
    segments = {"c1": "gold", "c2": "gold", "c3": "iron"}
    scores = [
        {"contact_id": contact, "product_id": product, "model": "cf", "score": 0.5, "as_of": "2026-11-01"}
        for contact in segments
        for product in categories
    ]
    import_rows(store, "products", products, ZONE)
    import_rows(store, "contacts", [{"contact_id": name, "segment": one} for name, one in segments.items()], ZONE)
    import_rows(store, "scores", scores, ZONE)
    return store


RULE = """
name = "recommended"
[[rules]]
id = "no-office-for-gold"
when = "contact.segment = 'gold' AND product.category = 'office'"
then = {exclude = true}
"""


def test_a_rule_is_measured_by_the_products_and_segments_that_it_takes_off_lists(runtime: Runtime, shop: Store) -> None:
    store_policy(shop, read_policy_toml(RULE), "Bo", "", runtime.clock(), activate=True)
    impact = measure_rules(runtime, "default", "recommended", sample=60)
    products, segments = impact.taken_off("no-office-for-gold")

    assert impact.report()["no-office-for-gold"]["lists"] == 2
    assert (dict(products), dict(segments)) == ({"p1": 2, "p2": 2}, {"gold": 2})
    assert impact.taken_off("unknown") == ([], [])


def test_values_of_conditions_are_suggested_from_products_and_contacts(runtime: Runtime, shop: Store) -> None:
    assert suggest_values(runtime, "default", "product.category") == ["furniture", "office"]
    assert suggest_values(runtime, "default", "contact.segment") == ["gold", "iron"]
    assert suggest_values(runtime, "default", "product.value") == suggest_values(runtime, "default", "score.cf") == []
