"""What new scores and retrained models take out of the evidence, through the real store."""

from typing import Any

import pytest

from dog.core.policy.policy_reader import read_policy
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.services.weekly.score_refresh import find_refresh
from dog.storage.model_dates import state_model
from dog.storage.multiplier_versions import read_versions
from dog.storage.store import Store
from tests.conftest import Clock
from tests.services.weekly.test_recompute_week import pitched, rows

CONTACTS = [f"c{number}" for number in range(1, 9)]


def load(store: Store, runtime: Runtime, as_of: str, scores: dict[str, float], model: str = "cf") -> None:
    """Load a score of p1 for each contact."""
    loaded = [
        {"contact_id": contact, "product_id": "p1", "model": model, "score": score, "as_of": as_of}
        for contact, score in scores.items()
    ]
    results = import_rows(store, "scores", loaded, runtime.settings.zone)
    assert {result.status for result in results} == {"accepted"}


def start(runtime: Runtime, store: Store, **reinforcement: Any) -> None:
    """Publish a policy of one model, give half of the contacts four wins of four, and publish the first week."""
    document: dict[str, Any] = {"name": "recommended", "models": {"cf": {}, "lead": {}}, "reinforcement": reinforcement}
    publish_policy(runtime, "default", "recommended", document, author="t", comment="")
    load(store, runtime, "2026-11-01", dict.fromkeys(CONTACTS, 0.2))
    load(store, runtime, "2026-11-01", dict.fromkeys(CONTACTS, 0.2), "lead")
    for place, contact in enumerate(CONTACTS):
        wins = 4 if place % 2 else 0
        events = [{**event, "event_id": f"{contact}{event['event_id']}"} for event in pitched(wins, 4, "p1", contact)]
        record_feedback(store, events, runtime.clock())
    run_recompute(runtime, "default")


def next_week(runtime: Runtime, clock: Clock, day: str) -> dict[str, Any]:
    """Publish the next week; return what its version says of the policy."""
    clock.set(f"{day}T00:00:00")
    run_recompute(runtime, "default")
    return dict(read_versions(runtime.store("default"))[0].policies["recommended"])


def evidence(runtime: Runtime) -> list[float]:
    """Return wins and pitches of each contact."""
    found = rows(runtime)
    return [found[c, "p1"][name] for c in CONTACTS for name in ("evidence_wins", "evidence_pitches")]


def test_a_model_of_no_policy_absorbs_nothing_however_often_it_is_scored(
    runtime: Runtime, store: Store, clock: Clock
) -> None:
    start(runtime, store)
    before = evidence(runtime)
    for as_of in ("2026-11-17", "2026-11-18"):
        load(store, runtime, as_of, {"c1": 0.9}, "junk")
    version = next_week(runtime, clock, "2026-11-24")

    assert evidence(runtime) == before
    assert version["absorbed_share"] == 0.0
    assert "junk" not in version["scores"]


def test_scores_that_learned_nothing_absorb_next_to_nothing(runtime: Runtime, store: Store, clock: Clock) -> None:
    start(runtime, store)
    before = evidence(runtime)
    load(store, runtime, "2026-11-18", dict.fromkeys(CONTACTS, 0.2))
    version = next_week(runtime, clock, "2026-11-24")

    assert version["absorbed_share"] == pytest.approx(0.0, abs=0.03)
    assert evidence(runtime) == pytest.approx(before, abs=0.15)


def test_scores_that_learned_the_outcomes_absorb_them_in_proportion_and_once(
    runtime: Runtime, store: Store, clock: Clock
) -> None:
    start(runtime, store)
    learned = {contact: 0.6 if place % 2 else 0.02 for place, contact in enumerate(CONTACTS)}
    for model in ("cf", "lead"):
        load(store, runtime, "2026-11-18", learned, model)
    version = next_week(runtime, clock, "2026-11-24")
    absorbed = evidence(runtime)
    again = next_week(runtime, clock, "2026-12-01")

    share = version["absorbed_share"]
    assert share > 0.3
    assert absorbed == pytest.approx([0, 4 * (1 - share), 4 * (1 - share), 4 * (1 - share)] * 4)
    assert again["absorbed_share"] == 0.0
    assert evidence(runtime) == absorbed


