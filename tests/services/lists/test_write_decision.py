"""The answer and what is kept: the same items, whatever is asked for."""

from dataclasses import replace

import orjson
import pytest

from dog.services.lists.kept_decisions import present_decision
from dog.services.lists.list_request import EXPLANATIONS
from dog.services.lists.rank_request import Ranking
from dog.services.lists.write_decision import write_decision


@pytest.mark.parametrize("explain", EXPLANATIONS)
def test_an_answer_is_what_the_kept_decision_shows_later(ruled: Ranking, explain: str) -> None:
    decision = write_decision(ruled, "d")

    assert decision.answer(explain) == present_decision(orjson.loads(decision.kept()), explain)


def test_a_list_of_nothing_is_kept_too(ruled: Ranking) -> None:
    nothing = replace(ruled.ranked, chosen=ruled.ranked.chosen[:0])
    decision = write_decision(replace(ruled, ranked=nothing), "d")

    kept = orjson.loads(decision.kept())

    assert kept["items"] == kept["item_inputs"] == []
    assert kept["notes"][-1].startswith("the list is empty")


def test_each_item_names_the_models_that_have_a_score_of_it(ruled: Ranking) -> None:
    kept = orjson.loads(write_decision(ruled, "d").kept())

    models = {item["product_id"]: list(item["factors"]["models"]) for item in kept["items"]}
    assert models == {"p3": ["frequency", "cf"], "p2": ["frequency", "cf"], "p5": ["cf"]}


def test_the_factors_of_an_item_multiply_to_its_score(ruled: Ranking) -> None:
    for item in orjson.loads(write_decision(ruled, "d").answer("brief"))["items"]:
        product = item["factors"]["performance"]["multiplier"]
        for name in ("consolidated", "streak", "discomfort", "market", "business", "clamp"):
            product *= item["factors"][name]
        for rule in item["factors"]["rules"]:
            product *= rule["factor"]
        assert item["score"] == pytest.approx(product, rel=1e-9)


def test_rules_that_moved_or_excluded_anything_count_as_fired(ruled: Ranking) -> None:
    fired = write_decision(ruled, "d").fired_rules()

    assert fired == {"recommended:no-fax", "recommended:push", "recommended:first"}


def test_a_rule_is_unknown_where_it_reads_a_null(ruled: Ranking) -> None:
    kept = orjson.loads(write_decision(ruled, "d").kept())

    unknown = {
        row["product_id"]: own["unknown_rules"] for row, own in zip(kept["items"], kept["item_inputs"], strict=True)
    }
    assert unknown["p5"] == []
    assert unknown["p2"] == unknown["p3"] == [{"id": "unsure", "columns": ["product.weight"]}]
