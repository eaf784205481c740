"""One pair's ledger in words: its weeks as a chart and a table, and sentences that explain its multiplier."""

from collections.abc import Mapping, Sequence
from typing import Any

from dog.console.chart import Axis, Chart, Series, share_line
from dog.console.texts import _, ngettext, number, percent
from dog.services.pairs.pair_ledger import LedgerWeek, PairLedger


def describe_ledger(ledger: PairLedger) -> dict[str, Any]:
    """Return a pair's ledger for the template."""
    contact = ledger.contact.get("name") or ledger.contact.get("contact_id")
    product = ledger.product.get("name") or ledger.product.get("product_id")
    return {
        "title": _("%(product)s for %(contact)s", product=product, contact=contact),
        "why": _why(ledger.now, ledger.carried),
        "chart": _chart(ledger.weeks) if ledger.weeks else None,
        "weeks": [_week(week) for week in reversed(ledger.weeks)],
    }


def _why(now: Mapping[str, Any] | None, carried: Mapping[str, int]) -> list[str]:
    """Return what the multiplier is computed from, sentence by sentence."""
    if now is None:
        return [_("No version knows this pair yet.")]
    counts = {name: number(now[name]) for name in ("wins", "losses", "pending")}
    said = [
        ngettext(
            "Of %(n)s pitch %(wins)s won, %(losses)s lost, %(pending)s open.",
            "Of %(n)s pitches %(wins)s won, %(losses)s lost, %(pending)s open.",
            now["pitches"],
            **counts,
        )
    ]
    said += _by_rate(now) if now["odds"] is None else _by_expected(now)
    if now["streak"] != 1:
        said.append(_("Recent verdicts on it make it ×%(factor)s.", factor=number(now["streak"])))
    if now["recursions"]:
        faded = ngettext("Faded %(n)s time", "Faded %(n)s times", now["recursions"])
        said.append(_("%(faded)s, in %(laps)s lists.", faded=faded, laps=number(now["laps"])))
    if carried["wins"] or carried["losses"]:
        known = {name: number(count) for name, count in carried.items()}
        said.append(_("Of archived weeks: %(wins)s won, %(losses)s lost.", **known))
    return said


def _by_expected(now: Mapping[str, Any]) -> list[str]:
    values = {name: number(now[name]) for name in ("expected", "pair_ratio", "product_ratio", "step", "odds")}
    won = number(now["evidence_wins"], "#,##0.#")
    return [
        _("What counts today: %(won)s won where %(expected)s were expected.", won=won, **values),
        _("That reads as ×%(pair_ratio)s for the pair and ×%(product_ratio)s for its product.", **values),
        _(
            "With the trust that records have earned, and the weekly step ×%(step)s, its odds are multiplied by "
            "×%(odds)s.",
            **values,
        ),
    ]


def _by_rate(now: Mapping[str, Any]) -> list[str]:
    rises = now["drm"] is None
    values = {name: number(now[name]) for name in ("explore", "step", "multiplier")}
    rates = {"prior": percent(now["prior"], "#,##0.# %"), "rate": percent(now["win_rate"], "#,##0.# %")}
    curve = {"curve": number(now["arm"] if rises else now["drm"])}
    return [
        _("With its product's record (%(prior)s) that reads as a win rate of %(rate)s.", **rates),
        _("For that the curve boosts by ×%(curve)s.", **curve)
        if rises
        else _("For that the curve damps by ×%(curve)s.", **curve),
        _("Exploration makes it ×%(explore)s, the weekly step ×%(step)s: the multiplier is ×%(multiplier)s.", **values),
    ]


def _chart(weeks: Sequence[LedgerWeek]) -> Chart:
    rate = share_line(_("win rate so far"), [week.win_rate for week in weeks], "down")
    multipliers = [week.multiplier for week in weeks]
    line = Series(name=_("multiplier"), kind="line", look="up", y=multipliers, side="right", dots=True)
    return Chart(
        label=_("Win rate so far and multiplier, week by week"),
        series=[rate, line],
        left=Axis("share", _("win rate"), top=1.02),
        right=Axis("times", _("multiplier")),
        names=[week.week for week in weeks],
        title=_("week"),
    )


def _week(week: LedgerWeek) -> dict[str, Any]:
    past = {"accept": _("accepted"), "discard": _("discarded"), "restructure": _("changed")}
    return {
        "week": week.week,
        "counts": [week.pitched, week.won, week.lost],
        "verdicts": ", ".join(f"{number(count)} {past[name]}" for name, count in week.verdicts.items()),
        "so_far": _(
            "%(wins)s of %(settled)s, %(open)s open",
            wins=number(week.wins),
            settled=number(week.wins + week.losses),
            open=number(week.pending),
        ),
        "multiplier": week.multiplier,
    }
