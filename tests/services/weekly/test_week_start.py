"""What a week learns over all pairs: ratios to expected wins, trust from pitches, through HTTP and the real store."""

import math
from typing import Any

import numpy as np
import pytest

from dog.core.learning.trust import Trust
from dog.core.records import OUTCOME, pitch_log_ratios
from dog.services.feedback.record_feedback import record_feedback
from dog.services.pairs.read_multipliers import list_versions
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.multiplier_versions import read_versions
from dog.storage.store import Store
from tests.conftest import Api, Clock
from tests.services.weekly.test_recompute_week import pitched, rows


def version_of(store: Store) -> dict[str, Any]:
    return dict(read_versions(store)[0].policies["recommended"])


def item(answer: dict[str, Any], product: str) -> dict[str, Any]:
    return next(dict(item) for item in answer["items"] if item["product_id"] == product)


def test_ratios_follow_from_wins_pitches_and_scores(runtime: Runtime, loaded: Store) -> None:
    record_feedback(loaded, [*pitched(3, 4, "p1"), *pitched(0, 3, "p2", "c2", 50)], runtime.clock())
    run_recompute(runtime, "default")
    found, version = rows(runtime), version_of(loaded)
    expected = {pair: found[pair]["evidence_expected"] for pair in (("c1", "p1"), ("c2", "p2"))}
    tenant = (3 + 5) / (sum(expected.values()) + 5)

    assert version["tenant_ratio"] == pytest.approx(tenant)
    for pair, wins, pitches in ((("c1", "p1"), 3, 4), (("c2", "p2"), 0, 3)):
        row, scaled = found[pair], tenant * expected[pair]
        damping = 1 / (1 + scaled / 1)  # pitched in one week
        product = (5 + damping * wins) / (5 + damping * scaled)
        x = min(pitches, scaled * product)
        assert 0.1 < row["evidence_expected"] / pitches < 0.5  # a score of today for each
        assert row["expected"] == pytest.approx(x)
        assert row["product_ratio"] == pytest.approx(product)
        assert row["pair_ratio"] == pytest.approx((2 + wins) / (2 + x))
        target = (product * row["pair_ratio"]) ** 0.5
        assert row["odds"] == row["multiplier"] == pytest.approx(min(1.25, max(0.8, target)))


def test_the_receipt_of_a_list_speaks_of_the_same_numbers(runtime: Runtime, loaded: Store, recommend: Any) -> None:
    record_feedback(loaded, [*pitched(3, 4, "p1"), *pitched(0, 3, "p2", "c2", 50)], runtime.clock())
    run_recompute(runtime, "default")
    listed, row = item(recommend(explain="full"), "p1"), rows(runtime)["c1", "p1"]
    performance, p = listed["factors"]["performance"], listed["factors"]["consolidated"]

    for name in ("wins", "pitches", "expected", "product_ratio", "pair_ratio", "odds", "step", "recursions"):
        assert performance[name] == row[name]
    assert performance["trust"] == {"product": 0.5, "pair": 0.5}
    m = performance["odds"]
    assert performance["multiplier"] == pytest.approx(m / (1 - p + p * m), abs=1e-12)
    assert listed["score"] == pytest.approx(p * performance["multiplier"], abs=1e-12)
    order = listed["score"] / (1 - listed["score"]) * performance["explore"]
    assert listed["order_score"] == pytest.approx(order / (1 + order), abs=1e-12)


def test_without_evidence_everything_is_at_one_and_lists_are_ordered_by_the_score(recommend: Any) -> None:
    for listed in recommend()["items"]:
        performance = listed["factors"]["performance"]
        assert (performance["product_ratio"], performance["pair_ratio"], performance["multiplier"]) == (1, 1, 1)
        assert listed["score"] == listed["order_score"] == listed["factors"]["consolidated"]


def pitch(api: Api, number: int, contact: str, product: str, day: int) -> None:
    event = {"event_id": f"p{number}", "type": "pitch", "contact_id": contact, "product_id": product}
    answer = api.post("/v1/feedback", {"events": [{**event, "occurred_at": f"2026-11-{day:02}T08:00:00Z"}]})
    assert answer.json["accepted"] == 1


