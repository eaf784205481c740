"""A proof in the background is a job of the history; a second one at the same time is refused."""

from dog.offline.proof.prove_in_background import JOB, prove_in_background
from dog.services.job_lease import Lease
from dog.services.policies.policy_store import store_policy
from dog.services.runtime import Runtime
from dog.storage.job_log import Job, read_job
from dog.storage.policy_files import read_policy_toml
from dog.storage.store import Store

LIVE, DRAFT = 'name = "a"', 'name = "a"\nmodels = {cf = {weight = 1}}'


def proved(runtime: Runtime, store: Store) -> Job:
    store_policy(store, read_policy_toml(LIVE), "Bo", "", runtime.clock(), activate=True)
    job = prove_in_background(runtime, "default", DRAFT.encode(), "a")
    while job.state in ("queued", "running"):
        job = read_job(store, job.job_id)
    return job


def test_a_proof_without_history_fails_with_the_reason(runtime: Runtime, store: Store) -> None:
    job = proved(runtime, store)

    assert job.state == "failed"
    assert "no week of pitches" in str(job.error)
    assert job.parameters["against"] == "a"


def test_two_proofs_do_not_run_at_once(runtime: Runtime, store: Store) -> None:
    with Lease(store, JOB, runtime.stopping):
        job = proved(runtime, store)

    assert job.state == "failed"
    assert "is running already" in str(job.error)
