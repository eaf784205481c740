"""Prove a policy in a thread of the process that was asked for it; its job is in the history."""

import threading
from dataclasses import replace

from dog.core.policy.policy import policy_version
from dog.errors import DogError
from dog.log import log
from dog.services.job_lease import Lease
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.publish_policy import show_policy
from dog.services.runner import open_runner
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import fail_job
from dog.storage.audit_log import record_audit_entry
from dog.storage.job_log import Job, new_job_id, put_job

JOB = "prove"


def prove_in_background(runtime: Runtime, tenant: str, content: bytes, against: str) -> Job:
    """Compare a policy with the active one of a name in a thread; return the job at once.

    Raises
    ------
    InvalidPolicy, NotFound
        As of `check_policy` and `show_policy`.

    """
    store = runtime.store(tenant)
    challenger = policy_version(check_policy(store, content, runtime.today()))
    champion, _document = show_policy(runtime, tenant, against)
    parameters = {"challenger": challenger, "champion": champion, "against": against}
    job = Job(job_id=new_job_id(), name=JOB, state="queued", created_at_ms=runtime.clock(), parameters=parameters)
    put_job(store, job)
    record_audit_entry(store.redis, tenant, "job.prove", job.job_id, **parameters)
    threading.Thread(target=_prove, args=(runtime, tenant, content, job), daemon=True).start()
    return job


def _prove(runtime: Runtime, tenant: str, content: bytes, job: Job) -> None:
    store = runtime.store(tenant)
    try:
        with Lease(store, JOB, runtime.stopping) as lease, lease.kept():
            job = replace(job, state="running", started_at_ms=runtime.clock(), holder=lease.holder)
            put_job(store, job)
            try:
                put_job(store, _run(runtime, tenant, content, job))
            except DogError as error:  # under the lease: without it a running job counts as lost
                log.warning("job_failed", job_id=job.job_id, reason=error.message)
                fail_job(runtime, store, job, error)
    except DogError as error:
        log.warning("job_failed", job_id=job.job_id, reason=error.message)
        if job.state == "queued":  # another proof has the lease
            fail_job(runtime, store, job, error)


def _run(runtime: Runtime, tenant: str, content: bytes, job: Job) -> Job:
    from dog.offline.proof.prove_policy import prove_policy  # noqa: PLC0415  # scikit-learn takes seconds to import

    with open_runner(runtime) as runner:
        proof, _changes = prove_policy(runtime, tenant, content, job.parameters["against"], runner=runner)
    counts = {"proved": int(proof.proved)}
    return replace(job, state="done", progress=1.0, finished_at_ms=runtime.clock(), counts=counts)
