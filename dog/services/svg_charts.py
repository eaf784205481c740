"""Small SVG charts, fast enough for a request and for each of sixty weeks."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

COLOURS = ("#2f6fab", "#d9822b")
WIDTH, HEIGHT, MARGIN = 640.0, 320.0, 44.0


def sketch_bars(title: str, bars: Mapping[str, float]) -> bytes:
    """Draw one bar for each name, with its value above.

    Examples
    --------
    >>> sketch_bars("pairs", {"up": 3, "down": 1}).count(b"<rect")
    2

    """
    step = (WIDTH - 2 * MARGIN) / max(1, len(bars))
    scale = (HEIGHT - 2 * MARGIN) / max(1.0, *bars.values())
    parts = []
    for place, (name, value) in enumerate(bars.items()):
        left, high = MARGIN + place * step, value * scale
        top, middle = HEIGHT - MARGIN - high, left + step / 2
        parts += [
            f'<rect x="{left + 2:.1f}" y="{top:.1f}" width="{step - 4:.1f}" height="{high:.1f}" fill="{COLOURS[0]}"/>',
            _text(middle, top - 4, f"{value:,.0f}"),
            _text(middle, HEIGHT - MARGIN + 16, name),
        ]
    return _page(title, parts)


def sketch_lines(title: str, across: Sequence[float], lines: Mapping[str, Sequence[float]]) -> bytes:
    """Draw lines over the same x values from 0 to 1, the first on top.

    Examples
    --------
    >>> sketch_lines("curve", [0, 1], {"new": [0.5, 2], "active": [1, 1]}).count(b"<polyline")
    2

    """
    highest = max(max(values) for values in lines.values())
    right, up = WIDTH - 2 * MARGIN, (HEIGHT - 2 * MARGIN) / highest
    parts = []
    for number, (name, values) in reversed(list(enumerate(lines.items()))):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{MARGIN + x * right:.1f},{HEIGHT - MARGIN - y * up:.1f}" for x, y in zip(across, values, strict=True)
        )
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
            _text(WIDTH - MARGIN - 110, HEIGHT - MARGIN - 14 - 18 * number, name, colour),
        ]
    parts += [_text(MARGIN + x * right, HEIGHT - MARGIN + 16, f"{x:g}") for x in np.linspace(0, 1, 6)]
    parts += [_text(MARGIN - 18, HEIGHT - MARGIN - y * up + 4, f"{y:.2g}") for y in np.linspace(0, highest, 4)]
    return _page(title, parts)


def _text(x: float, y: float, text: str, colour: str = "#1f2933") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" fill="{colour}">{escape(text)}</text>'


def _page(title: str, parts: Sequence[str]) -> bytes:
    axis = f'<path d="M{MARGIN} {HEIGHT - MARGIN}H{WIDTH - MARGIN}" stroke="#52606d"/>'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" '
        'font-family="system-ui,sans-serif" font-size="11" style="background:#fff">'
    )
    return "\n".join((head, _text(WIDTH / 2, 18, title), axis, *parts, "</svg>\n")).encode()
