"""`dog tenants` within this process: the number of partitions is chosen once, and can grow."""

import re
from contextlib import nullcontext

import pytest
from click.testing import CliRunner, Result

from dog.cli.tenants_command import tenants
from dog.errors import Conflict
from dog.services.data.import_rows import import_rows
from dog.services.runtime import Runtime
from dog.storage.schema import mark_repartitioning
from dog.storage.store import find_tenant
from tests.conftest import CONTACTS


def invoke(*words: str) -> Result:
    return CliRunner().invoke(tenants, words, obj="default")


@pytest.fixture(autouse=True)
def server(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """Let the command use this test's server."""
    runtime.wait = lambda _: None
    monkeypatch.setattr("dog.cli.tenants_command.build_runtime", lambda **_: nullcontext(runtime))
    return runtime


def test_a_tenant_is_created_with_64_or_1024_partitions(server: Runtime) -> None:
    assert [invoke("create", "small").exit_code, invoke("create", "big", "--partitions", "1024").exit_code] == [0, 0]
    assert [find_tenant(server.redis, name).partition_count for name in ("small", "big")] == [64, 1024]
    assert server.store("big", create=True).tenant.partition_count == 1024
    assert isinstance(invoke("create", "big").exception, Conflict)
    assert invoke("create", "odd", "--partitions", "100").exit_code == 2


def test_a_tenant_is_moved_to_1024_partitions(server: Runtime) -> None:
    invoke("create", "shop")
    import_rows(server.store("shop"), "contacts", CONTACTS, server.settings.zone)
    moved = invoke("repartition", "shop")
    listed = invoke("list").output

    assert re.search(r"tenant shop has 1024 partitions instead of 64; [23] keys were checked\n$", moved.output)
    assert listed.split() == ["shop", "1024", "partitions"]


def test_a_move_that_was_stopped_is_listed(server: Runtime) -> None:
    invoke("create", "shop")
    mark_repartitioning(server.redis, "shop", 64, 1024)

    assert "being moved to 1024" in invoke("list").output
    assert invoke("repartition", "shop").exit_code == 0
    assert "being moved" not in invoke("list").output
