"""One pair's ledger on a page: its weeks as a picture and a table, and a sentence why it stands where it stands."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from dog.services.pair_ledger import LedgerWeek, PairLedger

UP, DOWN = "#0b62a8", "#b34700"
PAST = {"accept": "accepted", "discard": "discarded", "restructure": "restructured"}


def tell_ledger(ledger: PairLedger) -> Any:
    """Lay a pair's story out."""
    contact = ledger.contact.get("name") or ledger.contact.get("contact_id")
    product = ledger.product.get("name") or ledger.product.get("product_id")
    parts = [
        html.H2(f"{product} for {contact}"),
        html.P(_why(ledger.now, ledger.carried)),
        dcc.Graph(
            figure=_figure(ledger.weeks),
            config={"displayModeBar": False, "responsive": True},
            style={"height": "280px"},
        )
        if ledger.weeks
        else None,
        _table(ledger.weeks),
    ]
    return html.Section(parts, className="card below", id="ledger")


def _why(now: Mapping[str, Any] | None, carried: Mapping[str, int]) -> str:
    """Say in plain words what the multiplier is made from."""
    if now is None:
        return "No version tells of this pair yet."
    curve = now["arm"] if now["drm"] is None else now["drm"]
    side = "ARM" if now["drm"] is None else "DRM"
    said = (
        f"{now['wins']} wins, {now['losses']} losses and {now['pending']} pending of {now['pitches']} pitches. "
        f"With the product's own record ({now['prior']:.1%}) that reads as a win rate of {now['win_rate']:.1%}, "
        f"for which the curve gives {side} ×{curve:.2f}; exploration makes it ×{now['explore']:.2f}, the weekly step "
        f"×{now['step']:.2f}: the multiplier is ×{now['multiplier']:.2f}, and what was said of it lately (the streak) "
        f"×{now['streak']:.2f}."
    )
    if now["recursions"]:
        said += f" {now['recursions']} recursions have damped it in {now['laps']:,} laps."
    if carried["wins"] or carried["losses"]:
        said += f" {carried['wins']} wins and {carried['losses']} losses are of archived weeks."
    return said


def _figure(weeks: Sequence[LedgerWeek]) -> dict[str, Any]:
    names = [week.week for week in weeks]
    shares = [week.win_rate for week in weeks]

    def known(value: float) -> float | None:
        return None if math.isnan(value) else value

    reach = {
        "type": "data",
        "symmetric": False,
        "array": [known(one.high - one.value) for one in shares],
        "arrayminus": [known(one.value - one.low) for one in shares],
        "thickness": 1,
        "width": 4,
    }
    rate = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "win rate so far",
        "x": names,
        "y": [known(one.value) for one in shares],
        "error_y": reach,
        "line": {"color": DOWN, "dash": "dash", "width": 2},
        "marker": {"symbol": "square", "size": 7},
    }
    multiplier = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "multiplier",
        "yaxis": "y2",
        "x": names,
        "y": [week.multiplier for week in weeks],
        "line": {"color": UP, "width": 2},
        "marker": {"size": 8},
    }
    layout = {
        "height": 280,
        "margin": {"l": 60, "r": 60, "t": 8, "b": 40},
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": "#5a6577"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "y": 1.14, "x": 0},
        "xaxis": {"type": "category", "automargin": True},
        "yaxis": {"tickformat": ".0%", "range": [0, 1.02], "gridcolor": "#eef1f5", "title": {"text": "win rate"}},
        "yaxis2": {
            "overlaying": "y",
            "side": "right",
            "rangemode": "tozero",
            "showgrid": False,
            "tickmode": "auto",
            "title": {"text": "multiplier"},
        },
    }
    return {"data": [rate, multiplier], "layout": layout}


def _table(weeks: Sequence[LedgerWeek]) -> Any:
    if not weeks:
        return html.P("Nothing has happened yet.", className="quiet")
    rows = []
    for week in reversed(weeks):
        rate = week.win_rate
        seen = "–" if not rate.of else f"{rate.value:.0%} ({rate.low:.0%} to {rate.high:.0%})"
        said = ", ".join(f"{count} {PAST[name]}" for name, count in week.verdicts.items())
        cells = [str(count) for count in (week.pitched, week.won, week.lost)]
        rows.append(
            html.Tr(
                [
                    html.Td(week.week, className="tight"),
                    *(html.Td(cell, className="n") for cell in cells),
                    html.Td(said),
                    html.Td(f"{week.wins} of {week.wins + week.losses}, {week.pending} pending", className="n"),
                    html.Td(seen, className="n"),
                    html.Td("" if week.multiplier is None else f"×{week.multiplier:.2f}", className="n"),
                ]
            )
        )
    head = ("week", "pitches", "wins", "losses", "said", "won so far", "win rate (95%)", "multiplier")
    right = {"pitches", "wins", "losses", "won so far", "win rate (95%)", "multiplier"}
    heads = html.Tr([html.Th(name, className="n" if name in right else "") for name in head])
    return html.Div(html.Table([html.Thead(heads), html.Tbody(rows)], className="plain"), className="scrolls")
