"""Coverage is compared with the lists that contacts get, and with those that a policy without the rule makes."""

from typing import Any

import numpy as np
import pytest

from dog.errors import NotFound
from dog.services.lists.taken_offers import Cause
from dog.services.publishing.measure_coverage import Coverage, measure_coverage
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.storage.contacts import read_records_of
from dog.storage.store import Store
from tests.conftest import Api, Clock
from tests.services.lists.test_recommend_contacts import CONTACTS, POLICIES, RULES, load_world

TIGHT: list[dict[str, Any]] = [
    {"id": "no-g2", "when": "contact.segment = 'iron' AND product.category = 'g2'", "then": {"exclude": True}},
    {"id": "tired", "then": {"limit": {"event": "pitch", "by": "pair", "at_most": 1, "days": 90}}},
    {"id": "busy", "then": {"limit": {"event": "pitch", "by": "contact", "at_most": 5, "days": 90}}},
    {"id": "sated", "then": {"limit": {"event": "win", "by": "category", "at_most": 1, "days": 90}}},
    {"id": "plenty", "when": "score.cf > 0.5", "then": {"multiply": 0.3}},
]
"""Rules that overlap, each of which takes something from somebody."""


def best_by_contact(coverage: Coverage) -> dict[bytes, float]:
    return dict(zip(coverage.contacts, coverage.best.tolist(), strict=True))


def without_rule(coverage: Coverage, rule_id: str) -> dict[bytes, float]:
    """Return what contacts would have at best without a rule: as now, or as the rule's effect says."""
    effect = coverage.causes[Cause("rule", rule_id)]
    named = (coverage.contacts[place] for place in effect.contacts)
    return best_by_contact(coverage) | dict(zip(named, effect.best.tolist(), strict=True))


@pytest.mark.parametrize("policy", ["plain", "ranks", "split"])
def test_the_best_score_of_each_contact_is_that_of_its_own_list(
    api: Api, runtime: Runtime, store: Store, clock: Clock, policy: str
) -> None:
    rules = [rule for rule in RULES if "pin" not in rule["then"]]  # a pin takes the place of a better one
    load_world(runtime, store, clock, {**POLICIES[policy], "rules": rules}, 3)
    found = best_by_contact(measure_coverage(runtime, "default"))

    assert len(found) == CONTACTS
    for contact, record in read_records_of(store, found).items():
        best, contact_id = found[contact], record["contact_id"]
        body = {"contact_id": contact_id, "k": 100, "dry_run": True}
        scores = [item["score"] for item in api.post("/v1/recommendations", body).json["items"]]
        assert best == pytest.approx(max(scores, default=np.nan), nan_ok=True), contact_id


@pytest.mark.parametrize("rule_id", [rule["id"] for rule in TIGHT])
def test_what_a_rule_takes_is_what_the_policy_without_it_gives(
    runtime: Runtime, store: Store, clock: Clock, rule_id: str
) -> None:
    load_world(runtime, store, clock, {"rules": TIGHT}, 3)
    rules = [rule for rule in TIGHT if rule["id"] != rule_id]
    document = {"name": "recommended", "rules": rules}
    stored = publish_policy(
        runtime, "default", "recommended", document, author="t", comment="", if_match=None, draft=True
    )
    live, other = (measure_coverage(runtime, "default", version=version) for version in ("", stored["version"]))

    assert live.version != other.version == stored["version"]
    assert without_rule(live, rule_id) == pytest.approx(best_by_contact(other), nan_ok=True)


def test_the_first_contacts_are_a_sample_of_a_large_tenant_and_progress_is_told(
    runtime: Runtime, loaded: Store
) -> None:
    shares: list[float] = []
    whole = measure_coverage(runtime, "default", report=shares.append)
    sample = measure_coverage(runtime, "default", most_contacts=1)

    assert (len(whole.contacts), whole.complete) == (3, True)
    assert (len(sample.contacts) < 3, sample.complete) == (True, False)
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1


def test_an_unknown_policy_or_version_is_named(runtime: Runtime, loaded: Store) -> None:
    unknown: list[dict[str, Any]] = [{"policy": "nothing"}, {"version": "f" * 16}]
    for asked in unknown:
        with pytest.raises(NotFound, match=next(iter(asked.values()))):
            measure_coverage(runtime, "default", **asked)
