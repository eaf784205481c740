"""The frame around every page: brand, navigation, the user, error notices."""

from collections.abc import Iterable
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dog.console import MOUNT_PATH

INDEX = """<!doctype html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="/console/static/mark.svg">
<link rel="stylesheet" href="/console/static/console.css">
{%css%}
<script src="/console/static/chart.js" defer></script>
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""
ACCENT = ("#eef3ff", "#dbe5fd", "#b4c8f8", "#8aaaf4", "#668ff0", "#3f6fe6", "#2456c9", "#1c48ae", "#163b92", "#102c70")
THEME = {
    "primaryColor": "accent",
    "primaryShade": 6,
    "fontFamily": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
    "fontFamilyMonospace": "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
    "defaultRadius": "md",
    "colors": {"accent": ACCENT},
}


def frame() -> Any:
    """Return the frame, the same for every user; callbacks fill in the page and the user's name."""
    log_out = html.Form(html.Button("Log out"), method="post", action=f"{MOUNT_PATH}/log-out")
    return dmc.MantineProvider(
        [
            dcc.Location(id="address", refresh="callback-nav"),
            html.A("Skip to the page", href="#page", className="skip"),
            html.Header(
                [
                    dcc.Link([html.Span(className="mark"), "DOG"], href=f"{MOUNT_PATH}/", className="brand"),
                    html.Nav(id="navigation", **{"aria-label": "Pages"}),
                    html.Div([html.Span(id="who", className="who"), log_out], className="me"),
                ],
                className="top",
            ),
            html.Div(id="notice", role="alert", className="notice"),
            html.Main(id="page", tabIndex=-1),
        ],
        theme=THEME,
        forceColorScheme="light",
    )


def navigation(links: Iterable[tuple[str, str]], current: str) -> list[Any]:
    """Return links to pages, given as (path, name), with the current one marked."""
    return [html.A(name, href=MOUNT_PATH + path, className="here" if path == current else "") for path, name in links]
