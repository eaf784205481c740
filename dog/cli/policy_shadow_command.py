"""`dog policy shadow`: how the lists of a shadow policy differ from those served."""

from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

from dog.bootstrap import build_runtime
from dog.offline.proof.shadow_report import report_shadow
from dog.storage.policy_versions import read_default_policy


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@click.pass_obj
def shadow(tenant: str, name: str | None, *, as_json: bool) -> None:
    """Compare the lists that policy NAME, or the default one, served with those of its challenger."""
    with build_runtime() as runtime:
        found = report_shadow(runtime, tenant, name or read_default_policy(runtime.store(tenant)))
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
        return
    alike = "-" if found["rank_correlation"] is None else f"{found['rank_correlation']:.3f}"
    click.echo(
        f"policy {found['policy']} {found['policy_version']}, in its shadow {found['challenger']} "
        f"{found['challenger_version']}\n"
        f"{found['lists_changed']} of {found['lists']} lists of {found['contacts']} contacts differ; "
        f"{found['overlap']:.1%} of the places are held by both; rank correlation {alike}"
    )
    for what in ("products", "categories"):
        for side in ("gain", "lose"):
            told = ", ".join(f"{key} {count:+}" for key, count in found[what][side].items())
            if told:
                click.echo(f"{what} that {side}: {told}")
    _print_wins(found)


def _print_wins(found: dict[str, Any]) -> None:
    wins, more = found["wins"], found["held_more"]
    table = Table("held by", "wins", title="wins after these lists", title_justify="left")
    names = {"both": "both lists", "served": "the served one", "challenger": "the challenger's", "neither": "neither"}
    for held_by, told in names.items():
        table.add_row(told, f"{wins[held_by]:,}")
    Console().print(table)
    if more["low"] is None:
        click.echo("too few contacts have won since to tell which list held more of it")
        return
    weeks = "too few weeks"
    if more["week_low"] is not None:
        weeks = f"by weeks {more['week_low']:+.1%} to {more['week_high']:+.1%}"
    click.echo(
        f"the challenger's lists held {more['value']:+.1%} of the wins more than those served "
        f"(95% by contacts {more['low']:+.1%} to {more['high']:+.1%}, {weeks}); being served helps a product, "
        "so a tie speaks for the challenger"
    )
