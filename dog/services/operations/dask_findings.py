"""Findings of `doctor` about the Dask cluster of DOG_DASK: its scheduler, the versions and the reach of its workers."""

import hashlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import dog
from dog.errors import DogError
from dog.services.dask_runner import connect_to_dask
from dog.services.operations.diagnose import Finding
from dog.services.runner_tasks import WorkerSetup
from dog.services.runtime import Runtime
from dog.storage.connection import connect
from dog.storage.store import Store, Tenant, find_tenant

PACKAGES = ("numpy", "distributed")
PING_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerReport:
    """What a worker says of itself."""

    versions: Mapping[str, str]
    tenant: str  # its fingerprint
    failure: str  # why Redis or the tenant is not reached; empty where they are


def check_dask(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Report whether the scheduler and each worker can do what jobs ask of them; nothing without DOG_DASK."""
    address = runtime.settings.dask
    if address is None:
        return
    try:
        client = connect_to_dask(address)
    except DogError as error:
        yield Finding("dask", error.message, ok=False, fix="start its scheduler, or fix DOG_DASK: docs/how-to/dask.md")
        return
    with client:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        reports = client.run(report_worker, WorkerSetup.of(runtime), store.tenant.name, on_error="return")
    if not workers:
        yield Finding("dask", f"{address} has no workers", ok=False, fix="start some: dask worker ADDRESS --nthreads 1")
    threads = {name: found["nthreads"] for name, found in workers.items()}
    faults = [(name, fault) for name, report in reports.items() for fault in describe_faults(report, store.tenant)]
    for name, (says, fix) in faults:
        yield Finding(f"dask worker {name}", says, ok=False, fix=fix)
    if workers and not faults:
        wide = sum(count > 1 for count in threads.values())
        advice = "; start them with --nthreads 1: a process runs one task at a time" if wide else ""
        says = f"{address}: {len(workers)} workers with the versions of this process, and all reach Redis"
        yield Finding("dask", f"{says}{advice}")


def describe_faults(report: Any, tenant: Tenant) -> Iterator[tuple[str, str]]:
    """Describe what is wrong with a worker, given its report or what it raised, and how to correct it."""
    if not isinstance(report, WorkerReport):  # what was raised there, such as an import of what it has not
        yield f"cannot run the service's code: {report!r}", "install the same release of dog there"
        return
    for name, own in own_versions().items():
        if (there := report.versions.get(name)) != own:
            yield f"{name} {there}, here {own}", f"install {name} {own} there, or use one image for all"
    if report.failure:
        yield f"does not reach the data: {report.failure}", "let DOG_REDIS_URL name an address that all machines reach"
    elif report.tenant != fingerprint(tenant):
        yield "reaches another Redis, with another tenant of that name", "fix DOG_REDIS_URL"


def own_versions() -> dict[str, str]:
    """Return the versions by which a task may have another result, or none."""
    return {"python": platform.python_version(), "dog": dog.__version__} | {name: version(name) for name in PACKAGES}


def fingerprint(tenant: Tenant) -> str:
    """Return what tells tenants with the same name from each other, without their secret."""
    return hashlib.blake2b(tenant.secret, digest_size=8).hexdigest()


def report_worker(setup: WorkerSetup, tenant: str) -> WorkerReport:
    """Report on the worker that runs this."""
    failure = found = ""
    try:
        with connect(setup.redis_url, timeout_seconds=PING_SECONDS) as redis:
            found = fingerprint(find_tenant(redis, tenant))
    except DogError as error:
        failure = error.message
    return WorkerReport(versions=own_versions(), tenant=found, failure=failure)
