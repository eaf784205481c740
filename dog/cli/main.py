"""`python -m dog`: the group of commands."""

from importlib import import_module

import click

from dog.cli.exit_codes import run

COMMANDS = {
    "serve": "serve_command.serve",
    "load": "load_command.load",
    "recommend": "recommend_command.recommend_command",
    "keys": "keys_command.keys",
    "policy": "policy_command.policy",
    "export": "export_commands.export",
    "backup": "export_commands.backup",
    "restore": "export_commands.restore",
    "doctor": "doctor_command.doctor",
    "webhooks": "webhooks_command.webhooks",
    "audit": "audit_command.audit",
    "runs": "runs_command.runs",
}
"""Each command: the module of this package that has it, and its function there."""


class LazyCommands(click.Group):
    """Commands that are imported when they are called: `serve` starts in half the time without the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's
        """Import a command; return None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(".")
        command: click.Command = getattr(import_module(f"dog.cli.{module}"), function)
        return command


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--tenant", default="default", show_default=True, help="Whose data.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback when something fails.")
@click.pass_context
def dog(context: click.Context, tenant: str) -> None:
    """DOG, the Decision Option Generator: recommendations that learn from being used."""
    context.obj = tenant


def main() -> None:
    """Run the command line."""
    run(dog, "python -m dog")
