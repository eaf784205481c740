"""A report as one self-contained HTML page, light or dark; the console shows the same parts in its own frame."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import orjson

from dog.offline.report_charts import Charts

STYLE = """
:root{color-scheme:light dark;--line:light-dark(#d9e2ec,#2c3546);--quiet:light-dark(#52606d,#a3aec0)}
body{font:16px/1.5 system-ui,sans-serif;color:light-dark(#1f2933,#e8ecf3);background:light-dark(#fff,#12161e);
max-width:75rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid var(--line)}
.scrolls{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}
th,td{padding:.25rem .7rem;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
.n{text-align:right}.note{color:var(--quiet);font-size:.9rem}figure{margin:0}svg{max-width:100%;height:auto}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem 2rem;margin:1rem 0}
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


def report_files(figures: Any, drawn: Charts, page: str) -> dict[str, bytes]:
    """Return report.html, figures.json and the charts by file name."""
    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    return {
        **{f"{name}.svg": svg for name, (_, svg) in drawn.items()},
        "figures.json": orjson.dumps(figures, option=options),
        REPORT_FILE: page.encode(),
    }
