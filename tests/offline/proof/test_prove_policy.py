"""A proof refuses what is worse, lets through what is as good, and records either."""

import numpy as np
import pytest

from dog.core.policy.policy import policy_version
from dog.offline.off_policy.policy_value import PolicyValue
from dog.offline.off_policy.value_difference import ValueDifference
from dog.offline.proof.prove_policy import NotProved, PolicyProof, prove_policy, require_proof
from dog.offline.replay.held_out import HeldOutComparison
from dog.offline.statistics.intervals import Estimate
from dog.services.policies.policy_store import read_active_policies
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.storage.policy_files import read_policy_toml
from dog.storage.proofs import read_proof
from dog.storage.run_log import list_runs
from dog.storage.store import Store
from tests.offline.tuning.test_tune import fill
from tests.recording_runner import RecordingRunner

LOUD = """
name = "recommended"
models = {frequency = {weight = 1.0}, cf = {weight = 1.0}}
[reinforcement]
family = "linear"
neutral = 0.02
a_max = 5.0
d_min = 1.0
max_step = 5.0
"""


def both_ways(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, low, high, week_low=low, week_high=high)


def proof(low: float, high: float) -> HeldOutComparison:
    return HeldOutComparison(
        champion=0.5,
        challenger=0.5,
        difference=both_ways(low, high),
        pitches=1000,
        contacts=100,
    )


@pytest.mark.parametrize(("low", "high"), [(-0.01, 0.006), (0.01, 0.02), (np.nan, np.nan)])
def test_what_is_not_shown_to_be_as_good_is_refused(low: float, high: float) -> None:
    with pytest.raises(NotProved, match="held-out"):
        require_proof(PolicyProof(proof(low, high)))


def test_what_is_as_good_within_the_margin_passes_without_being_called_better() -> None:
    require_proof(PolicyProof(proof(-0.004, 0.004)))

    assert not proof(-0.004, 0.004).better


@pytest.mark.parametrize(
    ("low", "high", "proved"), [(0.01, 0.05, True), (-0.05, -0.01, False), (-0.05, 0.05, True), (0.0, 0.0, True)]
)
def test_the_log_decides_where_its_interval_does_and_else_the_held_out_weeks(
    low: float, high: float, proved: bool
) -> None:
    value = PolicyValue(
        estimates={"dr": Estimate(0.1, 0.1, 0.1)},
        gains={},
        logged=0.1,
        rows=500,
        contacts=100,
        effective_rows=500.0,
        clip=20.0,
        clipped=0.0,
        mean_weight=1.0,
    )
    logged = ValueDifference(value, value, {name: both_ways(low, high) for name in ("dr", "snips")})
    told = PolicyProof(proof(-0.004, 0.004), logged).sentence()

    assert PolicyProof(proof(-0.004, 0.004), logged).proved is proved
    assert PolicyProof(proof(0.01, 0.02), logged).proved is (low >= 0)
    assert told.startswith("judged by logged propensities") is (low >= 0 or high < 0)


def test_a_policy_that_ranks_better_is_proved_although_its_products_exceed_one(runtime: Runtime, store: Store) -> None:
    fill(store, runtime)
    models = {"frequency": {"weight": 1.0}, "cf": {"weight": 1.0}}
    champion = {"name": "still", "models": models, "reinforcement": {"a_max": 1.0, "d_min": 1.0}}
    publish_policy(runtime, "default", "still", champion, author="t", comment="")
    curve = {"neutral": 0.15, "explore": 0.0, "max_step": 3.0}

    found, _ = prove_policy(
        runtime,
        "default",
        {"name": "still", "models": models, "reinforcement": curve},
        "still",
        held_out_weeks=5,
        trust_scores=True,
    )

    assert found.held_out.challenger_auc > found.held_out.champion_auc + 0.2
    assert found.held_out.recalibrated
    require_proof(found)


def test_the_policy_in_force_is_as_good_as_itself_and_a_loud_one_is_not(runtime: Runtime, store: Store) -> None:
    fill(store, runtime)
    version, champion = read_active_policies(store)["recommended"]
    same = champion.to_document()

    runner = RecordingRunner(runtime)
    equal, changes = prove_policy(
        runtime, "default", same, "recommended", held_out_weeks=3, trust_scores=True, runner=runner
    )
    loud, _ = prove_policy(runtime, "default", LOUD.encode(), "recommended", held_out_weeks=3, trust_scores=True)

    assert (equal.held_out.difference.value, changes["lists_changed"]) == (0.0, 0)
    assert "read_partition" in runner.tasks
    require_proof(equal)
    with pytest.raises(NotProved):
        require_proof(loud)
    assert [run.outcome.split(";")[0] for run in list_runs(store) if run.kind == "prove"].count("not proved") == 1
    kept = read_proof(store, version, version)
    assert kept is not None
    assert kept.proved
    assert not getattr(read_proof(store, policy_version(read_policy_toml(LOUD)), version), "proved", True)
