import sys

import click
import pytest

from dog.cli.exit_codes import run
from dog.errors import InputFault, InvalidSettings, NotFound


def exit_code(command: click.Command, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["dog", *words])
    with pytest.raises(SystemExit) as exited:
        run(command, "dog")
    return int(exited.value.code or 0)


@pytest.mark.parametrize(
    ("error", "code"),
    [(NotFound("gone"), 1), (InvalidSettings("bad"), 2), (click.UsageError("how"), 2)],
)
def test_each_error_has_its_code(error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def fail() -> None:
        raise error

    assert exit_code(fail, monkeypatch) == code


def test_an_error_is_one_line_with_its_faults_below(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def fail() -> None:
        raise InvalidSettings(
            "2 settings are wrong", [InputFault("/DOG_BIND", "invalid_settings", "is not an address")]
        )

    exit_code(fail, monkeypatch)

    assert capsys.readouterr().err == "error: 2 settings are wrong\n  /DOG_BIND: is not an address\n"
