from contextlib import nullcontext

import pytest
from click.testing import CliRunner, Result

from dog.cli.keys_command import keys
from dog.errors import InvalidInput
from dog.services.runtime import Runtime
from dog.storage.api_keys import list_keys
from tests.cli.conftest import Command


def invoke(*words: str) -> Result:
    """Run `dog keys` within this process."""
    return CliRunner().invoke(keys, words, obj="default")


@pytest.fixture
def server(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """Let the command use this test's server."""
    monkeypatch.setattr("dog.cli.keys_command.build_runtime", lambda: nullcontext(runtime))
    return runtime


def test_a_key_is_printed_once_as_the_only_line(run: Command) -> None:
    made = run("dog", "keys", "create", "--name", "crm", "--scopes", "recommend,read")
    listed = run("dog", "keys", "list").stdout

    assert made.stdout.startswith("dog_")
    assert made.stdout.count("\n") == 1
    assert "crm" in listed
    assert made.stdout.strip() not in listed


def test_a_revoked_key_is_listed_as_such(run: Command) -> None:
    key_id = run("dog", "keys", "create").stdout.split("_")[1]

    assert run("dog", "keys", "revoke", key_id).returncode == 0
    assert "revoked" in run("dog", "keys", "list").stdout
    assert run("dog", "keys", "revoke", "nope").returncode == 1


@pytest.mark.parametrize(
    "expires", ["2037-01-01", "2037-01-01T00:00:00", "2037-01-01T00:00:00Z", "2037-01-01T01:00:00+01:00"]
)
def test_a_day_and_a_time_with_or_without_offset_are_dates_of_expiry(server: Runtime, expires: str) -> None:
    made = invoke("create", "--expires", expires)

    assert made.exit_code == 0, made.output
    assert [key.expires_at for key in list_keys(server.redis, "default")] == ["2037-01-01T00:00:00+00:00"]


@pytest.mark.parametrize(
    ("expires", "says"),
    [
        ("2020-01-01", "is in the past"),
        ("2020-01-01T00:00:00Z", "is in the past"),
        ("tomorrow", "write it as 2027-01-01"),
        ("", "write it as 2027-01-01"),
        ("2037-02-30", "write it as 2027-01-01"),
    ],
)
def test_another_date_of_expiry_is_wrong_usage(expires: str, says: str) -> None:
    refused = invoke("create", "--expires", expires)

    assert refused.exit_code == 2
    assert says in refused.output


@pytest.mark.parametrize(
    "name", ["a\n0123456789ab  valid    admin", "a\rb", "a\x1b[2Jb", "a\u2028b", "a\u202eb", "x" * 257]
)
def test_a_name_that_would_forge_a_line_is_refused(server: Runtime, name: str) -> None:
    refused = invoke("create", "--name", name)

    assert isinstance(refused.exception, InvalidInput)
    assert "printable" in refused.exception.message
    assert list_keys(server.redis, "default") == []
