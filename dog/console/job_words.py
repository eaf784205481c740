"""Jobs in words: their states, and how long they took."""

from dog.console.texts import N_
from dog.storage.job_log import Job

STATES = {
    "queued": N_("queued"),
    "running": N_("running"),
    "done": N_("done"),
    "failed": N_("failed"),
    "stopped": N_("stopped"),
    "lost": N_("lost"),
}


def is_under_way(job: Job) -> bool:
    """Return whether a job waits or runs."""
    return job.state in ("queued", "running")


def seconds_taken(job: Job) -> float | None:
    """Return how long a job took; None while it runs."""
    if not job.finished_at_ms or not job.started_at_ms:
        return None
    return (job.finished_at_ms - job.started_at_ms) / 1000
