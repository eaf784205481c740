"""Lists of contacts that no other model has scored, over HTTP: their first list, and what each event changes."""

from typing import Any

import numpy as np
import pytest

from dog import metrics
from dog.errors import InvalidPolicy
from dog.services.background_tasks import BackgroundTasks
from dog.services.data.batch_recommend import open_batch, rank_part
from dog.services.data.import_rows import import_rows
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api
from tests.services.conftest import one_server
from tests.start_world import BOUGHT, PRODUCT_COUNT, ask, bought, group_of, products_of


def share_of_group(decision: dict[str, Any], group: int) -> float:
    return float(np.mean([group_of(product) == group for product in products_of(decision)]))


@one_server
def test_a_visitor_gets_a_list_that_every_event_moves_to_its_taste(api: Api, tastes: Store) -> None:
    first = ask(api, contact={})
    after_one = ask(api, contact={}, events=bought(45))
    after_three = ask(api, contact={}, events=bought(45, 46, 47))

    assert len(first["items"]) == 10
    assert share_of_group(first, 2) < share_of_group(after_one, 2) <= share_of_group(after_three, 2)
    assert share_of_group(after_three, 2) >= 0.8
    assert first["notes"] == [
        "no model has scored products for this contact: the model start scored them like new contacts"
    ]
    assert "after 3 purchases" in after_three["notes"][0]


@one_server
def test_the_receipt_names_what_a_score_rests_on_and_the_nearest_purchases(api: Api, tastes: Store) -> None:
    decision = ask(api, contact={"segment": "gold"})
    assert all(
        item["factors"]["models"]["start"]["basis"] == "like new contacts of segment gold" for item in decision["items"]
    )

    item = next(item for item in ask(api, events=bought(45, 1))["items"] if group_of(item["product_id"]) == 2)

    assert item["factors"]["models"]["start"]["nearest"][0] == "p45"
    assert "Scored after 2 purchases, nearest p45" in item["attributes"]["rationale"]


@one_server
def test_a_segment_changes_the_first_list_and_an_unknown_one_changes_nothing(api: Api, tastes: Store) -> None:
    plain = ask(api, contact={})

    assert share_of_group(ask(api, contact={"segment": "iron"}), 1) > share_of_group(plain, 1)
    assert products_of(ask(api, contact={"segment": "tin"})) == products_of(plain)


def test_a_known_contact_without_scores_is_scored_by_its_purchases(api: Api, tastes: Store) -> None:
    decision = ask(api, "c2")

    assert share_of_group(decision, 2) > 0.4
    assert decision["notes"] == [
        "no model has scored products for this contact: the model start scored them after 8 purchases"
    ]


def load_scores(runtime: Runtime, store: Store, contact_id: str, as_of: str, products: int) -> None:
    rows = [
        {"contact_id": contact_id, "product_id": f"p{n}", "model": "cf", "score": 0.1 + n / 100, "as_of": as_of}
        for n in range(products)
    ]
    import_rows(store, "scores", rows, runtime.settings.zone)


def test_where_other_models_score_start_is_silent(api: Api, runtime: Runtime, tastes: Store) -> None:
    load_scores(runtime, tastes, "c0", "2026-11-19", 5)

    decision = ask(api, "c0", k=100)

    assert sorted(products_of(decision)) == [f"p{n}" for n in range(5)]
    assert all("start" not in item["factors"]["models"] for item in decision["items"])


def test_a_contact_score_alone_leaves_the_products_to_start(api: Api, runtime: Runtime, tastes: Store) -> None:
    row = {"contact_id": "c1", "product_id": "", "model": "churn", "score": 0.2, "as_of": "2026-11-19"}
    import_rows(tastes, "scores", [row], runtime.settings.zone)

    decision = ask(api, "c1", k=100)

    assert len(decision["items"]) == PRODUCT_COUNT - BOUGHT
    assert [item for item in decision["items"] if item["factors"]["models"].keys() != {"churn", "start"}] == []
    assert share_of_group(ask(api, "c1"), 1) > 0.4


def test_scores_made_before_the_first_event_give_way_to_start(api: Api, runtime: Runtime, tastes: Store) -> None:
    import_rows(tastes, "contacts", [{"contact_id": "late"}], runtime.settings.zone)
    load_scores(runtime, tastes, "late", "2026-11-10", PRODUCT_COUNT)
    assert all("start" not in item["factors"]["models"] for item in ask(api, "late")["items"])

    decision = ask(api, "late", events=bought(45, 46, 47))

    assert share_of_group(decision, 2) >= 0.8
    assert decision["notes"][0].startswith("the models' scores are older than this contact's first event")


