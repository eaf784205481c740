"""Numbers of a request: any text is a number within bounds or none, never an error."""

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from dog.console.whole_number import MOST_DIGITS, whole_number
from tests.console.conftest import ORIGIN
from tests.console.policies.test_rule_routes import TEXT, Open

LONG = "9" * 5000


@given(st.text() | st.integers().map(str) | st.sampled_from([LONG, "²", "٣", "1_0", " 1"]))
def test_only_short_texts_of_digits_are_numbers(text: str) -> None:
    found = whole_number(text)

    assert (found is not None) == (0 < len(text) <= MOST_DIGITS and set(text) <= set("0123456789"))
    assert found is None or 0 <= found < 10**MOST_DIGITS


def test_a_number_of_any_length_is_refused_or_ignored_by_every_page(log_in: Open) -> None:
    client: FlaskClient = log_in()
    asked = [
        client.get(f"/console/inbox/queue?first={LONG}"),
        client.post("/console/people/keys", data={"name": "x", "scope": "read", "days": LONG}, headers=ORIGIN),
        client.post(f"/console/data/uploads/none/parts?offset={LONG}", headers=ORIGIN),
        client.get(f"/console/runs?after={LONG}"),
    ]

    assert [answer.status_code for answer in asked] == [422, 422, 422, 200]


@pytest.mark.parametrize("form", [{"rule_place": "7"}, {"rule_column": ["a", "b"], "rule_value": "x"}])
def test_a_rule_form_that_does_not_fit_the_draft_is_refused(log_in: Open, form: dict[str, object]) -> None:
    sent = {"text": TEXT, "policy": "recommended", **form}
    answer = log_in().post("/console/rules/rule", data=sent, headers=ORIGIN)

    assert (answer.status_code, "load the page again" in answer.text) == (422, True)
