"""A page that opens without a network: its style, tables and pictures inside."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np

from dog.offline.evaluation.intervals import Estimate

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1f2933;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid #d9e2ec}
table{border-collapse:collapse;font-size:.85rem;display:block;overflow-x:auto}
th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #e4e7eb;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
.advice{background:#eef4fa;border-left:4px solid #2f6fab;padding:.8rem 1rem;font-size:1.05rem}
.note{color:#52606d;font-size:.9rem}img{max-width:100%;height:auto}small{color:#616e7c}
"""

PAGE = "report.html"

Charts = Mapping[str, tuple[str, bytes]]
"""Name of the file, then title and PNG."""


def render_page(title: str, parts: Iterable[str]) -> str:
    """Write a page of HTML parts under its title."""
    head = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>",
        "<meta name=viewport content='width=device-width,initial-scale=1'>",
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>",
    )
    return "\n".join((*head, *(part for part in parts if part))) + "\n"


def pictures(drawn: Charts, *names: str) -> Iterable[str]:
    """Show those of the named charts that were drawn, inside the page."""
    for name in names:
        if name in drawn:
            title, png = drawn[name]
            inside = base64.b64encode(png).decode()
            yield f"<h3>{escape(title)}</h3><img alt='{escape(title)}' src='data:image/png;base64,{inside}'>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of texts."""
    lines = ["<table><tr>", *(f"<th>{escape(cell)}" for cell in head)]
    for row in rows:
        lines += ["<tr>", *(f"<td>{escape(cell)}" for cell in row)]
    return "".join([*lines, "</table>"])


def tell(estimate: Estimate, digits: int = 3) -> str:
    """Write an estimate with its interval, a dash where it is not known.

    Examples
    --------
    >>> tell(Estimate(0.71, 0.7, 0.72)), tell(Estimate(0.5, float("nan"), float("nan")))
    ('0.710 [0.700, 0.720]', '0.500')

    """
    if np.isnan(estimate.value):
        return "-"
    value = f"{estimate.value:.{digits}f}"
    return value if np.isnan(estimate.low) else f"{value} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"
