"""Some 500 nasty values in every field of every body: refused, or taken as they are; never a fault of ours."""

import math
import random
import unicodedata
from typing import Any

import orjson
import pytest

from tests.api.nasty import nasty_values
from tests.conftest import Api

EVENT = (
    '{"event_id":"E","type":"restructure","contact_id":"c1","product_id":"p1","occurred_at":"2026-11-20T11:00:00Z",'
    '"reason":{"trigger":"market","note":"n"},"replace":{"attribute":"channel","from":"call","to":"email"}}'
)
LIST = (
    '{"contact_id":"c1","k":3,"policy":"recommended","context":{"channel":"call"},'
    '"candidates":[{"product_id":"p1","scores":{"cf":0.5}}],"exclude":["p9"],"explain":"full","dry_run":true}'
)
CURVE = (
    '{"reinforcement":{"family":"linear","neutral":0.5,"a_max":2,"d_min":0.5,"reading":"literal","n":1,"rate":"raw"},'
    '"win_rates":[0.9],"recursions":[0]}'
)
FIELDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    # place: address, body, the texts that stand in it one by one for the nasty value
    "list": ("/v1/recommendations", LIST, ('"c1"', "3", '"recommended"', '{"channel":"call"}', '"call"', '"p9"')),
    "list more": ("/v1/recommendations", LIST, ('"p1"', '{"cf":0.5}', "0.5", '["p9"]', '"full"', "true", '"cf"')),
    "list whole": (
        "/v1/recommendations",
        LIST,
        (LIST, '[{"product_id":"p1","scores":{"cf":0.5}}]', '"explain":"full"'),
    ),
    "batch": ("/v1/recommendations/batch", f'{{"requests":[{LIST}]}}', (f"[{LIST}]", LIST, '"c1"', "3")),
    "ranked contacts": (
        "/v1/recommendations/contacts",
        '{"product_id":"p1","account_id":"a1","segment":"gold","actor_id":"ada","k":3,"policy":"recommended","explain":"full"}',
        ('"p1"', '"a1"', '"gold"', '"ada"', "3", '"recommended"', '"full"'),
    ),
    "event": ("/v1/feedback", f'{{"events":[{EVENT}]}}', ('"E"', '"restructure"', '"c1"', '"p1"', '"market"', '"n"')),
    "event more": (
        "/v1/feedback",
        f'{{"events":[{EVENT}]}}',
        ('"2026-11-20T11:00:00Z"', '"channel"', '"call"', '"email"'),
    ),
    "event whole": (
        "/v1/feedback",
        f'{{"events":[{EVENT}]}}',
        (EVENT, f"[{EVENT}]", '{"trigger":"market","note":"n"}'),
    ),
    "win": (
        "/v1/feedback",
        (
            '{"events":[{"event_id":"w","type":"win","contact_id":"c2","product_id":"p2","pitch_id":"x","decision_id":"d",'
            '"actor_id":"a","occurred_at":"2026-11-20T11:00:00Z","value":1.5}],"substitute":false}'
        ),
        ('"x"', '"d"', '"a"', "1.5", "false"),
    ),
    "curve": ("/v1/curves", CURVE, ('"linear"', "0.5", "2", '"literal"', "1", '"raw"', "0.9", "[0.9]", "0", CURVE)),
    "recompute": (
        "/v1/jobs/recompute",
        '{"week":"2026-W46","dry_run":true,"force":false}',
        ('"2026-W46"', "true", "false"),
    ),
    "products": ("/v1/products", '[{"product_id":"n1","name":"N","value":1}]', ('"n1"', '"N"', "1", '"name"')),
    "contacts": ("/v1/contacts", '[{"contact_id":"n1","segment":"S","account_id":"A"}]', ('"n1"', '"S"', '"A"')),
    "scores": (
        "/v1/scores",
        '[{"contact_id":"n1","product_id":"p1","model":"cf","score":0.5,"as_of":"2026-11-01"}]',
        ('"n1"', '"p1"', '"cf"', "0.5", '"2026-11-01"'),
    ),
    "policy": (
        "/v1/policies/mine/preview",
        '{"name":"mine","models":{"cf":{"weight":1}},"reinforcement":{"family":"linear","a_max":2}}',
        ('"mine"', '{"cf":{"weight":1}}', "1", '"linear"', "2"),
    ),
}
TAKEN = (200, 202, 400, 404, 409, 413, 422)


def send(api: Api, path: str, body: str) -> Any:
    return api.post(path, data=body.encode("utf-8", "surrogatepass"), headers={"Content-Type": "application/json"})


def holds_no_nan(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(holds_no_nan, value.values()))
    if isinstance(value, list):
        return all(map(holds_no_nan, value))
    return not isinstance(value, float) or math.isfinite(value)


def faults_of(api: Api, path: str, body: str, place: str, values: list[str]) -> list[str]:
    """Send each value in one place of a body; what was answered otherwise than it should."""
    found = []
    for value in values:
        answer = send(api, path, body.replace(place, value, 1))
        try:
            sound = holds_no_nan(orjson.loads(answer.data))
        except orjson.JSONDecodeError:
            sound = False
        if answer.status_code not in TAKEN or not sound:
            found.append(f"{path} {place[:30]} = {value[:60]!r}: {answer.status_code} {answer.data[:200]!r}")
    return found


@pytest.mark.parametrize("fields", FIELDS)
def test_a_part_of_the_corpus_is_refused_or_taken_in_every_field(
    api: Api, recommend: Any, fields: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del recommend
    monkeypatch.setattr("dog.services.weekly.start_recompute._run", lambda *_: None)
    path, body, places = FIELDS[fields]
    values = random.Random(fields).sample(nasty_values(), 40)

    assert [fault for place in places for fault in faults_of(api, path, body, place, values)] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_corpus_is_refused_or_taken_in_every_field(
    api: Api, recommend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    del recommend
    monkeypatch.setattr("dog.services.weekly.start_recompute._run", lambda *_: None)
    values = nasty_values()
    found = [
        fault
        for path, body, places in FIELDS.values()
        for place in places
        for fault in faults_of(api, path, body, place, values)
    ]

    assert len(values) >= 450
    assert found == []


def test_an_id_that_is_taken_comes_back_as_it_was_but_for_its_normal_form(api: Api, recommend: Any) -> None:
    del recommend
    taken = []
    for value in nasty_values():
        answer = send(api, "/v1/recommendations", LIST.replace('"c1"', value, 1))
        if answer.status_code == 200:
            taken.append(value)
            sent = orjson.loads(value)
            text = sent if isinstance(sent, str) else str(int(sent))  # a whole number stands for its digits
            assert answer.json["contact_id"] == unicodedata.normalize("NFC", text)

    assert len(taken) > 150
