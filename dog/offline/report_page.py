"""A report as one self-contained HTML page, light or dark; the console shows the same parts in its own frame."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np
import orjson

from dog.offline.report_charts import Charts
from dog.offline.statistics.intervals import Estimate

STYLE = """
:root{color-scheme:light dark;--line:light-dark(#d9e2ec,#2c3546);--quiet:light-dark(#52606d,#a3aec0)}
body{font:16px/1.5 system-ui,sans-serif;color:light-dark(#1f2933,#e8ecf3);background:light-dark(#fff,#12161e);
max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid var(--line)}
.scrolls{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}
th,td{padding:.25rem .7rem;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
.n{text-align:right}svg{max-width:100%;height:auto}.note{color:var(--quiet);font-size:.9rem}
.advice{background:light-dark(#eef4fa,#22304f);border-left:4px solid light-dark(#2f6fab,#6db5f0);padding:.8rem 1rem}
"""

REPORT_FILE = "report.html"
BEGIN, END = "<main>", "</main>"


def render_page(title: str, parts: Iterable[str]) -> str:
    """Return a page of HTML parts under its title."""
    head = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>",
        "<meta name=viewport content='width=device-width,initial-scale=1'>",
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>",
    )
    return "\n".join((*head, BEGIN, *(part for part in parts if part), END)) + "\n"


def parts_of(page: str) -> str:
    """Return the parts of a page, for another frame; empty where an earlier version wrote it.

    >>> parts_of(render_page("Title", ["<p>one</p>"]))
    '<p>one</p>'

    """
    return page.partition(BEGIN)[2].partition(END)[0].strip()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts; the first cell of a row is its heading."""
    first, *others = (escape(cell) for cell in head)
    lines = [
        "<div class=scrolls tabindex=0><table class=plain><thead><tr>",
        f"<th scope=col>{first}" if first else "<td>",
        *(f"<th scope=col class=n>{cell}" for cell in others),
        "<tbody>",
    ]
    for name, *cells in rows:
        lines += [f"<tr><th scope=row>{escape(name)}", *(f"<td class=n>{escape(cell)}" for cell in cells)]
    return "".join([*lines, "</table></div>"])


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
        **{f"{name}.svg": svg for name, (_, svg) in drawn.items()},
        "figures.json": orjson.dumps(figures, option=options),
        REPORT_FILE: page.encode(),
    }
