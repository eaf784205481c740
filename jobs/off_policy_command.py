"""`python -m jobs off-policy`: what another policy would have won, from a log with propensities."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table


@click.command("off-policy")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--clip", type=click.FloatRange(min=0, min_open=True), help="Largest weight; else the root of the rows.")
@click.option("--seed", default=0, show_default=True)
def off_policy_command(file: Path, clip: float | None, seed: int) -> None:
    """Estimate what a policy would have won, from rows of contact_id, reward, propensity and its chance."""
    # half a second to import, which the other commands save
    from dog.offline.off_policy.estimate_from_file import estimate_from_file  # noqa: PLC0415
    from dog.offline.report_page import format_estimate  # noqa: PLC0415

    with Console(stderr=True).status("reading and drawing contacts"):
        found = estimate_from_file(file, clip, seed)
    table = Table("estimator", "reward a row, 95% interval", "less what was won")
    for method, estimate in found.estimates.items():
        table.add_row(method, format_estimate(estimate, 4), format_estimate(found.gains[method], 4))
    Console(width=None if Console().is_terminal else 120).print(table)
    click.echo(
        f"won a row: {found.logged:.4f}; {found.rows:,} rows of {found.contacts:,} contacts, worth "
        f"{found.effective_rows:,.0f} rows of equal weight; weights average {found.mean_weight:.2f}, "
        f"{found.clipped:.1%} clipped at {found.clip:.3g}"
    )
