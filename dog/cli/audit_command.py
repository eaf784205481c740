"""`dog audit`: who changed what, when."""

import click
import orjson

from dog.bootstrap import build_runtime
from dog.storage.audit_log import KEPT_AUDIT_ENTRIES, read_audit_entries


@click.command()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, KEPT_AUDIT_ENTRIES), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def audit(tenant: str, limit: int, as_json: bool) -> None:
    """List who changed what, when, and from where, newest first."""
    with build_runtime() as runtime:
        runtime.store(tenant)
        found = read_audit_entries(runtime.redis, tenant, limit)
    for _, entry in found:
        if as_json:
            click.echo(orjson.dumps(entry))
            continue
        who = f"{entry['who']} ({entry['name']})" if entry["name"] else entry["who"]
        more = " ".join(f"{name}={value}" for name, value in entry["details"].items())
        click.echo(f"{entry['at']}  {who}  {entry['source']}  {entry['act']} {entry['target']} {more}".rstrip())
