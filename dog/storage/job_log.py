"""Jobs: leases with fencing tokens, and the records of runs."""

import secrets
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from dog.errors import NotFound
from dog.storage.store import Store

KEPT_JOBS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of a job."""

    job_id: str
    name: str
    state: str  # queued, running, done, failed, stopped (continues when run again), lost (its process died)
    created_at_ms: int
    started_at_ms: int | None = None
    finished_at_ms: int | None = None
    progress: float = 0.0
    parameters: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    holder: str | None = None  # of the lease it runs under
    by: str = ""  # the name of the key, person or command line that started it


def new_job_id() -> str:
    """Return a new id for a job."""
    return f"job_{secrets.token_hex(8)}"


def put_job(store: Store, job: Job) -> None:
    """Write the state of a job."""
    store.execute("HSET", store.keys.of("jobs"), job.job_id, orjson.dumps(asdict(job)))


def list_jobs(store: Store) -> list[Job]:
    """Return the kept jobs, newest first, and delete those beyond the bound."""
    jobs = [Job(**orjson.loads(record)) for record in store.execute("HVALS", store.keys.of("jobs"))]
    jobs.sort(key=lambda job: (job.created_at_ms, job.job_id), reverse=True)
    if old := [job.job_id for job in jobs[KEPT_JOBS:]]:
        store.execute("HDEL", store.keys.of("jobs"), *old)
    return [_mark_if_lost(store, job) for job in jobs[:KEPT_JOBS]]


def read_job(store: Store, job_id: str) -> Job:
    """Read a job; raise `NotFound` if it is unknown."""
    return _mark_if_lost(store, _read_record(store, job_id))


def _read_record(store: Store, job_id: str) -> Job:
    record = store.execute("HGET", store.keys.of("jobs"), job_id)
    if record is None:
        raise NotFound(f"job '{job_id}' is not known; see GET /v1/jobs", code="unknown_job")
    return Job(**orjson.loads(record))


def _mark_if_lost(store: Store, job: Job) -> Job:
    """Return a running job as lost if its process no longer holds its lease."""
    if job.state != "running" or job.holder is None:
        return job
    if read_holder(store, job.name) == job.holder:
        return job
    job = _read_record(store, job.job_id)  # again: it may have ended since, and then released its lease
    if job.state != "running":
        return job
    return replace(job, state="lost", error="its process died or lost its lease; what it did not finish is due again")


def read_holder(store: Store, name: str) -> str:
    """Return who holds the lease of a job, empty where nobody does."""
    holder: bytes | None = store.execute("GET", store.keys.of("lease", name))
    return "" if holder is None else holder.decode()


def take_lease(store: Store, name: str, holder: str, lease_ms: int) -> int | None:
    """Take the lease of a job; return its fencing token, or None if another process holds it."""
    keys = [store.keys.of("lease", name), store.keys.of("fence", name)]
    token: int = store.run_script("take_lease", keys, [holder, lease_ms])
    return token or None


def renew_lease(store: Store, name: str, holder: str, lease_ms: int) -> bool:
    """Extend the lease, or with `lease_ms` 0 release it; return False if it was lost."""
    return bool(store.run_script("renew_lease", [store.keys.of("lease", name)], [holder, lease_ms]) == 1)
