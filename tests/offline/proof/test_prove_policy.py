"""A proof refuses what is worse, lets through what is as good, and records either."""

import numpy as np
import pytest

from dog.core.policy.policy import policy_version
from dog.offline.proof.policy_proof import PolicyProof
from dog.offline.proof.prove_policy import NotProved, prove_policy, require_proof
from dog.services.policies.policy_store import read_active_policies
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.storage.policy_files import read_policy_toml
from dog.storage.proofs import read_proof
from dog.storage.run_log import list_runs
from dog.storage.store import Store
from tests.offline.proof.test_policy_proof import proof
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


@pytest.mark.parametrize(("low", "high"), [(-0.01, 0.006), (0.01, 0.02), (np.nan, np.nan)])
def test_what_is_not_shown_to_be_as_good_is_refused(low: float, high: float) -> None:
    with pytest.raises(NotProved, match="held-out"):
        require_proof(PolicyProof(proof(low, high)))


def test_what_is_as_good_within_the_margin_passes_without_being_called_better() -> None:
    require_proof(PolicyProof(proof(-0.004, 0.004)))

    assert not proof(-0.004, 0.004).better


def test_a_policy_that_ranks_better_is_proved_although_its_products_exceed_one(runtime: Runtime, store: Store) -> None:
    fill(store, runtime)
    models = {"frequency": {"weight": 1.0}, "cf": {"weight": 1.0}}
    champion = {"name": "still", "models": models, "reinforcement": {"a_max": 1.0, "d_min": 1.0}}
    publish_policy(runtime, "default", "still", champion, author="t", comment="")
    curve = {"neutral": 0.15, "explore": 0.0, "max_step": 3.0}

    found, _, _ = prove_policy(
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
    equal, changes, run = prove_policy(
        runtime, "default", same, "recommended", held_out_weeks=3, trust_scores=True, runner=runner
    )
    loud, _, _ = prove_policy(runtime, "default", LOUD.encode(), "recommended", held_out_weeks=3, trust_scores=True)

    assert (equal.held_out.difference.value, changes["lists_changed"]) == (0.0, 0)
    assert "read_partition" in runner.tasks
    require_proof(equal)
    assert run.files == ["figures.json", "report.html"]
    with pytest.raises(NotProved):
        require_proof(loud)
    assert [one.outcome.split(";")[0] for one in list_runs(store) if one.kind == "prove"].count("not proved") == 1
    kept = read_proof(store, version, version)
    assert kept is not None
    assert kept.proved
    assert not getattr(read_proof(store, policy_version(read_policy_toml(LOUD)), version), "proved", True)
