"""`dog recommend`: a ranked list in the terminal, of a contact's products or of contacts."""

import math
from typing import Any

import click
import orjson
from rich.table import Table

from dog.bootstrap import build_runtime
from dog.cli.terminal import table_console
from dog.services.lists.list_request import EXPLANATIONS, MAX_K, ListRequest
from dog.services.lists.recommend import recommend
from dog.services.lists.recommend_contacts import ContactsRequest, recommend_contacts

COLUMNS = ("#", "product", "score", "models", "consolidated", "x performance", "x feedback", "x rules", "why")


@click.command("recommend")
@click.argument("contact", required=False)
@click.option("--product", help="Rank contacts for this product.")
@click.option("--account", help="Rank the contacts of this account.")
@click.option("--segment", help="Rank only contacts of this segment.")
@click.option("--k", default=10, show_default=True, type=click.IntRange(1, MAX_K), help="How many items at most.")
@click.option("--policy", help="The policy that ranks (the tenant's default).")
@click.option("--explain", type=click.Choice(EXPLANATIONS), default="brief", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the API's answer.")
@click.pass_obj
def recommend_command(
    tenant: str,
    contact: str | None,
    product: str | None,
    account: str | None,
    segment: str | None,
    k: int,
    policy: str | None,
    explain: str,
    as_json: bool,
) -> None:
    """Print a ranked list for CONTACT with its factors, or without CONTACT the contacts that come first.

    Contacts are ranked for --product, or each by its best product. Nothing is counted or stored.
    """
    if contact is not None and (product or account or segment):
        raise click.UsageError("--product, --account and --segment rank contacts: leave CONTACT out")
    with build_runtime() as runtime:
        if contact is None:
            asked = ContactsRequest(
                product_id=product, account_id=account, segment=segment, k=k, policy=policy, explain=explain
            )
            body = recommend_contacts(runtime, tenant, asked)
        else:
            request = ListRequest(contact, k=k, policy=policy, explain=explain, dry_run=True)
            body = recommend(runtime, tenant, request).body
    if as_json:
        click.echo(body.decode())
    elif contact is None:
        print_contacts(orjson.loads(body))
    else:
        print_list(orjson.loads(body))


def print_contacts(ranking: dict[str, Any]) -> None:
    """Print ranked contacts as a table: one contact per row, with the product and why."""
    console = table_console(140)
    title = f"contacts, {_versions(ranking)}"
    table = Table(title=title, title_justify="left")
    for name in ("#", "contact", "account", "product", "score", "why"):
        table.add_column(name, justify="right" if name in ("#", "score") else "left")
    for item in ranking["items"]:
        told = item["attributes"]
        names = item["contact_id"], told["account"] or "", item["product_id"]
        table.add_row(str(item["rank"]), *names, f"{item['score']:.4f}", told["rationale"])
    console.print(table)
    for note in ranking["notes"]:
        console.print(f"note: {note}")


def _versions(answer: dict[str, Any]) -> str:
    return f"policy {answer['policy']}, multipliers {answer['multiplier_version'] or 'not computed yet'}"


def print_list(decision: dict[str, Any]) -> None:
    """Print a decision as a table: one item per row, with the factors whose product is the score."""
    console = table_console(140)
    title = f"contact {decision['contact_id']}, {_versions(decision)}"
    table = Table(title=title, title_justify="left")
    for name in COLUMNS:
        table.add_column(name, justify="left" if name in ("product", "models", "why") else "right")
    for item in decision["items"]:
        table.add_row(*_cells(item))
    console.print(table)
    for note in decision.get("notes", []):
        console.print(f"note: {note}")
    for excluded in decision.get("excluded", [])[:20]:
        console.print(f"not offered: {excluded['product_id']} ({excluded['rule_id']}: {excluded['reason']})")


def _cells(item: dict[str, Any]) -> list[str]:
    factors = item.get("factors")
    if factors is None:
        return [str(item["rank"]), item["product_id"], f"{item['score']:.4f}", "", "", "", "", "", ""]
    models = ", ".join(f"{name} {model['calibrated']:.3f}" for name, model in factors["models"].items())
    performance = factors["performance"]
    won = f" ({performance['wins']}/{performance['pitches']})" if performance["pitches"] else ""
    feedback = factors["streak"] * factors["market"] * factors["business"] * factors["clamp"]
    rules = math.prod(rule["factor"] for rule in factors["rules"])
    return [
        str(item["rank"]),
        item["product_id"],
        f"{item['score']:.4f}",
        models,
        f"{factors['consolidated']:.4f}",
        f"{performance['multiplier']:.3f}{won}",
        f"{feedback:.3f}",
        f"{rules:.3f}",
        item["attributes"]["rationale"],
    ]
