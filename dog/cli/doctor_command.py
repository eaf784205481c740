"""`python -m dog doctor`: what is missing, and how to mend it."""

import os
from typing import Any

import click

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.progress_bar import progress_bar
from dog.config import read_settings
from dog.errors import StoreError
from dog.services.operations.diagnose import Finding
from dog.services.operations.doctor import run_doctor, run_doctor_without_redis
from dog.services.weekly.recount import recount

SHOWN = 20


@click.command()
@click.option("--recount", "recounts", is_flag=True, help="Hold every ledger and count against the log.")
@click.option("--repair", is_flag=True, help="With --recount: write ledgers that differ anew.")
@click.pass_obj
def doctor(options: Any, recounts: bool, repair: bool) -> None:
    """Check configuration, Redis and data; exit 1 if something needs mending."""
    if recounts or repair:
        _recount(options.tenant, repair=repair)
        return
    for finding in (findings := _findings(options.tenant)):
        _tell(finding)
    if not all(finding.ok for finding in findings):
        raise click.exceptions.Exit(1)


def _findings(tenant: str) -> list[Finding]:
    try:
        runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    except StoreError as error:
        return run_doctor_without_redis(read_settings(os.environ), error.message)
    try:
        return run_doctor(runtime, tenant)
    finally:
        runtime.close()


def _tell(finding: Finding) -> None:
    click.echo(f"{'ok  ' if finding.ok else 'MEND'} {finding.about}: {finding.says}")
    if finding.mend:
        click.echo(f"     -> {finding.mend}")


def _recount(tenant: str, *, repair: bool) -> None:
    runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    try:
        with progress_bar("recount") as report:
            differences = recount(runtime, tenant, repair=repair, report=report)
    finally:
        runtime.close()
    click.echo(f"{len(differences):,} differences between the log and what is counted")
    for difference in differences[:SHOWN]:
        click.echo(f"  {difference.contact_id} {difference.what}: {difference.says}")
    if len(differences) > SHOWN:
        click.echo(f"  and {len(differences) - SHOWN:,} more")
    if repair and differences:
        click.echo("ledgers were written anew; next: python -m jobs recompute")
    elif differences:
        click.echo("  -> python -m dog doctor --recount --repair")
        raise click.exceptions.Exit(1)
