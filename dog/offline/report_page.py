"""A report as one self-contained HTML page: style, tables, pictures; and what its charts have in common."""

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from dog.offline.statistics.intervals import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1f2933;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid #d9e2ec}
table{border-collapse:collapse;font-size:.85rem;display:block;overflow-x:auto}
th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #e4e7eb;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
.advice{background:#eef4fa;border-left:4px solid #2f6fab;padding:.8rem 1rem;font-size:1.05rem}
.note{color:#52606d;font-size:.9rem}img{max-width:100%;height:auto}small{color:#616e7c}
"""

REPORT_FILE = "report.html"

Charts = Mapping[str, tuple[str, bytes]]
"""Title and PNG by file name without suffix."""


def render_page(title: str, parts: Iterable[str]) -> str:
    """Return a page of HTML parts under its title."""
    head = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>",
        "<meta name=viewport content='width=device-width,initial-scale=1'>",
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>",
    )
    return "\n".join((*head, *(part for part in parts if part))) + "\n"


def pictures(drawn: Charts, *names: str) -> Iterable[str]:
    """Yield the named charts that were drawn as inline images."""
    for name in names:
        if name in drawn:
            title, png = drawn[name]
            inside = base64.b64encode(png).decode()
            yield f"<h3>{escape(title)}</h3><img alt='{escape(title)}' src='data:image/png;base64,{inside}'>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts."""
    lines = ["<table><tr>", *(f"<th>{escape(cell)}" for cell in head)]
    for row in rows:
        lines += ["<tr>", *(f"<td>{escape(cell)}" for cell in row)]
    return "".join([*lines, "</table>"])


def format_estimate(estimate: Estimate, digits: int = 3) -> str:
    """Format an estimate with its intervals by contacts and by weeks, a dash where it is not known.

    Examples
    --------
    >>> format_estimate(Estimate(0.71, 0.7, 0.72)), format_estimate(Estimate(0.5))
    ('0.710 [0.700, 0.720]', '0.500')
    >>> format_estimate(Estimate(0.71, 0.7, 0.72, week_low=0.69, week_high=0.73))
    '0.710 [0.700, 0.720; weeks 0.690, 0.730]'

    """
    if np.isnan(estimate.value):
        return "-"
    return _with_intervals(estimate, f".{digits}f")


def format_change(estimate: Estimate, digits: int = 3) -> str:
    """Format a difference as `format_estimate`, with signs.

    Examples
    --------
    >>> format_change(Estimate(0.01, -0.005, 0.02, week_low=-0.03, week_high=0.04))
    '+0.010 [-0.005, +0.020; weeks -0.030, +0.040]'

    """
    return "-" if np.isnan(estimate.value) else _with_intervals(estimate, f"+.{digits}f")


def _with_intervals(estimate: Estimate, form: str) -> str:
    parts = []
    if not np.isnan(estimate.low):
        parts.append(f"{estimate.low:{form}}, {estimate.high:{form}}")
    if not np.isnan(estimate.week_low):
        parts.append(f"weeks {estimate.week_low:{form}}, {estimate.week_high:{form}}")
    return f"{estimate.value:{form}}" + (f" [{'; '.join(parts)}]" if parts else "")


def report_files(figures: Any, drawn: Charts, page: str) -> dict[str, bytes]:
    """Return report.html, figures.json and the charts by file name."""
    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    return {
        **{f"{name}.png": png for name, (_, png) in drawn.items()},
        "figures.json": orjson.dumps(figures, option=options),
        REPORT_FILE: page.encode(),
    }


INK, GRID_LINE = "#1f2933", "#d9e2ec"
CHART_COLOURS = ("#2f6fab", "#d9822b", "#3f9142", "#a23b72", "#6b5b95", "#5f6c7b")


def new_figure(width: float = 6.4, height: float = 4.0) -> "tuple[Figure, Axes]":
    """Start a chart; sizes in inches."""
    from matplotlib.figure import Figure  # noqa: PLC0415  # half a second to import, only when something is drawn

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, dress(figure.add_subplot())


def dress(axes: "Axes") -> "Axes":
    """Give axes a light grid and no frame."""
    axes.grid(visible=True, color=GRID_LINE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def as_png(figure: "Figure") -> bytes:
    """Return a chart as PNG."""
    written = io.BytesIO()
    # without version and date the same figures give the same bytes
    figure.savefig(written, format="png", dpi=110, metadata={"Software": None})
    return written.getvalue()
