"""`dog mcp` as an MCP client starts it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.cli.conftest import ROOT, Command
from tests.event_loops import in_a_thread

PRODUCTS = "product_id,name\np1,Fax\np2,Phone\n"
CONTACTS = "contact_id,name\nc1,Ann\n"
SCORES = "contact_id,product_id,model,score,as_of\n" + "".join(
    f"c1,p{n},{model},0.{n},2026-11-01\n" for n in (1, 2) for model in ("frequency", "cf")
)
WIN = {"type": "win", "contact_id": "c1", "product_id": "p1", "occurred_at": "2026-01-20T11:00:00Z"}


@pytest.fixture
def house(run: Command, tmp_path: Path) -> dict[str, str]:
    """Load a few rows with the commands; return the environment of the server."""
    for kind, text in (("products", PRODUCTS), ("contacts", CONTACTS), ("scores", SCORES)):
        (tmp_path / f"{kind}.csv").write_text(text)
        assert run("dog", "load", kind, str(tmp_path / f"{kind}.csv")).returncode == 0
    return {"DOG_DATA_DIR": str(tmp_path / "var"), "DOG_POLICY_DIR": str(ROOT / "rules")}


def test_a_client_lists_and_calls_the_tools_over_stdio(house: dict[str, str], tmp_path: Path) -> None:
    async def converse() -> tuple[set[str], list[Any]]:
        parameters = StdioServerParameters(command=sys.executable, args=["-m", "dog", "mcp"], env=house, cwd=ROOT)
        with (tmp_path / "stderr").open("w") as log:
            async with Client(stdio_client(parameters, errlog=log)) as client:
                tools = {tool.name for tool in (await client.list_tools()).tools}
                calls = [("recommend", {"contact_id": "c1"}), *[("record_feedback", WIN)] * 2, ("recommend", {})]
                return tools, [await client.call_tool(name, arguments) for name, arguments in calls]

    tools, (listed, first, again, refused) = in_a_thread(converse())

    assert tools == {"recommend", "why_not", "pair_ledger", "record_feedback"}
    assert [item["product_id"] for item in json.loads(listed.content[0].text)["items"]] == ["p2", "p1"]
    assert [json.loads(it.content[0].text)["status"] for it in (first, again)] == ["accepted", "duplicate"]
    assert (refused.is_error, refused.content[0].text) == (True, "contact_id: Field required")


def test_an_unknown_tenant_is_refused_before_anything_is_served(run: Command) -> None:
    ended = run("dog", "--tenant", "nope", "mcp")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "tenant 'nope'" in ended.stderr
