from collections import Counter
from pathlib import Path
from time import process_time
from tomllib import loads as read_toml
from types import ModuleType
from typing import Any

import pytest

from dog.core.rulebook import compile_rules, condition_parser, conditions
from dog.services.data.import_rows import import_rows
from dog.services.lists.kept_decisions import count_fired_rules
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.api_keys import SCOPES, create_key
from tests.conftest import NOW, Api, event

BARE = 'name = "recommended"\n'


def rule(when: str, then: str, rule_id: str = "r1", more: str = "") -> str:
    return f'[[rules]]\nid = "{rule_id}"\nwhen = "{when}"\nthen = {then}\nreason = "because"\n{more}\n'


def put(api: Api, toml: str, name: str = "recommended", query: str = "", **headers: str) -> Any:
    return api.client.put(
        f"/v1/policies/{name}{query}",
        data=toml,
        content_type="application/toml",
        headers={"Authorization": f"Bearer {api.key}", **headers},
    )


def product_ids(decision: dict[str, Any]) -> list[str]:
    return [item["product_id"] for item in decision["items"]]


def test_an_exclusion_acts_on_the_next_list_and_is_explained(api: Api, recommend: Any) -> None:
    stored = put(api, BARE + rule("product.category = 'office' AND contact.segment <> 'iron'", "{exclude = true}"))
    gold, iron = recommend("c1", explain="full"), recommend("c3")

    assert stored.status_code == 200
    assert gold["policy_version"] == stored.json["version"]
    assert product_ids(gold) == ["p3", "p4"]
    assert product_ids(iron) == ["p1", "p2", "p3", "p4"]
    assert {(row["product_id"], row["rule_id"], row["reason"]) for row in gold["excluded"]} == {
        ("p1", "r1", "because"),
        ("p2", "r1", "because"),
    }


def test_a_factor_multiplies_and_stands_on_the_receipt(api: Api, recommend: Any) -> None:
    before = {item["product_id"]: item["score"] for item in recommend()["items"]}
    put(api, BARE + rule("score.cf >= 0.3", "{multiply = 1.5}"))
    after = {item["product_id"]: item for item in recommend()["items"]}

    assert after["p1"]["score"] == pytest.approx(1.5 * before["p1"], rel=1e-9)
    assert after["p1"]["factors"]["rules"] == [{"id": "r1", "effect": "multiply", "factor": 1.5, "reason": "because"}]
    assert after["p4"]["score"] == pytest.approx(before["p4"], rel=1e-9)


def test_a_cap_makes_room_for_the_next_best(api: Api, recommend: Any) -> None:
    put(api, BARE + rule("true", "{cap = {by = 'product.category', at_most = 1}}"))

    assert product_ids(recommend(k=2)) == ["p1", "p3"]


def test_a_limit_counts_past_pitches(api: Api, recommend: Any) -> None:
    put(api, BARE + rule("true", "{limit = {event = 'pitch', by = 'pair', at_most = 1, days = 7}}"))
    api.post("/v1/feedback", {"events": [event("e1", "pitch", "p2")]})

    assert product_ids(recommend()) == ["p1", "p3", "p4"]


@pytest.mark.parametrize(
    ("toml", "pointer", "says"),
    [
        (rule("product.catgory = 'x'", "{exclude = true}"), "/rules/0/when", "did you mean product.category?"),
        (rule("product.value = 'x'", "{exclude = true}"), "/rules/0/when", ""),
        (rule("pitches > ", "{exclude = true}"), "/rules/0/when", ""),
        (rule("true", "{multiply = -1}"), "/rules/0/then/multiply", ""),
        ("[modles]\n", "/modles", "did you mean models?"),
        ("[reinforcement]\na_max = 0.2\n", "/reinforcement/a_max", ""),
    ],
)
def test_a_faulty_policy_is_refused_with_the_place_and_the_old_one_stays(
    api: Api, recommend: Any, toml: str, pointer: str, says: str
) -> None:
    before = recommend()["policy_version"]
    answer = put(api, BARE + toml)
    fault = answer.json["errors"][0]

    assert (answer.status_code, fault["pointer"]) == (422, pointer)
    assert says in fault["message"]
    assert fault["line"] >= 2
    assert recommend()["policy_version"] == before


def test_failing_examples_keep_a_policy_out(api: Api, recommend: Any) -> None:
    example = '[[examples]]\nname = "fax stays"\nproduct = {id = "p1"}\nexpect = {eligible = true}\n'
    answer = put(api, BARE + rule("product.id = 'p1'", "{exclude = true}") + example)

    assert answer.status_code == 422
    assert "fax stays" in answer.json["errors"][0]["message"]


