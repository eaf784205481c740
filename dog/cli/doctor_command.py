"""`dog doctor`: what is missing or wrong, and how to repair it."""

import os

import click

from dog.bootstrap import build_runtime
from dog.cli.terminal import progress_bar
from dog.config import read_settings
from dog.errors import StoreError
from dog.services.operations.diagnose import Finding
from dog.services.operations.doctor import run_doctor, run_doctor_without_redis
from dog.services.weekly.recount import recount

MAX_DIFFERENCES = 20


@click.command()
@click.option("--recount", "recounts", is_flag=True, help="Compare every ledger and count with the log.")
@click.option("--repair", is_flag=True, help="With --recount: rewrite ledgers that differ.")
@click.pass_obj
def doctor(tenant: str, recounts: bool, repair: bool) -> None:
    """Check configuration, Redis and data; exit 1 if something needs repair."""
    if recounts or repair:
        _recount(tenant, repair=repair)
        return
    for finding in (findings := _findings(tenant)):
        _print_finding(finding)
    if not all(finding.ok for finding in findings):
        raise click.exceptions.Exit(1)


def _findings(tenant: str) -> list[Finding]:
    try:
        runtime = build_runtime()
    except StoreError as error:
        return run_doctor_without_redis(read_settings(os.environ), error.message)
    with runtime:
        return run_doctor(runtime, tenant)


def _print_finding(finding: Finding) -> None:
    click.echo(f"{'ok ' if finding.ok else 'FIX'} {finding.about}: {finding.says}")
    if finding.fix:
        click.echo(f"     -> {finding.fix}")


def _recount(tenant: str, *, repair: bool) -> None:
    with build_runtime() as runtime, progress_bar("recount") as report:
        differences = recount(runtime, tenant, repair=repair, report=report)
    click.echo(f"{len(differences):,} differences between the log and what is counted")
    for difference in differences[:MAX_DIFFERENCES]:
        click.echo(f"  {difference.contact_id} {difference.what}: {difference.says}")
    if len(differences) > MAX_DIFFERENCES:
        click.echo(f"  and {len(differences) - MAX_DIFFERENCES:,} more")
    if repair and differences:
        click.echo("ledgers were written again; next: dog jobs recompute")
    elif differences:
        click.echo("  -> dog doctor --recount --repair")
        raise click.exceptions.Exit(1)