def test_the_same_scores_loaded_again_take_out_nothing_more(runtime: Runtime, store: Store, clock: Clock) -> None:
    start(runtime, store)
    learned = {contact: 0.6 if place % 2 else 0.02 for place, contact in enumerate(CONTACTS)}
    for model in ("cf", "lead"):
        load(store, runtime, "2026-11-18", learned, model)
    next_week(runtime, clock, "2026-11-24")
    absorbed = evidence(runtime)
    load(store, runtime, "2026-11-25", learned)
    load(store, runtime, "2026-11-26", {"c1": learned["c1"]})
    again = next_week(runtime, clock, "2026-12-01")

    assert again["absorbed_share"] == pytest.approx(0.0, abs=0.1)
    assert evidence(runtime) == pytest.approx(absorbed, abs=0.2)


def test_without_new_outcomes_rates_stay_where_they_were(runtime: Runtime, store: Store, clock: Clock) -> None:
    start(runtime, store, neutral="global", absorb=1.0)
    before = read_versions(store)[0].policies["recommended"]["global_rate"]
    for model in ("cf", "lead"):
        state_model(store, model, trained_until_ms=1)
    next_week(runtime, clock, "2026-11-24")
    for model in ("cf", "lead"):
        state_model(store, model, trained_until_ms=runtime.clock() - 7 * 86_400_000)
    after = next_week(runtime, clock, "2026-12-01")

    assert evidence(runtime) == [0.0] * 16
    assert after["global_rate"] == before == pytest.approx(17 / 42)


def test_a_declared_share_counts_for_the_weight_of_the_models_that_were_retrained(
    runtime: Runtime, store: Store, clock: Clock
) -> None:
    start(runtime, store, absorb=0.5)
    for model in ("cf", "lead"):
        state_model(store, model, trained_until_ms=1)
    next_week(runtime, clock, "2026-11-24")
    state_model(store, "cf", trained_until_ms=runtime.clock() - 7 * 86_400_000)
    version = next_week(runtime, clock, "2026-12-01")

    assert version["absorbed_share"] == pytest.approx(0.25)
    assert evidence(runtime) == pytest.approx([0.0, 3.0, 3.0, 3.0] * 4)


def test_the_first_scores_and_the_first_cut_off_are_no_refresh() -> None:
    policy = read_policy({"name": "p", "models": {"cf": {}}, "reinforcement": {"absorb": 1.0}})
    record = {"as_of_ms": 5, "changes": 2, "trainings": [[5, ""]]}

    first = find_refresh(policy, {"cf": record}, {}, 10)
    later = find_refresh(policy, {"cf": record | {"trainings": [[5, ""], [8, ""]]}}, {"trained": {"cf": 5}}, 10)

    assert (first.retrained, first.trained) == ((), {"cf": 5})
    assert (later.retrained, later.trained) == (((8, 1.0),), {"cf": 8})


def test_another_neutral_point_starts_anew_and_is_not_reached_by_steps(
    runtime: Runtime, store: Store, clock: Clock
) -> None:
    start(runtime, store, neutral="global", max_step=100.0)
    by_rate = rows(runtime)["c2", "p1"]["multiplier"]
    document = {"name": "recommended", "models": {"cf": {}, "lead": {}}, "reinforcement": {"max_step": 1.0001}}
    publish_policy(runtime, "default", "recommended", document, author="t", comment="")
    next_week(runtime, clock, "2026-11-24")
    row = rows(runtime)["c2", "p1"]

    assert row["step"] == 1.0
    assert row["odds"] == pytest.approx((row["product_ratio"] * row["pair_ratio"]) ** 0.5)
    assert abs(row["odds"] / by_rate - 1) > 0.01
