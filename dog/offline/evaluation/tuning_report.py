"""A search over settings as files: one page that needs no network, its charts as PNG, the trials as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import orjson

from dog.offline.evaluation import tuning_charts as charts
from dog.offline.evaluation.discrimination import Floats
from dog.offline.evaluation.page import PAGE, Charts, pictures, render_page, table

HOW = (
    "Each walks the history forward with other settings and is judged by the log loss of score times multiplier, in "
    "nats a pitch, lower is better, before the weeks held out."
)
LEGEND = (
    "Importance by functional ANOVA of a forest of trees: what mattered within the bounds that were tried. Below, the "
    "diamond is the best trial; the worst twentieth of the trials lies above the pictures."
)


@dataclass(frozen=True, slots=True)
class Search:
    """What a search over settings found.

    Parameters
    ----------
    policy, version
        From which policy in force it started.
    in_force, chosen
        The policy's own settings and the best ones, by name.
    in_force_log_loss
        Of the policy's own settings on the weeks searched, nats a pitch.
    trials, values
        Settings tried and the log loss of each, shape (trials,), in the order of the trials.
    studies
        Log losses by sampler, this search's own first: searches of the same weeks with other samplers come along.
    importances
        Share of the differences in log loss that each setting explains; empty where it cannot be told.
    not_tuned
        Settings of which this history says nothing, and why.
    verdict, comparison
        What was decided, and the best settings beside the policy in force on the weeks held out.
    basis
        Sampler, seed, weeks held out, data.

    """

    policy: str
    version: str
    in_force: Mapping[str, Any]
    chosen: Mapping[str, Any]
    in_force_log_loss: float
    trials: Sequence[Mapping[str, Any]]
    values: Floats
    studies: Mapping[str, Floats]
    importances: Mapping[str, float]
    not_tuned: Mapping[str, str]
    verdict: str
    comparison: str
    basis: Mapping[str, Any]


def search_files(search: Search) -> dict[str, bytes]:
    """Write report.html, figures.json and the charts, by the names of their files."""
    drawn: dict[str, tuple[str, bytes]] = {
        "settings": ("Each setting against the log loss", charts.draw_settings(search.trials, search.values)),
        "progress": ("Best so far", charts.draw_progress(search.studies, search.in_force_log_loss)),
    }
    if search.importances:
        drawn["importance"] = ("Which settings matter", charts.draw_importances(search.importances))
    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2
    return {
        **{f"{name}.png": png for name, (_, png) in drawn.items()},
        "figures.json": orjson.dumps(search, option=options),
        PAGE: _render(search, drawn).encode(),
    }


def _render(search: Search, drawn: Charts) -> str:
    basis = ", ".join(f"{name} {value}" for name, value in search.basis.items())
    parts = [
        f"<p class=advice>{escape(search.verdict)}: {escape(search.comparison)}.</p>",
        f"<p>{len(search.values):,} trials. {HOW}</p>",
        "<h2>The best settings</h2>",
        _settings(search),
        *(f"<p class=note>Not tuned: {escape(name)}, {escape(why)}.</p>" for name, why in search.not_tuned.items()),
        *_charts(drawn),
        f"<p class=note>Version {escape(search.version)}; {escape(basis)}. All trials stand in figures.json.</p>",
    ]
    return render_page(f"Search over the settings of policy {search.policy}", parts)


def _charts(drawn: Charts) -> Iterable[str]:
    yield "<h2>How the search went</h2>"
    yield from pictures(drawn, "progress", "importance")
    yield f"<p class=note>{LEGEND}</p>"
    yield from pictures(drawn, "settings")


def _settings(search: Search) -> str:
    rows = [
        [name, _tell(search.in_force.get(name)), _tell(value), _tell(search.importances.get(name))]
        for name, value in sorted(search.chosen.items())
    ]
    loss = ["log loss on the weeks searched", f"{search.in_force_log_loss:.5f}", f"{np.min(search.values):.5f}", ""]
    return table(("setting", "in force", "best", "importance"), [*rows, loss])


def _tell(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.4g}"
