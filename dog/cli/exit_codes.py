"""Exit codes and one line on stderr: 0 ok, 1 failed, 2 usage, 130 Ctrl-C."""

import sys
import traceback
from typing import NoReturn

import click

from dog.errors import DogError, InvalidSettings
from dog.interrupts import CommandInterrupted, exit_interrupted, raise_on_interrupt


def hoist(arguments: list[str]) -> list[str]:
    """Move `--tenant NAME` and `--debug` first, so that they may stand anywhere.

    Examples
    --------
    >>> hoist(["keys", "create", "--tenant", "acme"])
    ['--tenant', 'acme', 'keys', 'create']

    """
    first, rest, words = [], [], iter(arguments)
    for word in words:
        if word == "--tenant":
            first += [word, *([following] if (following := next(words, None)) is not None else [])]
        elif word == "--debug" or word.startswith("--tenant="):
            first.append(word)
        else:
            rest.append(word)
    return first + rest


def run(command: click.Command, name: str) -> NoReturn:
    """Run a command line and exit with its code; a traceback only with --debug."""
    raise_on_interrupt()
    try:
        code = command.main(hoist(sys.argv[1:]), prog_name=name, standalone_mode=False) or 0
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.Abort:
        code = 1
    except click.UsageError as error:
        error.show()
        code = 2
    except click.ClickException as error:
        error.show()
        code = 1
    except DogError as error:
        if "--debug" in sys.argv:
            traceback.print_exc()
        click.echo(f"error: {error.message}", err=True)
        for fault in getattr(error, "faults", ())[:20]:
            if str(fault.message) not in error.message:
                click.echo(f"  {fault}", err=True)
        code = 2 if isinstance(error, InvalidSettings) else 1
    except CommandInterrupted:
        exit_interrupted()
    sys.exit(code if isinstance(code, int) else 0)
