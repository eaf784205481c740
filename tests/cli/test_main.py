import click
import pytest

from dog.cli.main import COMMANDS, dog
from tests.cli.conftest import Command


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_found_where_the_table_says(name: str) -> None:
    assert isinstance(dog.get_command(click.Context(dog), name), click.Command)


def test_an_unknown_command_is_none() -> None:
    assert dog.get_command(click.Context(dog), "fly") is None


@pytest.mark.parametrize(
    ("words", "environ", "code", "says"),
    [
        (("dog", "recommend", "nobody"), {}, 1, "tenant 'default' does not exist"),
        (("dog", "load", "products", "missing.csv"), {}, 1, "there is no such file"),
        (("dog", "load", "products", "x.xls"), {}, 1, "the ending must be one of"),
        (("dog", "fly"), {}, 2, "No such command"),
        (("dog", "recommend", "c1", "--k", "0"), {}, 2, "--k"),
        (("dog", "doctor"), {"DOG_WORKER": "2"}, 2, "did you mean DOG_WORKERS?"),
        (("dog", "doctor"), {"DOG_BIND": "nowhere"}, 2, "must be HOST:PORT"),
        (("dog", "serve"), {"DOG_BIND": "0.0.0.0:8999", "DOG_AUTH": "off"}, 2, "loopback"),
        (("jobs", "recompute", "--week", "2026-W99"), {}, 1, "has no week 99"),
    ],
)
def test_wrong_input_gets_one_clear_line(
    run: Command, words: tuple[str, ...], environ: dict[str, str], code: int, says: str
) -> None:
    if "--week" in words:
        run("dog", "keys", "create")
    done = run(*words, **environ)

    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
