"""Search settings in a child of the process that was asked for it; its job is in the history."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from dog.services.background_job import Report, start_job
from dog.services.publishing.publish_policy import show_policy
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.job_log import Job

JOB = "tune"


def tune_in_background(runtime: Runtime, tenant: str, policy: str, *, held_out_weeks: int) -> Job:
    """Search the settings of an active policy in the background; return the job at once.

    Once it is done, `counts` of the job has the id of the run. Raises `NotFound` where the policy is not active.
    """
    show_policy(runtime, tenant, policy)
    work = partial(_tune, tenant=tenant, policy=policy, held_out_weeks=held_out_weeks)
    return start_job(runtime, tenant, JOB, {"policy": policy, "held_out_weeks": held_out_weeks}, work)


def _tune(
    runtime: Runtime, runner: Runner, report: Report, *, tenant: str, policy: str, held_out_weeks: int
) -> Mapping[str, Any]:
    from dog.offline.tuning.tune import tune  # noqa: PLC0415  # scikit-learn takes seconds to import

    found = tune(runtime, tenant, policy, held_out_weeks=held_out_weeks, report=report, runner=runner)
    return {"run_id": found.run.run_id}
