"""`python -m dog doctor`: what is missing, and how to mend it."""

from typing import Any

import click

from dog.bootstrap import JOB_SECONDS, build_house
from dog.services.examine import examine


@click.command()
@click.pass_obj
def doctor(options: Any) -> None:
    """Check configuration, Redis and data; exit 1 if something needs mending."""
    house = build_house(timeout_seconds=JOB_SECONDS)
    try:
        findings = examine(house, options.tenant)
    finally:
        house.close()
    for finding in findings:
        click.echo(f"{'ok  ' if finding.ok else 'MEND'} {finding.about}: {finding.says}")
        if finding.mend:
            click.echo(f"     -> {finding.mend}")
    if not all(finding.ok for finding in findings):
        raise click.exceptions.Exit(1)
