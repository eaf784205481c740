"""`dog`: the group of commands."""

import click

from dog import __version__
from dog.cli.exit_codes import run
from dog.cli.lazy_commands import LazyCommands

COMMANDS = {
    "demo": "dog.cli.demo_command.demo",
    "serve": "dog.cli.serve_command.serve",
    "init": "dog.cli.init_command.init",
    "load": "dog.cli.load_command.load",
    "loads": "dog.cli.loads_command.loads",
    "recommend": "dog.cli.recommend_command.recommend_command",
    "tenants": "dog.cli.tenants_command.tenants",
    "keys": "dog.cli.keys_command.keys",
    "policy": "dog.cli.policy_command.policy",
    "export": "dog.cli.export_commands.export",
    "backup": "dog.cli.export_commands.backup",
    "restore": "dog.cli.export_commands.restore",
    "doctor": "dog.cli.doctor_command.doctor",
    "hooks": "dog.cli.hooks_command.hooks",
    "mcp": "dog.cli.mcp_command.mcp",
    "webhooks": "dog.cli.webhooks_command.webhooks",
    "audit": "dog.cli.audit_command.audit",
    "runs": "dog.cli.runs_command.runs",
    "completion": "dog.cli.completion_command.completion",
}
"""Each command: the module that has it, and its function there."""


class DogCommands(LazyCommands):
    """The commands of `dog`."""

    places = COMMANDS


@click.group(cls=DogCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--tenant", default="default", show_default=True, help="Whose data.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback when something fails.")
@click.version_option(__version__, prog_name="dog", message="%(prog)s %(version)s")
@click.pass_context
def dog(context: click.Context, tenant: str) -> None:
    """DOG, the Decision Option Generator: recommendations that learn from being used."""
    context.obj = tenant


def main() -> None:
    """Run the command line."""
    run(dog, "dog")
