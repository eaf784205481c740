"""`dog jobs archive`, `scheduler` and `list`."""

import click

from dog.bootstrap import build_runtime
from dog.cli.terminal import progress_bar
from dog.core.iso_weeks import iso_time
from dog.services.weekly.archive_weeks import archive
from dog.storage.job_log import Job, list_jobs
from jobs.scheduler import SCHEDULE, run_scheduler


@click.command("archive")
@click.pass_obj
def archive_command(tenant: str) -> None:
    """Archive weeks published DOG_ARCHIVE_AFTER_WEEKS ago; with DOG_ARCHIVE older decisions and versions, too."""
    with build_runtime() as runtime, progress_bar("archive") as report:
        archived = archive(runtime, tenant, report)
    if archived is None:
        click.echo("no week is old enough to archive")
        return
    if archived.closed is not None:
        click.echo(f"archived {archived.events:,} events up to {archived.closed}; {archived.ids:,} ids forgotten")
    click.echo(f"archived {archived.decisions:,} decisions; {archived.versions} older versions are archived")


@click.command()
@click.option("--end-with-parent", "ends_with_parent", is_flag=True, hidden=True, help="End when stdin is closed.")
def scheduler(ends_with_parent: bool) -> None:
    """Run the periodic jobs of all tenants until stopped; several may run, one acts."""
    with build_runtime() as runtime:
        run_scheduler(runtime, ends_with_parent=ends_with_parent)


@click.command("list")
@click.pass_obj
def list_command(tenant: str) -> None:
    """List the kept jobs, newest first, and the schedule."""
    with build_runtime() as runtime:
        found = list_jobs(runtime.store(tenant))
    for name, periodic in SCHEDULE.items():
        click.echo(f"every {periodic.every_seconds} s: {name}, {periodic.why}")
    for job in found:
        click.echo(_line(job))


def _line(job: Job) -> str:
    created = iso_time(job.created_at_ms, "seconds")
    took = (
        f"{(job.finished_at_ms - job.started_at_ms) / 1000:.1f} s" if job.finished_at_ms and job.started_at_ms else ""
    )
    return (
        f"{job.job_id}  {job.name:10} {job.state:8} {job.progress:4.0%}  {created}  {took}  {job.error or job.counts}"
    )
