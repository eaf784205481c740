"""Prove a policy in a child of the process that was asked for it; its job is in the history."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from dog.core.policy.policy import policy_version
from dog.services.background_job import Report, start_job
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.publish_policy import show_policy
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.job_log import Job

JOB = "prove"
PROVED_SHARE = 0.8
"""Share of the time after which the history is read and scored."""


def prove_in_background(runtime: Runtime, tenant: str, content: bytes, against: str) -> Job:
    """Compare a policy with the active one of a name in the background; return the job at once.

    Raises
    ------
    InvalidPolicy, NotFound
        As of `check_policy` and `show_policy`.

    """
    challenger = policy_version(check_policy(runtime.store(tenant), content, runtime.today()))
    champion, _document = show_policy(runtime, tenant, against)
    work = partial(_prove, tenant=tenant, content=content, against=against)
    return start_job(runtime, tenant, JOB, {"challenger": challenger, "champion": champion, "against": against}, work)


def _prove(
    runtime: Runtime, runner: Runner, report: Report, *, tenant: str, content: bytes, against: str
) -> Mapping[str, Any]:
    from dog.offline.proof.prove_policy import prove_policy  # noqa: PLC0415  # scikit-learn takes seconds to import

    proof, _changes, run = prove_policy(
        runtime,
        tenant,
        content,
        against,
        report=lambda share: report(PROVED_SHARE * share, "reading"),
        runner=runner,
    )
    return {"proved": int(proof.proved), "run_id": run.run_id}
