"""Controls: who gets them, what they leave out, and the propensity that stays with the decision and its feedback."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dog.services.data.export_rows import export_rows
from dog.services.data.import_feedback import import_feedback
from dog.services.data.import_rows import import_rows
from dog.services.data.read_rows import DataFile
from dog.services.publishing.preview_policy import preview_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Api, Clock, event

SHARES = {"no_multiplier": 0.2, "no_rules": 0.2, "random_eligible": 0.2}
POLICY: dict[str, Any] = {
    "name": "recommended",
    "models": {"cf": {"weight": 1.0}},
    "variants": SHARES,
    "rules": [
        {"id": "never", "stage": "eligibility", "when": "product.id = 'p1'", "then": {"exclude": True}},
        {"id": "not-now", "stage": "suitability", "when": "product.id = 'p2'", "then": {"exclude": True}},
        {"id": "last-first", "when": "product.id = 'p4'", "then": {"multiply": 50.0}},
    ],
}
CONTACTS = [f"k{n}" for n in range(150)]
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def split(api: Api, loaded: Store, runtime: Runtime) -> dict[str, list[str]]:
    """Publish a policy with three controls and tell which contacts got which."""
    zone = runtime.settings.zone
    import_rows(loaded, "contacts", [{"contact_id": contact} for contact in CONTACTS], zone)
    for start in range(0, len(CONTACTS), 50):
        scores = [
            {"contact_id": c, "product_id": f"p{p}", "model": "cf", "score": 0.5 - p / 10, "as_of": "2026-11-01"}
            for c in CONTACTS[start : start + 50]
            for p in (1, 2, 3, 4)
        ]
        import_rows(loaded, "scores", scores, zone)
    assert api.put("/v1/policies/recommended", POLICY).status_code in (200, 201)
    found: dict[str, list[str]] = {}
    for contact in CONTACTS:
        answer = api.post("/v1/recommendations", {"contact_id": contact, "k": 2, "dry_run": True}).json
        found.setdefault(answer["variant"], []).append(contact)
    return found


def products(answer: dict[str, Any]) -> list[str]:
    return [item["product_id"] for item in answer["items"]]


def test_contacts_stay_in_their_variant_and_each_has_its_share(split: dict[str, list[str]], recommend: Ask) -> None:
    again = {variant: {recommend(c, k=2)["variant"] for c in contacts[:5]} for variant, contacts in split.items()}

    assert {variant: {variant} for variant in split} == again
    assert set(split) == {"policy", *SHARES}
    assert all(10 <= len(split[name]) <= 55 for name in SHARES)  # 30 of 150, five standard deviations


def test_each_control_leaves_out_what_it_is_named_for(split: dict[str, list[str]], recommend: Ask) -> None:
    lists = {variant: products(recommend(contacts[0], k=2)) for variant, contacts in split.items()}
    drawn = {tuple(products(recommend(split["random_eligible"][0], k=2))) for _ in range(20)}

    assert lists["policy"] == lists["no_multiplier"] == ["p4", "p3"]
    assert lists["no_rules"] == ["p2", "p3"]  # p1 is not eligible, and nobody is offered it
    assert drawn == {("p3", "p4"), ("p4", "p3")}


def test_no_multiplier_leaves_every_influence_at_one_but_what_rests_goes_on_resting(
    split: dict[str, list[str]], api: Api, recommend: Ask, runtime: Runtime, clock: Clock
) -> None:
    control, plain = split["no_multiplier"][0], split["policy"][0]
    told = [event(f"{c}-{n}", "accept", "p3", c) for c in (control, plain) for n in range(4)]
    told += [event(f"{c}-{n}w", kind, "p3", c) for c in (control, plain) for n, kind in enumerate(["pitch", "win"])]
    told += [event(f"{control}-d", "discard", "p4", control, reason={"trigger": "performance"})]
    api.post("/v1/feedback", {"events": told})
    clock.set("2026-11-24T09:00:00")
    run_recompute(runtime, "default")

    def factors(contact: str) -> dict[str, Any]:
        items = recommend(contact)["items"]
        found: dict[str, Any] = next(item["factors"] for item in items if item["product_id"] == "p3")
        return found

    assert factors(plain)["streak"] > 1.0
    assert factors(plain)["performance"]["multiplier"] != 1.0
    assert factors(control)["streak"] == factors(control)["performance"]["multiplier"] == 1.0
    assert products(recommend(control)) == ["p3"]


def test_the_propensity_is_the_share_of_all_variants_that_list_the_item(
    split: dict[str, list[str]], recommend: Ask
) -> None:
    def chances(variant: str) -> dict[str, float]:
        items = recommend(split[variant][0], k=1)["items"]
        return {item["product_id"]: item["propensity"] for item in items}

    assert chances("policy") == {"p4": pytest.approx(0.4 + 0.2 + 0.2 / 2)}
    assert chances("no_rules") == {"p2": pytest.approx(0.2)}
    assert chances("random_eligible") in ({"p4": pytest.approx(0.7)}, {"p3": pytest.approx(0.1)})


def test_a_policy_without_a_split_answers_as_before(recommend: Ask) -> None:
    answer = recommend()

    assert "variant" not in answer
    assert all("propensity" not in item for item in answer["items"])


def test_the_decision_and_its_feedback_keep_variant_and_propensity(
    split: dict[str, list[str]], recommend: Ask, api: Api, runtime: Runtime, tmp_path: Path
) -> None:
    answer = recommend(split["no_rules"][0], k=1)
    named = {"decision_id": answer["decision_id"]}
    contact = answer["contact_id"]
    events = [event(kind, kind, "p2", contact, **named) for kind in ("pitch", "accept", "win")]
    sent = api.post("/v1/feedback", {"events": [*events, event("other", "pitch", "p3", contact, **named)]})
    export_rows(runtime, "default", "feedback", tmp_path / "out.ndjson")
    rows = {row.fields["event_id"]: row.fields for row in DataFile(tmp_path / "out.ndjson").rows()}
    kept = api.get(f"/v1/decisions/{answer['decision_id']}").json

    assert [result["status"] for result in sent.json["results"]] == ["accepted"] * 4
    assert (kept["variant"], kept["items"][0]["propensity"]) == ("no_rules", pytest.approx(0.2))
    assert {rows[kind]["variant"] for kind in ("pitch", "accept", "win")} == {"no_rules"}
    assert {rows[kind]["propensity"] for kind in ("pitch", "accept", "win")} == {kept["items"][0]["propensity"]}
    assert "propensity" not in rows["other"]  # the decision did not list it


def test_a_file_may_bring_propensities_of_another_service_and_a_sender_may_not(
    api: Api, loaded: Store, runtime: Runtime
) -> None:
    rows = [event(f"e{n}", "pitch", propensity=propensity) for n, propensity in enumerate([0.25, "0.5", 0.0, 1.5, "x"])]
    (results,) = import_feedback(loaded, [rows], runtime.clock, runtime.settings.zone)
    sent = api.post("/v1/feedback", {"events": [event("e9", "pitch", propensity=0.5)]}).json["results"][0]

    assert [result.status for result in results] == ["accepted"] * 2 + ["rejected"] * 3
    assert "above 0 and at most 1" in str(results[2].message)
    assert (sent["status"], sent["code"]) == ("rejected", "unknown_field")


@pytest.mark.parametrize(
    ("variants", "code", "pointer"),
    [
        ({"no_rules": 0.5, "random_eligible": 0.5}, "out_of_range", "/variants"),
        ({"no_rules": 0}, "out_of_range", "/variants/no_rules"),
        ({"no_rule": 0.1}, "unknown_key", "/variants/no_rule"),
        ({"no_rules": "half"}, "wrong_type", "/variants/no_rules"),
    ],
)
def test_a_split_that_cannot_be_is_refused_with_its_place(
    api: Api, loaded: Store, variants: dict[str, Any], code: str, pointer: str
) -> None:
    answer = api.put("/v1/policies/recommended", {"name": "recommended", "variants": variants})

    assert loaded is not None
    assert answer.status_code == 422
    assert [(fault["code"], fault["pointer"]) for fault in answer.json["errors"]] == [(code, pointer)]


def test_a_preview_compares_the_policy_itself_not_its_controls(split: dict[str, list[str]], runtime: Runtime) -> None:
    found = preview_policy(runtime, "default", "recommended", {**POLICY, "variants": {}}, sample=100)

    assert split
    assert found["lists_changed"] == 0
