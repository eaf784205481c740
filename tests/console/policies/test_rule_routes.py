"""An analyst finds which rule keeps a product off a list, changes it in the form, and sees what it does."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient

from dog.services.policies.policy_store import store_policy
from dog.services.runtime import Runtime
from dog.storage.policy_files import read_policy_toml
from dog.storage.store import Store
from tests.console.conftest import ORIGIN

Open = Callable[..., FlaskClient]
Send = Callable[..., str]
TEXT = """name = "recommended"

[models]
cf = {weight = 0.4}   # main

[[rules]]
id = "no-office-for-gold"
when = "contact.segment = 'gold' AND product.category = 'office'"
then = {exclude = true}
reason = "Gold buys no office"
priority = 7
"""


@pytest.fixture
def ruled(shop: Store, runtime: Runtime) -> Store:
    """Publish a policy with a rule."""
    store_policy(shop, read_policy_toml(TEXT), "Bo", "", runtime.clock(), activate=True, text=TEXT)
    return shop


def draft_of(answer: str) -> str:
    """Return the text that an answer puts into the editor."""
    found = re.search(r'<textarea id="policy-text".*?>\n(.*?)</textarea>', answer, re.DOTALL)
    assert found is not None, answer
    return unescape(found[1])


def test_live_rules_name_the_products_and_segments_that_they_take_off_lists(log_in: Open, ruled: Store) -> None:
    text = " ".join(log_in().get("/console/rules/effects?policy=recommended").text.split())

    assert "4 options, 2 lists" in text
    assert "Fax machine 2, Desk phone 2" in text
    assert "gold 2" in text


def test_why_a_product_is_not_on_a_list_names_the_rule_and_leads_to_it(log_in: Open, ruled: Store) -> None:
    client = log_in()
    kept_off = client.get("/console/rules/why?policy=recommended&contact_id=c1&product_id=p1").text
    listed = client.get("/console/rules/why?policy=recommended&contact_id=c3&product_id=p1").text

    assert (
        '<a href="#rule-no-office-for-gold"><strong>Gold buys no office</strong></a> keeps it off the list.' in kept_off
    )
    assert "It is on the list, on place 1." in listed


def test_a_rule_opens_in_the_form_with_its_conditions_as_rows_and_values_suggested(send: Send, ruled: Store) -> None:
    text = send("form", text=TEXT, edit="no-office-for-gold")

    assert "<option selected>contact.segment</option>" in text
    assert 'value="gold" list="values-1"' in text
    assert '<option value="furniture"></option>' in text


def test_the_form_writes_a_rule_into_the_text_and_keeps_the_rest(send: Send, ruled: Store) -> None:
    form = {"rule_place": "0", "rule_id": "gold", "rule_effect": "multiply", "rule_factor": "0.5"}
    row = {"rule_column": "contact.segment", "rule_compare": "=", "rule_value": "gold"}
    answer = send("rule", text=TEXT, **form, **row)
    document = read_policy_toml(draft_of(answer)).to_document()

    assert "# main" in draft_of(answer)
    assert document["rules"][0]["then"] == {"multiply": 0.5}
    assert document["rules"][0]["priority"] == 7
    assert "multiplies the score by 0.5, where contact.segment = &#39;gold&#39;" in answer


def test_a_rule_is_taken_out_and_one_is_started_from_a_template(send: Send, ruled: Store) -> None:
    removed = send("rule", text=TEXT, rule_place="0", **{"as": "removed"})

    assert "[[rules]]" not in draft_of(removed)
    assert 'value="three-pitches-a-week"' in send("form", text=TEXT, template="limit")


def test_a_rule_moves_up_and_down(send: Send, ruled: Store) -> None:
    text = TEXT + '\n[[rules]]\nid = "push"\nthen = {multiply = 2}\n'
    up = send("move", text=text, edit="push", **{"as": "up"})
    down = send("move", text=draft_of(up), edit="push", **{"as": "down"})

    moved = read_policy_toml(draft_of(up)).to_document()["rules"]

    assert [rule["id"] for rule in moved] == ["push", "no-office-for-gold"]
    assert draft_of(down).strip() == text.strip()
    assert draft_of(send("move", text=text, edit="gone", **{"as": "up"})).strip() == text.strip()


def test_a_weight_is_written_into_the_text(send: Send, ruled: Store) -> None:
    answer = send("settings", text=TEXT, **{"set:models/cf/weight": "0.7", "was:set:models/cf/weight": "0.4"})

    assert draft_of(answer) == TEXT.replace("0.4}", "0.7}")
    assert "Weight of model cf: 0.4 → 0.7" in answer


def test_who_may_not_publish_edits_nothing(log_in: Open) -> None:
    client = log_in("read")

    for path in ("form", "rule", "settings"):
        assert client.post(f"/console/rules/{path}", data={}, headers=ORIGIN).status_code == 403
