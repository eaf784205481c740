"""Charts of a report: drawn as SVG files, and put into a page that is light or dark and refuses inline styles."""

import io
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Charts = Mapping[str, tuple[str, bytes]]
"""Title and SVG by file name without suffix."""

INK, GRID_LINE = "#1f2933", "#d9e2ec"
CHART_COLOURS = ("#2f6fab", "#d9822b", "#3f9142", "#a23b72", "#6b5b95", "#5f6c7b")
ON_DARK = {
    **dict.fromkeys(("#000000", INK), "#e8ecf3"),
    "#52606d": "#a3aec0",
    GRID_LINE: "#2c3546",
    **dict(zip(CHART_COLOURS, ("#6db5f0", "#f0955a", "#7cc47f", "#e58fbd", "#b9a9e6", "#a3aec0"), strict=True)),
}
"""Colours on a dark page, by the colours of the files."""

OF_FILES_ALONE = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<style.*?</style>|(?<=<g) id=\"\S*\"", re.DOTALL
)
STYLE = re.compile(r' style="([^"]*)"')
COLOUR = re.compile(r'="(#[0-9a-f]{6})"')
PAGE_STYLES = ("background", "font-family")
"""What a picture inside a page takes from the page."""


def pictures(drawn: Charts, *names: str) -> Iterable[str]:
    """Yield the named charts that were drawn, side by side where the page is wide enough."""
    shown = [drawn[name] for name in names if name in drawn]
    figures = (
        f"<figure><figcaption>{escape(title)}</figcaption>{picture(title, svg)}</figure>" for title, svg in shown
    )
    if shown:
        yield "".join(['<div class="charts">', *figures, "</div>"])


def picture(title: str, svg: bytes) -> str:
    """Return an SVG file as a part of a page: styles become attributes, and colours follow the page's scheme."""
    drawn = STYLE.sub(_attributes, OF_FILES_ALONE.sub("", svg.decode()))
    drawn = COLOUR.sub(_light_or_dark, drawn)
    return drawn.strip().replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" fill="currentColor" ', 1)


def _attributes(style: re.Match[str]) -> str:
    declared = (each.partition(":") for each in style[1].split(";"))
    named = ((name.strip(), value.strip()) for name, _, value in declared)
    return "".join(f' {name}="{value}"' for name, value in named if name and name not in PAGE_STYLES)


def _light_or_dark(colour: re.Match[str]) -> str:
    dark = ON_DARK.get(colour[1])
    return f'="light-dark({colour[1]}, {dark})"' if dark else colour[0]


def new_figure(width: float = 6.4, height: float = 4.0) -> "tuple[Figure, Axes]":
    """Start a chart; sizes in inches."""
    from matplotlib import rcParams  # noqa: PLC0415  # half a second to import, only when something is drawn
    from matplotlib.figure import Figure  # noqa: PLC0415

    rcParams["svg.fonttype"] = "none"  # texts stay texts
    rcParams["text.parse_math"] = False  # so does $ in a name
    rcParams["svg.hashsalt"] = "dog"  # the same figures give the same ids, and so the same bytes
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, dress(figure.add_subplot())


def dress(axes: "Axes") -> "Axes":
    """Give axes a light grid and no frame."""
    axes.grid(visible=True, color=GRID_LINE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def as_svg(figure: "Figure") -> bytes:
    """Return a chart as SVG."""
    written = io.BytesIO()
    figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return written.getvalue()
