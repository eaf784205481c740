"""`python -m dog recommend`: a ranked list in the terminal."""

from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

from dog.bootstrap import build_runtime
from dog.services.lists.list_request import MAX_K, ListRequest
from dog.services.lists.recommend import recommend


@click.command("recommend")
@click.argument("contact")
@click.option("--k", default=10, show_default=True, type=click.IntRange(1, MAX_K), help="How many items at most.")
@click.option("--policy", default="recommended", show_default=True)
@click.option("--explain", type=click.Choice(["none", "brief", "full"]), default="brief", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the API's answer.")
@click.pass_obj
def recommend_command(options: Any, contact: str, k: int, policy: str, explain: str, as_json: bool) -> None:
    """Print a ranked list for CONTACT with its factors; nothing is counted or stored."""
    runtime = build_runtime()
    try:
        request = ListRequest(contact, k=k, policy=policy, explain=explain, dry_run=True)
        body = recommend(runtime, options.tenant, request).body
    finally:
        runtime.close()
    if as_json:
        click.echo(body.decode())
    else:
        print_list(orjson.loads(body))


def print_list(decision: dict[str, Any]) -> None:
    """Print a decision as a table, one line an item, factors that multiply to the score."""
    console = Console(width=None if Console().is_terminal else 140)
    title = (
        f"contact {decision['contact_id']}, policy {decision['policy']}, multipliers {decision['multiplier_version']}"
    )
    table = Table(title=title, title_justify="left")
    for name in (
        "#",
        "product",
        "score",
        "models",
        "consolidated",
        "x performance",
        "x feedback",
        "x rules",
        "why",
    ):
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
    feedback = factors["streak"] * factors["discomfort"] * factors["market"] * factors["business"] * factors["clamp"]
    rules = 1.0
    for rule in factors["rules"]:
        rules *= rule["factor"]
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