def test_a_new_product_is_on_the_lists_of_those_whose_taste_fits(api: Api, runtime: Runtime, tastes: Store) -> None:
    rows = [{"product_id": "fresh", "category": "g1"}]
    import_rows(tastes, "products", rows, runtime.settings.zone)
    load_scores(runtime, tastes, "c0", "2026-11-19", PRODUCT_COUNT)

    assert "fresh" in products_of(ask(api, "c0", k=100))
    likes_it = ask(api, "visitor", k=100, events=bought(25, 26, 27))
    likes_others = ask(api, "visitor", k=100, events=bought(0, 1, 2))
    assert products_of(likes_it).index("fresh") < products_of(likes_others).index("fresh")


def test_who_for_this_product_works_from_its_first_day(api: Api, runtime: Runtime, tastes: Store) -> None:
    import_rows(tastes, "products", [{"product_id": "fresh", "category": "g1"}], runtime.settings.zone)

    answer = api.post("/v1/recommendations/contacts", {"product_id": "fresh", "k": 60})

    likes = [int(item["contact_id"].removeprefix("c")) % 3 == 1 for item in answer.json["items"]]
    assert len(likes) == 60
    assert np.mean(likes) > 0.8


def test_ranked_contacts_have_the_scores_of_their_own_lists(api: Api, runtime: Runtime, tastes: Store) -> None:
    load_scores(runtime, tastes, "c0", "2026-11-19", 5)

    items = api.post("/v1/recommendations/contacts", {"product_id": "p3", "k": 300}).json["items"]
    owners = sum("p3" not in products_of(ask(api, f"c{number}", k=100)) for number in range(300))

    assert len(items) == 300 - owners
    for item in items[::40]:
        own = {one["product_id"]: one for one in ask(api, item["contact_id"], k=100)["items"]}
        assert own["p3"]["score"] == pytest.approx(item["score"], abs=1e-12)


def test_a_batch_has_the_lists_of_each_request(api: Api, runtime: Runtime, tastes: Store) -> None:
    load_scores(runtime, tastes, "c0", "2026-11-19", 5)
    found = rank_part(runtime, range(64), open_batch(runtime, "default", 4, "recommended"))
    rows = list(zip(*found, strict=True))

    for contact_id in ("c0", "c7", "c100"):
        alone = [(item["product_id"], item["score"]) for item in ask(api, contact_id, k=4)["items"]]
        assert [(row[2], pytest.approx(row[3], abs=1e-12)) for row in rows if row[0] == contact_id] == alone


@one_server
def test_candidates_without_a_score_are_scored_by_start(api: Api, tastes: Store) -> None:
    candidates = [{"product_id": f"p{n}", "scores": {}} for n in (0, 22, 44)]

    decision = ask(api, "visitor", candidates=candidates, events=bought(55, 56))

    assert products_of(decision)[0] == "p44"


@one_server
def test_products_that_nobody_buys_twice_are_not_offered_again(api: Api, tastes: Store) -> None:
    assert "p45" not in products_of(ask(api, events=bought(45), k=100))


class TestYoungTenants:
    @pytest.mark.usefixtures("loaded")
    def test_before_training_a_weight_changes_no_list_of_scored_contacts(self, api: Api, runtime: Runtime) -> None:
        publish(runtime, models={"frequency": {}, "cf": {}})
        alone = [(item["product_id"], item["score"]) for item in ask(api, "c1")["items"]]

        publish(runtime, models={"frequency": {}, "cf": {}, "start": {"weight": 1}})

        assert [(item["product_id"], item["score"]) for item in ask(api, "c1")["items"]] == alone

    @pytest.mark.usefixtures("loaded")
    def test_an_untrained_tenant_orders_products_by_value_and_says_so(self, api: Api) -> None:
        decision = ask(api, contact={})

        assert products_of(decision) == ["p4", "p3", "p2", "p1"]
        assert "not trained" in decision["notes"][0]
        assert "jobs train" in decision["notes"][0]

    @pytest.mark.usefixtures("store")
    def test_an_empty_tenant_has_an_empty_list_that_says_why(self, api: Api) -> None:
        decision = ask(api, contact={})

        assert decision["items"] == []
        assert "load" in decision["notes"][-1]

    def test_a_tenant_of_one_product_lists_it(self, api: Api, runtime: Runtime, store: Store) -> None:
        import_rows(store, "products", [{"product_id": "only"}], runtime.settings.zone)

        assert products_of(ask(api, contact={})) == ["only"]
        assert products_of(ask(api, events=[{"type": "win", "product_id": "only"}])) == ["only"]


def test_a_stored_decision_keeps_its_receipt(api: Api, tastes: Store) -> None:
    asked = {"contact_id": "visitor", "decision_id": "d9", "events": bought(45)}
    decision = api.post("/v1/recommendations", asked).json

    kept = api.get("/v1/decisions/d9").json

    assert [item["factors"]["models"] for item in kept["items"]] == [
        item["factors"]["models"] for item in decision["items"]
    ]


def publish(runtime: Runtime, **document: Any) -> None:
    policy = {"name": "recommended", **document}
    publish_policy(runtime, "default", "recommended", policy, author="t", comment="", if_match=None, draft=False)


