"""A curve in words: warnings, what moves, which contacts fade next, what changes in lists."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from babel.dates import format_timedelta

from dog.console.texts import N_, _, locale, ngettext, number, percent
from dog.core.learning.lap_pace import SOON_WEEKS
from dog.services.publishing.recursion_outlook import RecursionOutlook

WARNINGS = {
    "order_broken": N_("At a win rate of %(rate)s more wins count for less."),
    "bounds_broken": N_(
        "At a win rate of %(rate)s it boosts where it should reduce, or reduces where it should boost."
    ),
}
FAR_DAYS = 36_525


def warning_sentences(warnings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return where a curve breaks order or bounds, each place once, in words."""
    found = [
        _(WARNINGS[one["code"]], rate=percent(one["win_rate"], "#,##0.# %"))
        + (f" {ngettext('After %(n)s fade.', 'After %(n)s fades.', one['recursions'])}" if one["recursions"] else "")
        for one in warnings
    ]
    return list(dict.fromkeys(found))


def move_sentence(moves: Mapping[str, Any], max_step: float) -> str:
    """Return how many multipliers the next recompute moves, as `preview_moves` answers."""
    said = _(
        "The next recompute moves %(moved)s of %(pairs)s multipliers: %(up)s up, %(down)s down.",
        moved=number(moves["up"] + moves["down"]),
        **{name: number(moves[name]) for name in ("pairs", "up", "down")},
    )
    if moves["up"] + moves["down"]:
        largest = _(
            "The largest move is ×%(largest)s; a week allows ×%(step)s.",
            largest=number(moves["largest"]),
            step=number(max_step),
        )
        said = f"{said} {largest}"
    return said


def fade_sentences(outlook: RecursionOutlook, laps: int, scope: str) -> Iterator[str]:
    """Yield how long some laps take at the tenant's pace, and who fades next by the live settings."""
    pace = outlook.pace
    if not pace.recent:
        yield _("No list was served in the last four weeks: nothing fades at this pace.")
    else:
        rate = pace.of_contact if scope == "contact" else pace.of_tenant
        values = {"laps": number(laps), "rate": number(rate, "#,##0.#"), "time": _about(7 * laps / rate)}
        yield (
            _("Lists of a contact each week: %(rate)s. %(laps)s lists take %(time)s.", **values)
            if scope == "contact"
            else _("Lists of all contacts each week: %(rate)s. %(laps)s lists take %(time)s.", **values)
        )
    yield from _next_fades(outlook)


def _next_fades(outlook: RecursionOutlook) -> Iterator[str]:
    pace = outlook.pace
    if outlook.is_off:
        yield _("Fading is switched off: its strength is 0.")
    elif outlook.scope == "tenant":
        if pace.tenant_reached:
            yield _("The next recompute fades the pairs of every contact.")
        else:
            yield ngettext(
                "The pairs of every contact fade after %(n)s more list.",
                "The pairs of every contact fade after %(n)s more lists.",
                pace.tenant_to_go,
            )
    else:
        if pace.reached:
            yield ngettext(
                "The next recompute fades the pairs of %(n)s contact.",
                "The next recompute fades the pairs of %(n)s contacts.",
                pace.reached,
            )
        yield ngettext(
            "%(n)s contact will fade within %(weeks)s weeks.",
            "%(n)s contacts will fade within %(weeks)s weeks.",
            pace.soon,
            weeks=SOON_WEEKS,
        )


def next_contacts(outlook: RecursionOutlook) -> list[dict[str, Any]]:
    """Return the contacts that fade next: id, lists to go, and the time that takes."""
    if outlook.is_off or outlook.scope == "tenant":
        return []
    return [{"contact_id": name, "to_go": near.to_go, "time": _about(7 * near.weeks)} for name, near in outlook.shown]


def _about(days: float) -> str:
    """Return about how long some days are: 3 weeks."""
    if days >= FAR_DAYS:
        return _("over 100 years")
    return format_timedelta(timedelta(days=max(days, 1)), threshold=1.5, locale=locale())
