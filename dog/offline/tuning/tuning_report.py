"""A search over settings as files: one self-contained HTML page, its charts as SVG, the trials as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from dog.offline.report_charts import Charts, pictures
from dog.offline.report_page import render_page, report_files, table
from dog.offline.statistics.discrimination import Floats
from dog.offline.tuning import tuning_charts as charts

HOW = (
    "Each trial replays the history before the held-out weeks with other settings. It is judged by the log loss of its "
    "chances on the odds scale, in nats per pitch; lower is better."
)
LEGEND = (
    "Importance is by functional ANOVA of a forest of trees: what mattered within the bounds that were tried. Below, "
    "the diamond marks the best trial; the worst 5 % of the trials are not drawn."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningFigures:
    """What a search over settings found; `figures.json` holds these fields, in this order.

    `in_force` and `chosen` are the settings of the active policy from which the search started, and the best ones, by
    name; log losses are nats a pitch on the weeks searched. `trials` and their `values`, shape (trials,), are in the
    order of the trials. `studies` holds log losses by sampler, this search's own first. `importances` are the shares
    of the variance that each setting explains, empty where unknown; `not_tuned` says which settings this history
    cannot tune, and why; `comparison` compares the best settings with the active policy on the held-out weeks.
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


def tuning_files(figures: TuningFigures) -> dict[str, bytes]:
    """Return report.html, figures.json and the charts by file name."""
    drawn: dict[str, tuple[str, bytes]] = {
        "settings": ("Each setting against the log loss", charts.draw_settings(figures.trials, figures.values)),
        "progress": ("Best so far", charts.draw_progress(figures.studies, figures.in_force_log_loss)),
    }
    if figures.importances:
        drawn["importance"] = ("Which settings matter", charts.draw_importances(figures.importances))
    return report_files(figures, drawn, _render(figures, drawn))


def _render(figures: TuningFigures, drawn: Charts) -> str:
    basis = ", ".join(f"{name} {value}" for name, value in figures.basis.items())
    parts = [
        f"<p class=advice>{escape(figures.verdict)}: {escape(figures.comparison)}.</p>",
        f"<p>{len(figures.values):,} trials. {HOW}</p>",
        "<h2>The best settings</h2>",
        _settings(figures),
        *(f"<p class=note>Not tuned: {escape(name)}, {escape(why)}.</p>" for name, why in figures.not_tuned.items()),
        "<h2>How the search went</h2>",
        *pictures(drawn, "progress", "importance"),
        f"<p class=note>{LEGEND}</p>",
        *pictures(drawn, "settings"),
        f"<p class=note>Version {escape(figures.version)}; {escape(basis)}. All trials are in figures.json.</p>",
    ]
    return render_page(f"Search over the settings of policy {figures.policy}", parts)


def _settings(figures: TuningFigures) -> str:
    rows = [
        [name, _format(figures.in_force.get(name)), _format(value), _format(figures.importances.get(name))]
        for name, value in sorted(figures.chosen.items())
    ]
    loss = ["log loss on the weeks searched", f"{figures.in_force_log_loss:.5f}", f"{np.min(figures.values):.5f}", ""]
    return table(("setting", "active", "best", "importance"), [*rows, loss])


def _format(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.4g}"
