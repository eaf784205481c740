"""`dog mcp`: tools for an MCP client, over stdin and stdout."""

import click

from dog.bootstrap import build_runtime
from dog.errors import InvalidInput
from dog.extras import install_extra
from dog.process_setup import REQUEST_SECONDS


@click.command()
@click.pass_obj
def mcp(tenant: str) -> None:
    """Serve tools to an MCP client over stdin and stdout: recommend, why_not, pair_ledger, record_feedback."""
    try:
        from dog.mcp_server import build_server  # noqa: PLC0415  # its packages are optional
    except ImportError:
        raise InvalidInput(f"the MCP server needs its SDK; install it: {install_extra('mcp')}") from None
    with build_runtime(timeout_seconds=REQUEST_SECONDS) as runtime:
        runtime.store(tenant)
        build_server(runtime, tenant).run("stdio")
