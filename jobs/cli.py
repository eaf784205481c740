"""`dog jobs`: recompute, train, batch, scheduler and the other jobs."""

import click

from dog.cli.exit_codes import run
from dog.cli.lazy_commands import LazyCommands

COMMANDS = {
    "recompute": "jobs.recompute_command.recompute",
    "batch": "jobs.batch_command.batch",
    "sync": "jobs.sync_command.sync",
    "consume": "jobs.consume_command.consume",
    "archive": "jobs.periodic_commands.archive_command",
    "scheduler": "jobs.periodic_commands.scheduler",
    "list": "jobs.periodic_commands.list_command",
    "run": "jobs.cli.run_command",
    "train": "jobs.offline_commands.train",
    "meta": "jobs.offline_commands.meta",
    "evaluate": "jobs.offline_commands.evaluate",
    "tune": "jobs.offline_commands.tune",
    "steer": "jobs.offline_commands.steer",
    "off-policy": "jobs.offline_commands.off_policy",
}
"""Each command: the module that has it, and its function there."""
BY_HAND = ("recompute", "archive", "train", "meta")


class JobCommands(LazyCommands):
    """The commands of `dog jobs`."""

    places = COMMANDS


@click.group(cls=JobCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--tenant", default="default", show_default=True, help="Whose data.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback when something fails.")
@click.pass_context
def jobs(context: click.Context, tenant: str) -> None:
    """Run the weekly recompute, the training, and their schedule."""
    context.obj = context.obj or tenant  # `dog --tenant NAME jobs` has read it


@click.command("run")
@click.argument("name", type=click.Choice(BY_HAND))
@click.pass_context
def run_command(context: click.Context, name: str) -> None:
    """Run a job by hand."""
    command = jobs.get_command(context, name)
    if command is not None:
        context.invoke(command)


def main() -> None:
    """Run the command line."""
    run(jobs, "dog jobs")
