from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dog.cli.hooks_command import hooks
from dog.errors import InvalidInput, NotFound
from dog.services.runtime import Runtime
from dog.storage.hooks import read_hook

TOML = """
[hooks.crm]
scheme = "hubspot"

[hooks.shop]
scheme = "standard"
"""


@pytest.fixture
def server(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """Let the command use this test's server."""
    monkeypatch.setattr("dog.cli.hooks_command.build_runtime", lambda: nullcontext(runtime))
    return runtime


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "dog.toml").write_text(TOML)
    return str(tmp_path / "dog.toml")


def invoke(*words: str, given: str = "", tenant: str = "default") -> Result:
    """Run `dog hooks` within this process."""
    return CliRunner().invoke(hooks, words, obj=tenant, input=given)


def test_a_hook_is_published_listed_and_removed(server: Runtime, path: str) -> None:
    published = invoke("publish", path, "shop")
    again = invoke("publish", path, "shop")
    renewed = invoke("publish", path, "shop", "--new-secret")
    listed = invoke("list")
    removed = invoke("remove", "shop")

    assert published.stdout.startswith("shop: standard, POST https://HOST/v1/hooks/shop\nsecret, shown once: whsec_")
    assert again.stdout.splitlines()[1:] == ["secret as before"]
    assert "shown once: whsec_" in renewed.stdout
    assert listed.stdout.startswith("shop: standard, POST https://HOST/v1/hooks/shop  since 2026-11-20T12:00:00")
    assert "whsec_" not in listed.stdout
    assert (removed.stdout, invoke("list").stdout) == ("removed shop\n", "")


def test_the_secret_of_a_sender_is_read_from_a_file_or_stdin_and_never_printed(
    server: Runtime, path: str, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("the client secret of the app\n")
    by_file = invoke("publish", path, "crm", "--secret-file", str(tmp_path / "secret"))
    by_stdin = invoke("publish", path, "crm", "--secret-file", "-", given="another client secret\n")
    hook = read_hook(server.redis, "crm")

    assert (by_file.exit_code, by_stdin.exit_code) == (0, 0)
    assert hook is not None
    assert hook.secret == "another client secret"
    assert "client secret" not in by_file.stdout + by_stdin.stdout


def test_what_cannot_be_published_is_refused_in_one_sentence(server: Runtime, path: str, tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text("")
    found = [
        invoke("publish", path, "nope").exception,
        invoke("publish", str(tmp_path / "none.toml")).exception,
        invoke("publish", path, "crm").exception,
    ]

    assert all(isinstance(error, InvalidInput) for error in found)
    assert str(found[0]) == "dog.toml has no table [hooks.nope]; it has crm, shop"
    assert str(found[1]) == "none.toml has no hooks; write a table [hooks.NAME]"
    assert isinstance(invoke("remove", "crm").exception, NotFound)
    assert invoke("publish", path, "--secret-file", "-", given="x").exit_code == 2
