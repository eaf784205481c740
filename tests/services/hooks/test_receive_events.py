from typing import Any

import orjson
import pytest

from dog.errors import BadSignature, StoreUnavailable
from dog.services.data.export_rows import export_rows
from dog.services.data.mapping.load_map import parse_load_map
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.record_feedback import record_feedback
from dog.services.hooks import receive_events as module
from dog.services.hooks.publish_hook import publish_hooks
from dog.services.hooks.receive_events import authenticate_hook, receive_events
from dog.services.runtime import Runtime
from dog.storage.hooks import Hook
from dog.storage.store import Store
from dog.storage.tenant_settings import set_unknown_setting
from tests.conftest import Clock, event
from tests.services.hooks.senders import SECRETS, signed


def published(runtime: Runtime, scheme: str = "standard", rest: str = "") -> Hook:
    entry = parse_load_map(f'[hooks.crm]\nscheme = "{scheme}"\n{rest}').hooks["crm"]
    return publish_hooks(runtime, "default", {"crm": entry}, secret=SECRETS[scheme])[0].hook


def push(runtime: Runtime, hook: Hook, body: Any, message_id: str = "msg_1") -> dict[str, Any]:
    request = signed(hook.scheme, orjson.dumps(body), now_ms=runtime.clock(), message_id=message_id)
    return receive_events(runtime, authenticate_hook(runtime, hook.name, request), request)


def own(kind: str = "win", **more: Any) -> dict[str, Any]:
    return {name: value for name, value in event("", kind, **more).items() if name != "event_id"}


def test_a_request_sent_ten_times_counts_once(runtime: Runtime, loaded: Store) -> None:
    hook = published(runtime)
    answers = [push(runtime, hook, own()) for _ in range(10)]

    assert [answer["accepted"] for answer in answers] == [1] + [0] * 9
    assert [answer["duplicates"] for answer in answers] == [0] + [1] * 9
    assert answers[1]["results"] == [{"event_id": "crm:msg_1", "status": "duplicate"}]


def test_the_same_id_with_another_body_is_rejected(runtime: Runtime, loaded: Store) -> None:
    hook = published(runtime)
    push(runtime, hook, own())

    assert push(runtime, hook, own(product_id="p2"))["results"][0]["code"] == "event_id_conflict"


def test_an_event_without_a_time_has_that_of_its_first_receipt(runtime: Runtime, loaded: Store, clock: Clock) -> None:
    hook = published(runtime)
    undated = {name: value for name, value in own().items() if name != "occurred_at"}
    first = push(runtime, hook, undated)
    clock.now_ms += 60_000

    assert (first["accepted"], push(runtime, hook, undated)["duplicates"]) == (1, 1)


def test_one_bad_event_never_fails_the_others(
    runtime: Runtime, loaded: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = published(runtime, rest='[hooks.crm.values.type]\nQualified = ""')
    events = [own("pitch"), own("won"), own("Qualified"), {**own(), "contact_id": ""}, own("loss")]
    answer = push(runtime, hook, events)
    log = capsys.readouterr().err

    assert [result["status"] for result in answer["results"]] == [
        "accepted",
        "rejected",
        "ignored",
        "rejected",
        "accepted",
    ]
    assert (answer["accepted"], answer["rejected"], answer["ignored"]) == (2, 2, 1)
    assert log.count("hook_event_rejected") == 2
    assert "unmapped_value" in log
    assert SECRETS["standard"] not in log


def test_an_outcome_gets_contact_and_product_of_the_pitch_that_it_names(
    runtime: Runtime, loaded: Store, clock: Clock, tmp_path: Any
) -> None:
    record_feedback(loaded, [event("77", "pitch", "p3", "c2", occurred_at="2026-11-19T11:00:00Z")], clock())
    hook = published(runtime, rest='[hooks.crm.columns]\ndeal = "pitch_id"')
    answer = push(runtime, hook, [{"type": "win", "deal": 77}, {"type": "win", "deal": 78}])
    export_rows(runtime, "default", "feedback", tmp_path / "out.csv")

    assert [result["status"] for result in answer["results"]] == ["accepted", "rejected"]
    assert answer["results"][1]["code"] == "unknown_event"
    assert "crm:msg_1:0,win,c2,p3," in (tmp_path / "out.csv").read_text()


def test_a_wrong_sender_an_old_request_and_an_unknown_name_are_refused_alike(runtime: Runtime, loaded: Store) -> None:
    hook = published(runtime)
    good = signed("standard", orjson.dumps(own()), now_ms=runtime.clock())
    old = signed("standard", orjson.dumps(own()), now_ms=runtime.clock() - 301_000)
    refused = set()
    for name, request in (("crm", signed("segment")), ("crm", old), ("nope", good), ("../x", good), ("", good)):
        with pytest.raises(BadSignature) as caught:
            authenticate_hook(runtime, name, request)
        refused.add(caught.value.message)

    assert len(refused) == 1
    assert authenticate_hook(runtime, "crm", good) == hook


def test_events_with_unknown_names_wait_where_the_tenant_says_so(runtime: Runtime, loaded: Store) -> None:
    hook = published(runtime)
    set_unknown_setting(loaded, "quarantine")

    assert push(runtime, hook, own(product_id="nope"))["quarantined"] == 1


def test_where_the_store_became_full_the_sender_is_asked_to_send_again(
    runtime: Runtime, loaded: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook, record = published(runtime), answer_feedback

    def half_full(runtime: Runtime, tenant: str, documents: Any, **more: Any) -> dict[str, Any]:
        answered = record(runtime, tenant, documents[:1], **more)
        full = [
            {"event_id": it["event_id"], "status": "rejected", "code": "store_full", "message": ""}
            for it in documents[1:]
        ]
        return {**answered, "results": [*answered["results"], *full]}

    monkeypatch.setattr(module, "answer_feedback", half_full)
    with pytest.raises(StoreUnavailable) as caught:
        push(runtime, hook, [own(), own("loss")])
    monkeypatch.undo()
    answer = push(runtime, hook, [own(), own("loss")])

    assert caught.value.code == "store_full"
    assert (answer["accepted"], answer["duplicates"]) == (1, 1)
