from tests.cli.conftest import Command


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
