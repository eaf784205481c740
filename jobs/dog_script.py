"""The command `dog`: the commands of `python -m dog`, and under `dog jobs` those of `python -m jobs`."""

from dog.interrupts import exit_on_interrupt


def main() -> None:
    """Run the command line."""
    exit_on_interrupt()
    from dog.cli.exit_codes import run  # noqa: PLC0415  # imports take time, in which Ctrl-C shows no traceback
    from dog.cli.main import dog  # noqa: PLC0415
    from jobs.cli import jobs  # noqa: PLC0415

    dog.add_command(jobs)
    run(dog, "dog")


if __name__ == "__main__":
    main()
