"""Charts of the versions: trust over time, how multipliers are spread, and whether scores came true."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from dog.console.chart import Axis, Chart, Series
from dog.console.texts import _, ngettext, number, percent
from dog.core.iso_weeks import format_week
from dog.storage.multiplier_versions import MultiplierVersion


def draw_learning(versions: Sequence[MultiplierVersion], policy: str) -> Chart | None:
    """Draw trust in products and pairs, and the share of evidence that new scores know, of the last version a week.

    `versions` are newest first. None where the policy learns no trust.
    """
    by_week = {one.week: one.policies[policy] for one in reversed(versions) if policy in one.policies}
    if not any("trust" in known for known in by_week.values()):
        return None
    trust = [known.get("trust", {}) for known in by_week.values()]
    known = [one.get("absorbed_share") for one in by_week.values()]
    return Chart(
        label=_("Trust and evidence known to new scores, by week"),
        series=[
            Series(name=_("evidence the new scores know"), kind="line", look="quiet", y=known, dots=True),
            Series(name=_("trust in pairs"), kind="line", look="down", y=[one.get("pair") for one in trust], dots=True),
            Series(
                name=_("trust in products"), kind="line", look="up", y=[one.get("product") for one in trust], dots=True
            ),
        ],
        left=Axis("share", top=1.02),
        names=[format_week(week) for week in by_week],
        title=_("week"),
    )


def draw_spread(summary: Mapping[str, Any]) -> Chart | None:
    """Draw how a version's multipliers are spread; None if the version has no summary."""
    if not summary:
        return None
    bounds = [number(bound) for bound in summary["spread_bounds"]]
    names = [f"≤ {bounds[0]}", *(f"{low}–{high}" for low, high in itertools.pairwise(bounds)), f"> {bounds[-1]}"]
    return Chart(
        label=_("Pairs by multiplier"),
        series=[Series(name=_("pairs"), kind="bars", look="pale", y=summary["spread"])],
        left=Axis("count", _("pairs")),
        names=names,
        title=_("multiplier"),
    )


def predicted_and_observed(summary: Mapping[str, Any]) -> str:
    """Compare in one sentence the win rate that scores predicted with the observed one."""
    if not summary.get("scored_pitches"):
        return _("No settled pitch carries a score yet, so scores cannot be compared with wins.")
    pitches = round(summary["scored_pitches"])
    return ngettext(
        "Of %(n)s settled pitch with a score %(observed)s won; the scores predicted %(predicted)s.",
        "Of %(n)s settled pitches with a score %(observed)s won; the scores predicted %(predicted)s.",
        pitches,
        observed=percent(summary["observed_rate"], "#,##0.0 %"),
        predicted=percent(summary["predicted_rate"], "#,##0.0 %"),
    )
