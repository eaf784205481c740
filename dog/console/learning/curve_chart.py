"""The charts of the page: a curve over win rates, boosts over the ratio of wins to expected wins, trust by week."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dog.console.chart import Axis, Chart, Look, Series
from dog.console.texts import _, number
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.services.publishing.example_pairs import ratio_odds

MOST_RATIO = 4.0
RATIOS = np.linspace(0, MOST_RATIO, 161)
Bins = tuple[Sequence[float], Sequence[int]]
"""Middles and counts of a histogram."""


def chart_win_rates(wanted: Mapping[str, Any], active: Mapping[str, Any], rates: Bins | None, k: int) -> Chart:
    """Return two curves, as `draw_curve` answers, over pairs' win rates; `k` above 0 adds `wanted` after `k` fades."""
    series = [*_histogram(rates), _line(active, 0, "multiplier", _("live"), "quiet")]
    for count in [k, 0] if k else [0]:
        boost, damp = (_("boost"), _("damp")) if not count else (_("boost, faded"), _("damp, faded"))
        series.append(_line(wanted, count, "arm", boost, "up thin" if count else "up"))
        series.append(_line(wanted, count, "drm", damp, "down thin" if count else "down"))
    if wanted["warnings"]:
        series.append(_violations(wanted))
    return Chart(
        label=_("Multiplier over win rate; 1 at %(neutral)s", neutral=number(wanted["neutral"], "0.0##")),
        series=series,
        left=Axis("times", _("multiplier")),
        right=None if rates is None else Axis("count", _("pairs")),
        title=_("win rate"),
        lines=({"y": 1.0}, {"x": wanted["neutral"]}),
        tall=True,
    )


def chart_ratios(
    wanted: tuple[Reinforcement, float], active: tuple[Reinforcement, float] | None, ratios: Bins | None
) -> Chart:
    """Return the factor on the odds over the ratio of wins to expected wins; settings come with the trust in pairs."""
    series = _histogram(ratios)
    if active is not None:
        series.append(_odds(*active, _("live"), "quiet", RATIOS))
    series.append(_odds(*wanted, _("damp"), "down", RATIOS[RATIOS <= 1]))
    series.append(_odds(*wanted, _("boost"), "up", RATIOS[RATIOS >= 1]))
    return Chart(
        label=_("Factor on the odds of winning over wins per expected win; 1 where a pair wins as expected"),
        series=series,
        left=Axis("times", _("factor on the odds")),
        right=None if ratios is None else Axis("count", _("pairs")),
        span=(0.0, MOST_RATIO),
        title=_("wins per expected win, shrunk"),
        lines=({"y": 1.0}, {"x": 1.0}),
        tall=True,
    )


def chart_trust(weeks: Sequence[tuple[str, Mapping[str, float]]]) -> Chart:
    """Return the trust in products and pairs by week."""
    return Chart(
        label=_("Trust in the records of products and of pairs, week by week"),
        series=[
            Series(
                name=_("products"), kind="line", look="up", y=[trust["product"] for _week, trust in weeks], dots=True
            ),
            Series(name=_("pairs"), kind="line", look="down", y=[trust["pair"] for _week, trust in weeks], dots=True),
        ],
        left=Axis("plain", _("trust"), top=1.0),
        names=[week for week, _trust in weeks],
        title=_("week"),
    )


def _histogram(bins: Bins | None) -> list[Series]:
    if bins is None:
        return []
    return [Series(name=_("pairs"), kind="bars", look="pale", y=list(bins[1]), x=list(bins[0]), side="right")]


def _odds(settings: Reinforcement, pair_trust: float, name: str, look: Look, ratios: np.ndarray) -> Series:
    odds = ratio_odds(settings, pair_trust, ratios)
    return Series(name=name, kind="line", look=look, x=ratios.tolist(), y=odds.tolist())


def _line(drawn: Mapping[str, Any], count: int, side: str, name: str, look: Look) -> Series:
    points = [point for point in drawn["points"] if point["recursions"] == count]
    x, y = [point["win_rate"] for point in points], [point[side] for point in points]
    return Series(name=name, kind="line", look=look, y=y, x=x)


def _violations(drawn: Mapping[str, Any]) -> Series:
    """Mark where the curve breaks order or bounds."""
    marks = []
    for one in drawn["warnings"]:
        points = [point for point in drawn["points"] if point["recursions"] == one.get("recursions", 0)]
        nearest = min(points or drawn["points"], key=lambda point: abs(point["win_rate"] - one["win_rate"]))
        marks.append((nearest["win_rate"], nearest["multiplier"]))
    x, y = zip(*marks, strict=True)
    return Series(name=_("broken here"), kind="crosses", look="fault", y=y, x=x)
