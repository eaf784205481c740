"""Each badly configured Redis is refused at the start with one line that says how to fix it."""

from pathlib import Path

import pytest

from dog.bootstrap import build_runtime
from dog.errors import InvalidSettings, StoreError, StoreRefused, StoreUnavailable
from dog.storage.connection import connect
from tests.servers import cluster_url, running, running_cluster, running_pair

STRICT = ("--appendonly", "yes", "--appendfsync", "always")
RULES = Path(__file__).parents[2] / "rules"


def start(url: str, folder: Path, durability: str = "strict") -> str:
    """Start on a Redis, as every command does; the profile that holds."""
    given = {"DOG_REDIS_URL": url, "DOG_DURABILITY": durability, "DOG_POLICY_DIR": str(RULES)}
    runtime = build_runtime({**given, "DOG_DATA_DIR": str(folder)})
    profile = runtime.durability.profile
    runtime.close()
    return profile


def refusal(url: str, folder: Path, durability: str = "strict") -> StoreError:
    with pytest.raises(StoreError) as raised:
        start(url, folder, durability)
    assert "\n" not in raised.value.message
    return raised.value


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        ((*STRICT, "--maxmemory-policy", "allkeys-lru"), "set maxmemory-policy noeviction"),
        (("--appendonly", "no"), "set appendonly yes"),
    ],
)
def test_a_redis_that_loses_data_is_refused_unless_volatile_is_said(
    arguments: tuple[str, ...], fix: str, tmp_path: Path
) -> None:
    with running(tmp_path / "server", *arguments) as server:
        refused = refusal(server.url, tmp_path)
        accepted = start(server.url, tmp_path, "volatile")

    assert isinstance(refused, StoreRefused)
    assert fix in refused.message
    assert accepted == "volatile"


def test_everysec_under_strict_goes_on_as_standard_and_says_what_to_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(tmp_path / "server", "--appendonly", "yes", "--appendfsync", "everysec") as server:
        profile = start(server.url, tmp_path)

    assert profile == "standard"
    assert "set appendfsync always" in capsys.readouterr().err


def test_a_replica_is_refused_under_every_profile(tmp_path: Path) -> None:
    with running_pair(tmp_path) as (_, replica):
        refused = [refusal(replica.url, tmp_path, profile) for profile in ("strict", "volatile")]

    assert all("name the primary in DOG_REDIS_URL" in error.message for error in refused)


def test_a_user_without_the_commands_that_are_needed_is_refused_by_name_of_the_command(tmp_path: Path) -> None:
    with running(tmp_path / "server", *STRICT) as server:
        with server.connect() as client:
            client.acl_setuser(
                "app", enabled=True, passwords=["+secret"], keys=["*"], commands=["+@all", "-evalsha", "-config"]
            )
        url = server.url.replace("redis://", "redis://app:secret@")
        refused = refusal(url, tmp_path)
        with server.connect() as client:
            client.execute_command("ACL", "SETUSER", "app", *refused.message.split(" NAME ")[1].split())
        fixed = start(url, tmp_path)

    assert isinstance(refused, StoreRefused)
    assert "may not run evalsha" in refused.message
    assert fixed == "standard"  # CONFIG stays forbidden


def test_a_wrong_password_is_told_as_such(tmp_path: Path) -> None:
    with running(tmp_path / "server", *STRICT, "--requirepass", "right") as server:
        refused = refusal(server.url.replace("redis://", "redis://:wrong@"), tmp_path)

    assert isinstance(refused, StoreUnavailable)
    assert "password of DOG_REDIS_URL" in refused.message


def test_a_node_of_a_cluster_under_a_plain_url_is_refused(tmp_path: Path) -> None:
    with running_cluster(tmp_path) as servers:
        refused = refusal(servers[0].url, tmp_path, "standard")
        taken = start(cluster_url(servers), tmp_path, "standard")

    assert "write redis+cluster:// in DOG_REDIS_URL" in refused.message
    assert taken == "standard"


def test_a_database_number_under_a_cluster_url_is_a_bad_setting() -> None:
    with pytest.raises(InvalidSettings, match="a cluster has one database; take /3 off"):
        connect("redis+cluster://127.0.0.1:6379/3")
