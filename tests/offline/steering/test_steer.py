"""The job that steers: it publishes what is safer and proved, signs it, and never acts without leave."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy import Policy, policy_version
from dog.core.policy.policy_settings import ModelSettings
from dog.offline.steering.safer_settings import is_safer
from dog.offline.steering.steer import steer, steer_due
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.policies.policy_store import read_active_policies, store_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.audit_log import read_audit_entries
from dog.storage.job_log import list_jobs
from dog.storage.proofs import require_proofs
from dog.storage.run_log import list_runs
from dog.storage.store import Store
from tests.recording_runner import RecordingRunner

START = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)
CONTACTS, PRODUCTS, WEEKS = 150, 8, 8
DOUBLE = Reinforcement(neutral="global", explore=1.0, a_max=5.0, d_min=0.1, self_steer=True)
"""Multiplies scores that know the truth by what they know: harmful where pairs differ as the scores say."""


def fill(runtime: Runtime, store: Store, *, known: bool) -> None:
    """Pitch each pair once a week, with a chance of its own, which the score knows or does not."""
    chance = np.random.default_rng(0)
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": f"p{p}", "name": "n"} for p in range(PRODUCTS)], zone)
    import_rows(store, "contacts", [{"contact_id": f"c{c}"} for c in range(CONTACTS)], zone)
    pairs = [{"contact_id": f"c{c}", "product_id": f"p{p}"} for c in range(CONTACTS) for p in range(PRODUCTS)]
    rates = chance.beta(1, 6, len(pairs))
    scores = rates if known else chance.uniform(0.1, 0.2, len(pairs))
    rows = [
        {**pair, "model": "cf", "score": float(s), "as_of": "2026-11-01"} for pair, s in zip(pairs, scores, strict=True)
    ]
    import_rows(store, "scores", rows, zone)
    events = []
    for week in range(WEEKS):
        at = (START + timedelta(weeks=week)).isoformat()
        for number, (pair, rate) in enumerate(zip(pairs, rates, strict=True)):
            kind = "win" if chance.random() < rate else "loss"
            events.append({"event_id": f"{week}-{number}", "type": kind, "occurred_at": at, **pair})
    for start in range(0, len(events), 500):
        record_feedback(store, events[start : start + 500], runtime.clock())


def publish(runtime: Runtime, store: Store, settings: Reinforcement) -> str:
    policy = Policy(name="recommended", models={"cf": ModelSettings()}, reinforcement=settings)
    store_policy(store, policy, "me", "", runtime.clock(), activate=True)
    return policy_version(policy)


def test_where_multipliers_do_harm_the_safer_setting_comes_in_force_signed_by_the_job(
    runtime: Runtime, store: Store
) -> None:
    fill(runtime, store, known=True)
    before = publish(runtime, store, DOUBLE)
    require_proofs(store, required=True)

    (found,) = steer(runtime, "default", trust_scores=True)

    version, policy = read_active_policies(store)["recommended"]
    assert found.version == version != before
    assert is_safer(policy.reinforcement, DOUBLE)
    entries = [entry for _, entry in read_audit_entries(store.redis, "default", 10)]
    steered = next(entry for entry in entries if entry["act"] == "policy.steer")
    assert (steered["who"], steered["name"]) == ("job", "jobs steer")
    assert steered["details"]["replaced"] == before
    assert {run.kind for run in list_runs(store)} >= {"steer", "publish"}
    assert list_jobs(store)[0].counts == {"policies": 1, "published": 1}


def test_where_multipliers_help_nothing_is_published(runtime: Runtime, store: Store) -> None:
    fill(runtime, store, known=False)
    before = publish(runtime, store, replace(DOUBLE, explore=0.0, a_max=3.0, d_min=1 / 3))

    (found,) = steer(runtime, "default", trust_scores=True)

    assert found.version is None
    assert found.sentence.startswith("the settings stay")
    assert read_active_policies(store)["recommended"][0] == before


def test_a_policy_without_leave_is_never_steered(runtime: Runtime, store: Store) -> None:
    fill(runtime, store, known=True)
    before = publish(runtime, store, replace(DOUBLE, self_steer=False))

    assert steer(runtime, "default", trust_scores=True) == []
    assert read_active_policies(store)["recommended"][0] == before


def test_it_acts_once_after_each_published_week(runtime: Runtime, store: Store) -> None:
    fill(runtime, store, known=False)
    publish(runtime, store, DOUBLE)

    assert steer_due(runtime, "default") == []
    run_recompute(runtime, "default")
    runner = RecordingRunner(runtime)
    first, second = steer_due(runtime, "default", runner), steer_due(runtime, "default", runner)

    assert [one.policy for one in first] == ["recommended"]
    assert "read_partition" in runner.tasks
    assert second == []
    assert [job.name for job in list_jobs(store)].count("steer") == 1


def test_too_little_history_changes_nothing_and_says_so(runtime: Runtime, store: Store) -> None:
    publish(runtime, store, DOUBLE)

    (found,) = steer(runtime, "default")

    assert found.version is None
    assert "nothing can be proved yet" in found.sentence
