import orjson

from dog.services.lists.excluded_options import find_excluded, rest_note
from dog.services.lists.rank_request import Ranking


def test_excluded_options_have_their_reason(ruled: Ranking) -> None:
    found = find_excluded(ruled)

    assert orjson.loads(found.text) == [
        {"product_id": "p1", "rule_id": "no-fax", "stage": "suitability", "reason": 'Fax is "100 %" out'},
        {"product_id": "p4", "rule_id": "request", "stage": "eligibility", "reason": "the request excludes it"},
    ]
    assert found.rule_ids == {"no-fax", "request"}


def test_a_contact_without_verdicts_does_not_rest(ruled: Ranking) -> None:
    assert rest_note(ruled) is None