def test_a_lost_update_is_refused(api: Api, recommend: Any) -> None:
    seen = api.get("/v1/policies/recommended").headers["ETag"]
    first = put(api, BARE + rule("true", "{multiply = 1.1}"), **{"If-Match": seen})
    second = put(api, BARE + rule("true", "{multiply = 1.2}"), **{"If-Match": seen})

    assert (first.status_code, second.status_code) == (200, 412)


def test_a_draft_acts_only_when_activated_and_can_be_rolled_back(api: Api, recommend: Any) -> None:
    original = recommend()["policy_version"]
    draft = put(api, BARE + rule("true", "{multiply = 1.1}"), query="?draft=true&comment=try").json
    while_draft = recommend()["policy_version"]
    api.post(f"/v1/policies/recommended/versions/{draft['version']}/activate")
    published = recommend()["policy_version"]
    api.post(f"/v1/policies/recommended/versions/{original}/activate")
    versions = api.get("/v1/policies/recommended/versions").json["items"]

    assert (while_draft, published, recommend()["policy_version"]) == (original, draft["version"], original)
    assert {row["version"]: row["comment"] for row in versions}[draft["version"]] == "try"


def test_who_wrote_a_version_and_who_published_it_are_both_known(api: Api, recommend: Any, runtime: Any) -> None:
    other = Api(api.client, create_key(runtime.redis, "default", "Ben", SCOPES, None, NOW))
    content, again = (BARE + rule("true", f"{{multiply = {factor}}}") for factor in (1.1, 1.2))
    draft = put(api, content, query="?draft=true&comment=try").json["version"]
    other.post(f"/v1/policies/recommended/versions/{draft}/activate")
    repeated = put(api, again, query="?draft=true&comment=more").json["version"]
    put(other, again, query="?comment=approved")
    rows = {row["version"]: row for row in api.get("/v1/policies/recommended/versions").json["items"]}

    names = ("author", "comment", "published_by", "published_comment")
    assert [rows[draft][name] for name in names] == ["test", "try", "Ben", ""]
    assert [rows[repeated][name] for name in names] == ["test", "more", "Ben", "approved"]
    assert rows[repeated]["published_at"] >= rows[repeated]["created_at"]


def test_policies_stand_side_by_side_and_are_chosen_by_request(api: Api, recommend: Any) -> None:
    put(api, 'name = "web"\n' + rule("product.id = 'p1'", "{exclude = true}"), name="web")

    assert product_ids(recommend(policy="web")) == ["p2", "p3", "p4"]
    assert product_ids(recommend()) == ["p1", "p2", "p3", "p4"]
    assert api.post("/v1/recommendations", {"contact_id": "c1", "policy": "nope"}).status_code == 404


def test_files_do_not_overwrite_what_was_put_in_force_by_api(
    api: Api, recommend: Any, runtime: Any, policy_dir: Path
) -> None:
    mine = put(api, BARE + rule("true", "{multiply = 1.1}")).json["version"]
    runtime._stores.clear()
    runtime.store("default")

    assert recommend()["policy_version"] == mine


def test_an_activation_by_one_who_looked_at_another_version_is_refused(api: Api, recommend: Any) -> None:
    seen = api.get("/v1/policies/recommended").headers["ETag"]
    draft = put(api, BARE + rule("true", "{multiply = 1.1}"), query="?draft=true").json["version"]
    path = f"/v1/policies/recommended/versions/{draft}/activate"
    stale = api.post(path, headers={"If-Match": '"nope"'})
    weak = api.post(path, headers={"If-Match": f"W/{seen}"})
    listed = api.post(path, headers={"If-Match": f'"nope", {seen}'})

    assert (stale.status_code, weak.status_code, listed.status_code) == (412, 412, 200)
    assert recommend()["policy_version"] == draft


def test_a_policy_meant_to_be_new_does_not_replace_one(api: Api, recommend: Any) -> None:
    first = put(api, 'name = "web"\n', name="web", **{"If-None-Match": "*"})
    second = put(api, 'name = "web"\n' + rule("true", "{multiply = 2}"), name="web", **{"If-None-Match": "*"})
    missing = put(api, 'name = "mail"\n', name="mail", **{"If-Match": '"abc"'})

    assert (first.status_code, second.status_code, missing.status_code) == (200, 412, 412)
    assert "has no active version" in missing.json["detail"]


def test_publishing_the_same_again_keeps_the_newer_reason_and_the_newest_stands_first(
    api: Api, recommend: Any, clock: Any
) -> None:
    again = BARE + rule("true", "{multiply = 1.1}")
    for content, comment in ((again, "first"), (BARE + rule("true", "{multiply = 1.2}"), "other"), (again, "second")):
        clock.now_ms += 7
        put(api, content, query=f"?comment={comment}")
    rows = api.get("/v1/policies/recommended/versions").json["items"]

    assert [row["comment"] for row in rows[:2]] == ["second", "other"]


