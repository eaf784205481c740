"""`python -m dog`: serve, load, recommend, keys, doctor."""

from dataclasses import dataclass

import click

from dog.cli import audit, backup, doctor, export, keys, load, policy, recommend, runs, serve, webhooks
from dog.cli.errors import run


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the command."""

    tenant: str


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--tenant", default="default", show_default=True, help="Whose data.")
@click.option("--debug", is_flag=True, help="Show a traceback when something fails.")
@click.pass_context
def dog(context: click.Context, tenant: str, debug: bool) -> None:  # noqa: ARG001  # read by cli.errors
    """DOG, the Decision Option Generator: recommendations that learn from being used."""
    context.obj = Options(tenant)


COMMANDS = (
    serve.serve,
    load.load,
    recommend.recommend_command,
    keys.keys,
    policy.policy,
    export.export,
    backup.backup,
    backup.restore,
    doctor.doctor,
    webhooks.webhooks,
    audit.audit,
    runs.runs,
)
for command in COMMANDS:
    dog.add_command(command)


def main() -> None:
    """Run the command line."""
    run(dog, "python -m dog")