def test_a_pitch_holds_score_and_ratios_as_known_when_it_was_made_and_teaches_trust(
    runtime: Runtime, loaded: Store, api: Api, clock: Clock
) -> None:
    record_feedback(loaded, pitched(3, 4, "p1"), runtime.clock())
    run_recompute(runtime, "default")
    known = rows(runtime)["c1", "p1"]
    pitch(api, 1, "c1", "p1", 18)
    pitch(api, 2, "c2", "p3", 18)
    lost = [
        {"event_id": f"l{n}", "type": "loss", "contact_id": c, "product_id": p, "occurred_at": "2026-11-19T08:00:00Z"}
        for n, (c, p) in enumerate((("c1", "p1"), ("c2", "p3")))
    ]
    api.post("/v1/feedback", {"events": lost})
    contact = loaded.tenant.contact("c1")
    ledger = loaded.execute("GET", loaded.tenant.partition(contact).contact("outcomes", contact))
    last = np.frombuffer(ledger, OUTCOME)[-2:-1]
    product_log_ratio, pair_log_ratio = pitch_log_ratios(last)
    clock.set("2026-11-24T00:00:00")
    run_recompute(runtime, "default")
    version = version_of(loaded)

    assert not math.isnan(last["score"][0])
    assert product_log_ratio[0] == pytest.approx(math.log(known["product_ratio"]), abs=1e-5)
    assert pair_log_ratio[0] == pytest.approx(math.log(known["pair_ratio"]), abs=1e-5)
    assert version["trust_state"] != Trust().to_list()
    assert version["trust"]["pair"] < 0.5  # the records said: better than expected; it was lost


def test_settled_pitches_teach_once(runtime: Runtime, loaded: Store, api: Api, clock: Clock) -> None:
    record_feedback(loaded, pitched(3, 4, "p1"), runtime.clock())
    run_recompute(runtime, "default")
    pitch(api, 1, "c1", "p1", 18)
    win = {
        "event_id": "w",
        "type": "win",
        "contact_id": "c1",
        "product_id": "p1",
        "occurred_at": "2026-11-19T08:00:00Z",
    }
    api.post("/v1/feedback", {"events": [win]})
    states = []
    for day in ("2026-11-24", "2026-12-01", "2026-12-08"):
        clock.set(f"{day}T00:00:00")
        run_recompute(runtime, "default")
        states.append(version_of(loaded)["trust_state"])

    assert states[0] == states[1] == states[2] != Trust().to_list()


def test_a_pair_that_never_won_is_never_above_its_product(runtime: Runtime, loaded: Store, clock: Clock) -> None:
    for week, (first, day) in enumerate(((0, "2026-11-17"), (200, "2026-11-24"), (400, "2026-12-01"))):
        events = [*pitched(4, 5, "p1", "c1", first), *pitched(0, 2, "p1", "c2", first + 50)]
        shifted = [{**event, "event_id": f"{week}{event['event_id']}"} for event in events]
        record_feedback(loaded, shifted, runtime.clock())
        clock.set(f"{day}T00:00:00")
        run_recompute(runtime, "default")
        found = rows(runtime)
        unpitched = found["c1", "p1"]["product_ratio"] ** 0.5
        assert found["c2", "p1"]["multiplier"] <= min(unpitched, 1.25 ** (week + 1))


def test_pending_pitches_count_in_part_once_the_version_before_has_a_delay_curve(
    runtime: Runtime, store: Store, clock: Clock
) -> None:
    """40 pairs won three days after their pitch; one more pair waits for its answer for twelve days."""
    waits = {"event_id": "waits", "type": "pitch", "contact_id": "late", "product_id": "p1"}
    pitches = [{**waits, "event_id": f"p{n}", "contact_id": f"k{n}"} for n in range(40)]
    wins = [{**pitch, "event_id": f"w{n}", "type": "win"} for n, pitch in enumerate(pitches)]
    record_feedback(
        store,
        [
            *({**pitch, "occurred_at": "2026-11-10T08:00:00Z"} for pitch in pitches),
            *({**win, "occurred_at": "2026-11-13T08:00:00Z"} for win in wins),
            {**waits, "occurred_at": "2026-11-11T08:00:00Z"},
        ],
        runtime.clock(),
    )
    found, curves = [], []
    for day in ("2026-11-16", "2026-11-23"):
        clock.set(f"{day}T00:00:00")
        run_recompute(runtime, "default")
        found.append(rows(runtime))
        curves.append(version_of(store)["delay_curve"])

    assert list_versions(runtime, "default")[0]["delay_curve"]["recommended"] == curves[1]
    assert curves[0][0] == curves[0][-1] == 1  # all wins came within the first sixteenth of 90 days
    first, second = (of_week["late", "p1"]["multiplier"] / of_week["k1", "p1"]["product_ratio"] for of_week in found)
    assert second < first
    assert found[1]["late", "p1"]["evidence_pitches"] == 0  # it is not evidence that is kept
    row, trust = found[1]["late", "p1"], version_of(store)["trust"]
    assert row["expected"] > 0  # the receipt has it
    assert row["pair_ratio"] == pytest.approx(2 / (2 + row["expected"]))
    target = row["product_ratio"] ** trust["product"] * row["pair_ratio"] ** trust["pair"]
    assert row["odds"] == pytest.approx(row["step"] * min(3.0, target), rel=1e-9)