def test_values_that_no_product_has_are_warned_of(api: Api, recommend: Any) -> None:
    condition = "product.category = 'Office' OR product.id IN ('p1', 'p77')"
    answer = put(api, BARE + rule(condition, "{multiply = 1.1}"))
    told = [warning["message"] for warning in answer.json["warnings"] if warning["code"] == "unmatched_value"]

    assert told[0] == "no product has product.category 'Office'; did you mean office?"
    assert told[1].startswith("no product has product.id 'p77'")


def test_lists_in_which_a_rule_moved_something_are_counted_once_each(api: Api, recommend: Any, runtime: Any) -> None:
    rules = [
        rule("product.id = 'p1'", "{exclude = true}", "out"),
        rule("product.id = 'p2'", "{multiply = 1.1}", "up"),
        rule("contact.segment = 'none'", "{multiply = 2}", "never"),
    ]
    put(api, BARE + "".join(rules))
    for contact in ("c1", "c2", "c1"):
        recommend(contact)
    for _ in range(3):  # the same decision again and again is one
        recommend("c3", decision_id="mine")
    recommend("c1", dry_run=True)

    assert count_fired_rules(runtime, "default", "recommended") == {"out": 4, "up": 4}


def test_a_preview_tells_what_would_change_and_changes_nothing(api: Api, recommend: Any) -> None:
    before = recommend()["policy_version"]
    toml = BARE + rule("product.id = 'p1'", "{exclude = true}") + rule("contact.segment = 'x'", "{multiply = 2}", "r2")
    answer: Any = api.client.post(
        "/v1/policies/recommended/preview",
        data=toml,
        content_type="application/toml",
        headers={"Authorization": f"Bearer {api.key}"},
    )
    found = answer.json

    assert (found["contacts"], found["lists_changed"]) == (3, 3)
    assert found["products"]["lose"] == {"p1": -3}
    assert found["rules"]["r1"]["fired"] == 3
    assert found["rules"]["r2"]["note"] == "never fires"
    assert found["rank_correlation"] == 1
    assert recommend()["policy_version"] == before


def test_a_preview_counts_a_rule_where_it_changes_a_list_and_not_where_its_condition_is_true(
    api: Api, recommend: Any
) -> None:
    recommend()
    api.post("/v1/feedback", {"events": [event("e1", "pitch", "p1", "c1")]})
    rules = {
        "full": rule("true", "{limit = {event = 'pitch', by = 'pair', at_most = 1, days = 7}}", "full"),
        "idle": rule("true", "{limit = {event = 'win', by = 'contact', at_most = 1, days = 7}}", "idle"),
        "tight": rule("true", "{cap = {by = 'product.category', at_most = 1}}", "tight"),
        "wide": rule("true", "{cap = {by = 'product.category', at_most = 2}}", "wide"),
        "alone": rule("true", "{exclusive = ['p2', 'p9']}", "alone"),
        "all": rule("product.value > 1", "{multiply = 2}", "all"),
        "last": rule("product.id = 'p4'", "{pin = 4}", "last"),
        "never": rule("product.id = 'p9'", "{exclude = true}", "never"),
    }
    found = {
        rule_id: api.post("/v1/policies/recommended/preview", read_toml(BARE + text)).json["rules"][rule_id]
        for rule_id, text in rules.items()
    }

    assert {rule_id: (fate["lists"], fate["fired"], fate.get("note")) for rule_id, fate in found.items()} == {
        "full": (1, 1, None),
        "idle": (0, 0, "changes no list"),
        "tight": (3, 6, None),
        "wide": (0, 0, "changes no list"),
        "alone": (0, 0, "changes no list"),
        "all": (0, 12, "changes no list"),
        "last": (0, 3, "changes no list"),
        "never": (0, 0, "never fires"),
    }
    assert all(fate["fired"] + fate["did_not"] + fate["unknown"] == 12 for fate in found.values())


@pytest.mark.parametrize(
    ("product", "stage"), [("p1", "recommended"), ("p2", "suitability"), ("p4", "rank"), ("p9", "options")]
)
def test_why_not_names_the_stage_and_the_way_back(api: Api, recommend: Any, product: str, stage: str) -> None:
    put(api, BARE + rule("product.id = 'p2'", "{exclude = true}"))
    decision = recommend(k=2)
    told = api.get(f"/v1/decisions/{decision['decision_id']}?why_not={product}").json

    assert told["stage"] == stage
    assert stage == "recommended" or told["remedy"]


