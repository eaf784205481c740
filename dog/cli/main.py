"""`python -m dog`: serve, load, recommend, keys, doctor."""

from dataclasses import dataclass
from importlib import import_module

import click

from dog.cli.exit_codes import run

COMMANDS = {
    "serve": "serve_command.serve",
    "load": "load_command.load",
    "recommend": "recommend_command.recommend_command",
    "keys": "keys_command.keys",
    "policy": "policy_command.policy",
    "export": "export_command.export",
    "backup": "backup_command.backup",
    "restore": "backup_command.restore",
    "doctor": "doctor_command.doctor",
    "webhooks": "webhooks_command.webhooks",
    "audit": "audit_command.audit",
    "runs": "runs_command.runs",
}
"""Each command: the module of this package that has it, and its function there."""


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the command."""

    tenant: str


class Commands(click.Group):
    """The commands, each imported when it is called: `serve` starts in half the time without the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's
        """Name them all."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's
        """Import a command; None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(".")
        command: click.Command = getattr(import_module(f"dog.cli.{module}"), function)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--tenant", default="default", show_default=True, help="Whose data.")
@click.option("--debug", is_flag=True, help="Show a traceback when something fails.")
@click.pass_context
def dog(context: click.Context, tenant: str, debug: bool) -> None:  # noqa: ARG001  # read by cli.errors
    """DOG, the Decision Option Generator: recommendations that learn from being used."""
    context.obj = Options(tenant)


def main() -> None:
    """Run the command line."""
    run(dog, "python -m dog")
