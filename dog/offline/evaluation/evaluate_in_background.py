"""Evaluate a policy in a child of the process that was asked for it; its job is in the history."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from dog.services.background_job import Report, start_job
from dog.services.publishing.publish_policy import show_policy
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.job_log import Job

JOB = "evaluate"


def evaluate_in_background(runtime: Runtime, tenant: str, policy: str, *, refit_weeks: int) -> Job:
    """Evaluate an active policy on the history in the background; return the job at once.

    Once it is done, `counts` of the job has the id of the run. Raises `NotFound` where the policy is not active.
    """
    show_policy(runtime, tenant, policy)
    work = partial(_evaluate, tenant=tenant, policy=policy, refit_weeks=refit_weeks)
    return start_job(runtime, tenant, JOB, {"policy": policy, "refit_weeks": refit_weeks}, work)


def _evaluate(
    runtime: Runtime, runner: Runner, report: Report, *, tenant: str, policy: str, refit_weeks: int
) -> Mapping[str, Any]:
    from dog.offline.evaluation.keep_evaluation import evaluate_and_keep  # noqa: PLC0415  # scikit-learn takes seconds

    _found, run, _page = evaluate_and_keep(
        runtime, tenant, policy, refit_weeks=refit_weeks, report=report, runner=runner
    )
    return {"run_id": run.run_id}