def test_the_schema_for_editors_is_published(api: Api) -> None:
    assert "rules" in api.get("/v1/policies/schema").json["properties"]


def test_performance_can_be_applied_to_one_models_score(api: Api, recommend: Any, runtime: Any, clock: Any) -> None:
    events = [event("w1", "pitch", "p1"), event("w2", "win", "p1")]
    api.post("/v1/feedback", {"events": [{**it, "occurred_at": "2026-11-10T08:00:00Z"} for it in events]})
    run_recompute(runtime, "default")
    put(api, BARE + '[triggers]\nperformance = {apply_to = "cf"}\n')
    item = recommend(explain="full")["items"][0]
    factors = item["factors"]
    models = factors["models"]

    assert item["product_id"] == "p1"
    chance, factor = models["cf"]["calibrated"], api.get("/v1/multipliers?contact_id=c1").json["items"][0]["odds"]
    assert 1 < factor <= 1.25  # the largest step of one week
    assert models["cf"]["multiplier"] == pytest.approx(factor / (1 - chance + chance * factor))  # on the model's odds
    assert models["frequency"]["multiplier"] == 1
    assert (factors["performance"]["multiplier"], factors["performance"]["applied_to"]) == (1, "cf")
    assert factors["consolidated"] == pytest.approx(item["score"], rel=1e-9)
    assert 1 < item["inputs"]["effective_multiplier"] < 1.25


def test_two_attributes_are_compared_in_serving_as_they_were_when_saved(
    api: Api, recommend: Any, runtime: Any, loaded: Any
) -> None:
    import_rows(loaded, "products", [{"product_id": "p1", "maker": "a", "rival": "a"}], runtime.settings.zone)
    stored = put(api, BARE + rule("product.maker = product.rival", "{exclude = true}"))

    assert stored.status_code == 200
    assert "p1" not in product_ids(recommend())


def test_a_column_that_is_gone_is_unknown_and_lists_go_on(api: Api, recommend: Any, runtime: Any, loaded: Any) -> None:
    import_rows(loaded, "products", [{"product_id": "p1", "hue": "red"}], runtime.settings.zone)
    put(api, BARE + rule("product.hue = 'blue'", "{exclude = true}"))
    trip = loaded.trip()
    trip.add("HDEL", loaded.keys.of("attributes"), "product.hue")
    trip.send()
    put(api, 'name = "web"\n', name="web")  # any change has the snapshot built again

    assert recommend()["items"]


def test_a_policy_of_2000_rules_parses_each_condition_once_and_compiles_it_twice(
    api: Api, loaded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Counter[str]()

    def counted(module: ModuleType, name: str) -> None:
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given: calls.update([name]) or real(*given))

    counted(condition_parser, "parse_condition")
    counted(conditions, "program_of")
    counted(conditions, "compile_condition")
    counted(compile_rules, "compile_condition")
    rules = "".join(
        rule(
            f"contact.segment = 's{number}' AND score.cf >= 0.{number} AND product.value < {number}",
            "{multiply = 1.1}",
            f"r{number}",
        )
        for number in range(2000)
    )
    began = process_time()
    stored = put(api, BARE + rules)
    took = process_time() - began

    assert stored.status_code == 200
    assert calls["parse_condition"] == 2000
    assert calls["compile_condition"] == 2 * 2000  # to check it, and to serve it
    assert calls["program_of"] == 2000  # of the part on options
    assert took < 10  # it took 22


def test_a_policy_whose_conditions_are_too_long_together_is_refused_before_they_are_parsed(api: Api) -> None:
    long = " OR ".join(f"product.category = 'category-{number:04}'" for number in range(50))
    began = process_time()
    refused = put(api, BARE + "".join(rule(long, "{multiply = 1.1}", f"r{number}") for number in range(400)))
    took = process_time() - began

    assert refused.status_code == 422
    assert [fault["code"] for fault in refused.json["errors"]] == ["too_long"]
    assert took < 8


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"rules": [{"id": "r", "when": None, "then": {"multiply": 1.1}}]}, "/rules/0/when"),
        ({"rules": [{"id": "r", "then": {"multiply": 1.1}, "from": None}]}, "/rules/0/from"),
        ({"rules": None}, "/rules"),
        ({"models": {"cf": {"weight": None}}}, "/models/cf/weight"),
        ({"reinforcement": None}, "/reinforcement"),
    ],
)
def test_null_is_no_value(api: Api, document: dict[str, Any], pointer: str) -> None:
    refused = api.put("/v1/policies/mine", {"name": "mine", **document})

    assert refused.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in refused.json["errors"]] == [(pointer, "wrong_type")]
    assert "null" in refused.json["errors"][0]["message"]
