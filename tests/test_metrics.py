"""Metrics: what was asked, how long it took, whether it is right, whether it learns."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from dog import metrics
from dog.config import METRICS_FOLDER
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.breaker import Breaker, attach_breaker
from tests.conftest import Api, event


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape(api: Api) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = api.get("/metrics")
    assert answer.status_code == 200, answer.text
    return samples(answer.text)


def of(found: Any, name: str, **labels: str) -> float:
    value: float = found.get((name, tuple(sorted(labels.items()))), 0.0)
    return value


def test_a_list_is_timed_by_route_and_by_stage_and_counted(api: Api, recommend: Any) -> None:
    before = scrape(api)
    recommend()
    recommend(dry_run=True)
    after = scrape(api)

    route = {"route": "/v1/recommendations", "method": "POST", "status": "200"}
    assert of(after, "dog_request_seconds_count", **route) - of(before, "dog_request_seconds_count", **route) == 2
    for stage in ("read", "rules", "reinforce", "write"):
        name = "dog_recommendation_stage_seconds_count"
        assert of(after, name, stage=stage) - of(before, name, stage=stage) == 2
    for kind in ("kept", "dry_run"):
        assert of(after, "dog_decisions_total", kind=kind) - of(before, "dog_decisions_total", kind=kind) == 1


def test_feedback_is_counted_by_type_and_result(api: Api, recommend: Any) -> None:
    del recommend
    before = scrape(api)
    for _ in range(2):
        api.post("/v1/feedback", {"events": [event("e1", "win"), {"event_id": "e2"}]})
    after = scrape(api)

    counted = {
        labels: after[name, labels] - before.get((name, labels), 0)
        for name, labels in after
        if name == "dog_feedback_events_total"
    }
    assert {labels: count for labels, count in counted.items() if count} == {
        (("status", "accepted"), ("type", "win")): 1,
        (("status", "duplicate"), ("type", "win")): 1,
        (("status", "rejected"), ("type", "unread")): 2,
    }


def test_an_address_that_does_not_exist_is_no_label(api: Api) -> None:
    api.get("/v1/none-such-4711")

    assert "none-such-4711" not in api.get("/metrics").text


def test_the_version_in_force_tells_its_spread_its_age_and_how_right_it_was(
    runtime: Runtime, api: Api, recommend: Any, clock: Any
) -> None:
    decided = recommend()
    pitched = [event("e1", "pitch", "p1", decision_id=decided["decision_id"])]
    pitched += [event("e2", "win", "p1", pitch_id="e1")]
    assert api.post("/v1/feedback", {"events": pitched}).json["accepted"] == 2
    clock.set("2026-11-23T00:00:00")
    run_recompute(runtime, "default")
    clock.set("2026-11-23T00:01:00")
    found = scrape(api)

    who = {"tenant": "default", "policy": "recommended"}
    assert of(found, "dog_version_age_seconds", tenant="default") == 60
    assert of(found, "dog_weeks_due", tenant="default") == 0
    assert of(found, "dog_job_age_seconds", tenant="default", job="recompute", state="done") == 60
    assert of(found, "dog_multipliers_count", **who) == 1
    assert of(found, "dog_scored_pitches", **who) == 1
    assert of(found, "dog_observed_win_rate", **who) == 1
    assert 0 < of(found, "dog_predicted_win_rate", **who) < 1
    assert of(found, "dog_redis_up") == 1
    assert of(found, "dog_redis_used_bytes", server="0") > 0


def test_metrics_are_answered_while_redis_is_away(runtime: Runtime, api: Api) -> None:
    scrape(api)
    breaker = Breaker(lambda: None, pause=lambda _: time.sleep(60))
    attach_breaker(runtime.redis, breaker)
    for _ in range(5):
        breaker.failed()
    found = scrape(api)
    metrics.breaker_open.set(0)

    assert of(found, "dog_breaker_open") == 1
    assert of(found, "dog_redis_up") == 0


@given(st.lists(st.floats(0, 10), min_size=1))
def test_observations_that_are_added_up_are_those_made_one_by_one(seconds: list[float]) -> None:
    registry = CollectorRegistry()
    whole, single = (Histogram(name, name, registry=registry) for name in ("whole", "single"))
    batched = metrics.BatchedHistogram(whole)
    for each in seconds:
        batched.observe(each)
        single.observe(each)
    batched.pass_on()
    found = samples(generate_latest(registry).decode())
    counts = {key: value for key, value in found.items() if key[0] in ("whole_bucket", "whole_count")}

    assert counts == {key: found[key[0].replace("whole", "single"), key[1]] for key in counts}
    assert of(found, "whole_sum") == pytest.approx(of(found, "single_sum"))


WORKER = "from dog import metrics; metrics.kept_decisions.inc(3); metrics.requests.labels('/', 'GET', 200).observe(.1)"


def test_workers_add_up_and_the_breaker_of_a_dead_one_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {**os.environ, METRICS_FOLDER: str(tmp_path)}
    for ending in ("", "; metrics.breaker_open.set(1)"):
        subprocess.run([sys.executable, "-c", WORKER + ending], env=environ, check=True)
    monkeypatch.setenv(METRICS_FOLDER, str(tmp_path))
    found = samples(metrics.exposition().decode())

    assert of(found, "dog_decisions_total", kind="kept") == 6
    assert of(found, "dog_request_seconds_count", route="/", method="GET", status="200") == 2
    assert of(found, "dog_breaker_open") == 0
