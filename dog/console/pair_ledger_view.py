"""One pair's ledger: its weeks as a chart and a table, and a sentence that explains its multiplier."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dog.console.chart import Axis, Chart, Series, dash_chart, share_line
from dog.console.widgets import count, table
from dog.services.pairs.pair_ledger import LedgerWeek, PairLedger

HEADS = ("week", "pitches", "wins", "losses", "said", "won so far", "win rate (95%)", "multiplier")
NUMERIC = frozenset(HEADS) - {"week", "said"}
PAST_TENSE = {"accept": "accepted", "discard": "discarded", "restructure": "restructured"}


def show_ledger(ledger: PairLedger) -> Any:
    """Show a pair's ledger."""
    contact = ledger.contact.get("name") or ledger.contact.get("contact_id")
    product = ledger.product.get("name") or ledger.product.get("product_id")
    parts = [
        html.H2(f"{product} for {contact}"),
        html.P(_why(ledger.now, ledger.carried)),
        _chart(ledger.weeks) if ledger.weeks else None,
        _table(ledger.weeks),
    ]
    return html.Section(parts, className="card below", id="ledger")


def _why(now: Mapping[str, Any] | None, carried: Mapping[str, int]) -> str:
    """Explain what the multiplier is computed from."""
    if now is None:
        return "No version tells of this pair yet."
    said = (
        f"{count(now['wins'], 'win')}, {count(now['losses'], 'loss')} and {now['pending']} pending "
        f"of {count(now['pitches'], 'pitch')}. "
    )
    said += _by_expected(now) if now["odds"] is not None else _by_rate(now)
    said += f" Verdicts on it (the streak) make it ×{now['streak']:.2f}."
    if now["recursions"]:
        said += f" Damped by {count(now['recursions'], 'recursion')} in {count(now['laps'], 'lap')}."
    if carried["wins"] or carried["losses"]:
        said += f" Of archived weeks: {count(carried['wins'], 'win')} and {count(carried['losses'], 'loss')}."
    return said


def _by_expected(now: Mapping[str, Any]) -> str:
    return (
        f"Of the evidence, {now['evidence_wins']:.1f} pitches were won and {now['expected']:.2f} expected: "
        f"ratio ×{now['pair_ratio']:.2f}, its product's ×{now['product_ratio']:.2f}. With the trust that records have "
        f"earned, and the weekly step ×{now['step']:.2f}, the odds are multiplied by ×{now['odds']:.2f}."
    )


def _by_rate(now: Mapping[str, Any]) -> str:
    curve, side = (now["arm"], "ARM") if now["drm"] is None else (now["drm"], "DRM")
    return (
        f"With the product's own record ({now['prior']:.1%}) that reads as a win rate of {now['win_rate']:.1%}, "
        f"for which the curve gives {side} ×{curve:.2f}; exploration makes it ×{now['explore']:.2f}, the weekly step "
        f"×{now['step']:.2f}: the multiplier is ×{now['multiplier']:.2f}."
    )


def _chart(weeks: Sequence[LedgerWeek]) -> Any:
    rate = share_line("win rate so far", [week.win_rate for week in weeks], "down")
    multipliers = [week.multiplier for week in weeks]
    line = Series(name="multiplier", kind="line", look="up", y=multipliers, side="right", dots=True)
    drawn = Chart(
        label="Win rate so far and multiplier, week by week; the table below has the numbers",
        series=[rate, line],
        left=Axis("share", "win rate", top=1.02),
        right=Axis("times", "multiplier"),
        names=[week.week for week in weeks],
    )
    return dash_chart(drawn)


def _table(weeks: Sequence[LedgerWeek]) -> Any:
    if not weeks:
        return html.P("Nothing has happened yet.", className="quiet")
    return table(HEADS, [_row(week) for week in reversed(weeks)], numeric=NUMERIC)


def _row(week: LedgerWeek) -> list[Any]:
    rate = week.win_rate
    interval = "–" if not rate.of else f"{rate.value:.0%} ({rate.low:.0%} to {rate.high:.0%})"
    verdicts = ", ".join(f"{number} {PAST_TENSE[name]}" for name, number in week.verdicts.items())
    return [
        html.Td(week.week, className="tight"),
        *(html.Td(str(number), className="n") for number in (week.pitched, week.won, week.lost)),
        html.Td(verdicts),
        html.Td(f"{week.wins} of {week.wins + week.losses}, {week.pending} pending", className="n"),
        html.Td(interval, className="n"),
        html.Td("" if week.multiplier is None else f"×{week.multiplier:.2f}", className="n"),
    ]