def test_ranked_contacts_with_old_scores_are_ranked_by_start(api: Api, runtime: Runtime, tastes: Store) -> None:
    publish(runtime, models={"cf": {"max_age_days": 5}, "start": {"role": "fallback"}})
    for number in range(30):
        load_scores(runtime, tastes, f"c{number}", "2026-11-01", 5)

    items = api.post("/v1/recommendations/contacts", {"k": 300}).json["items"]

    assert len(items) == 300
    own = [ask(api, item["contact_id"], k=1)["items"][0]["product_id"] for item in items[:40]]
    assert [item["product_id"] for item in items[:40]] == own


@one_server
def test_other_fallbacks_keep_their_options(api: Api, runtime: Runtime, tastes: Store) -> None:
    publish(runtime, models={"cf": {}, "mine": {"role": "fallback"}, "start": {"role": "fallback"}})
    rows = [
        {"contact_id": "c0", "product_id": f"p{n}", "model": "mine", "score": 0.2, "as_of": "2026-11-19"}
        for n in range(9)
    ]
    load_scores(runtime, tastes, "c0", "2026-11-19", 3)
    import_rows(tastes, "scores", rows, runtime.settings.zone)
    import_rows(tastes, "products", [{"product_id": "fresh", "category": "g1"}], runtime.settings.zone)

    decision = ask(api, "c0", k=100)

    assert sorted(products_of(decision)) == ["fresh", *(f"p{n}" for n in range(9))]
    models = {item["product_id"]: set(item["factors"]["models"]) for item in decision["items"]}
    assert (models["p2"], models["p5"], models["fresh"]) == ({"cf"}, {"mine"}, {"start"})


@one_server
def test_reciprocal_ranks_leave_new_products_to_the_next_scores(api: Api, runtime: Runtime, tastes: Store) -> None:
    publish(runtime, models={"cf": {}, "start": {"role": "fallback"}}, consolidation={"method": "rrf"})
    load_scores(runtime, tastes, "c0", "2026-11-19", 5)
    import_rows(tastes, "products", [{"product_id": "fresh", "category": "g1"}], runtime.settings.zone)

    assert "fresh" not in products_of(ask(api, "c0", k=100))


@one_server
def test_scores_of_start_in_a_request_are_left_aside(api: Api, tastes: Store) -> None:
    candidates = [
        {"product_id": "p1", "scores": {"cf": 0.5, "start": 0.9}},
        {"product_id": "p2", "scores": {"cf": 0.5}},
    ]

    decision = ask(api, candidates=candidates)

    assert [item["factors"]["models"].keys() for item in decision["items"]] == [{"cf"}, {"cf"}]
    assert "model 'start' is computed by the service; its scores were ignored" in decision["notes"]


def test_scores_of_products_without_a_row_leave_the_contact_to_start(api: Api, runtime: Runtime, tastes: Store) -> None:
    row = {"contact_id": "c0", "product_id": "typo", "model": "cf", "score": 0.2, "as_of": "2026-11-19"}
    import_rows(tastes, "scores", [row], runtime.settings.zone)

    assert len(products_of(ask(api, "c0"))) == 10


def test_a_contact_that_has_everything_is_told_so(api: Api, tastes: Store) -> None:
    decision = ask(api, events=bought(*range(50)), contact={}, exclude=[])
    assert len(decision["items"]) == PRODUCT_COUNT - 50

    rest = {"type": "purchase", "product_id": "p59"}
    assert "p59" not in products_of(ask(api, events=[rest], k=100))


@one_server
def test_a_start_without_weight_takes_no_part(api: Api, runtime: Runtime, tastes: Store) -> None:
    publish(runtime, models={"cf": {}, "start": {"weight": 0}})
    load_scores(runtime, tastes, "c0", "2026-11-19", 5)

    assert sorted(products_of(ask(api, "c0", k=100))) == [f"p{n}" for n in range(5)]


@one_server
@pytest.mark.parametrize(
    "start", [{"role": "fallback", "weight": 0}, {"direction": "lower_is_better"}, {"max_age_days": 3}]
)
def test_settings_that_make_no_sense_for_start_are_refused(runtime: Runtime, store: Store, start: Any) -> None:
    with pytest.raises(InvalidPolicy):
        publish(runtime, models={"cf": {}, "start": start})


def test_a_shadow_sees_what_the_request_adds(api: Api, runtime: Runtime, tastes: Store) -> None:
    document = {"name": "rival", "models": {"cf": {}, "start": {"role": "fallback"}}}
    publish_policy(runtime, "default", "rival", document, author="t", comment="", if_match=None, draft=False)
    publish(runtime, shadow={"challenger": "rival", "share": 1.0})
    lost = metrics.lost_shadows._value.get()

    asked = {"contact_id": "visitor", "decision_id": "d7", "events": bought(45, 46)}
    assert api.post("/v1/recommendations", asked).status_code == 200
    assert runtime.shared(BackgroundTasks).flush()

    assert metrics.lost_shadows._value.get() == lost
