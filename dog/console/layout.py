"""The frame around every page: name, navigation, who is here, where errors are told."""

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dog.console.mount import PLACE
from dog.console.session import allows, key

PAGES = (
    # path, name, scope that shows it
    ("/", "Inbox", "feedback"),
    ("/curves", "Curves", "read"),
    ("/rules", "Rules", "admin"),
    ("/pairs", "Pairs", "read"),
    ("/desk", "Desk", "read"),
)
INDEX = """<!doctype html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="/console/assets/mark.svg">
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""
THEME = {
    "primaryColor": "accent",
    "primaryShade": 6,
    "fontFamily": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
    "fontFamilyMonospace": "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
    "defaultRadius": "md",
    "colors": {
        "accent": [
            "#eef3ff",
            "#dbe5fd",
            "#b4c8f8",
            "#8aaaf4",
            "#668ff0",
            "#3f6fe6",
            "#2456c9",
            "#1c48ae",
            "#163b92",
            "#102c70",
        ]
    },
}


def frame() -> Any:
    """Lay out the frame, the same for everybody; the page and who is here follow with the address."""
    return dmc.MantineProvider(
        [
            dcc.Location(id="address", refresh="callback-nav"),
            html.A("Skip to the page", href="#page", className="skip"),
            html.Header(
                [
                    dcc.Link([html.Span(className="mark"), "DOG"], href=f"{PLACE}/", className="brand"),
                    html.Nav(id="navigation", **{"aria-label": "Pages"}),
                    html.Div(
                        [
                            html.Span(id="who", className="who"),
                            html.Form(html.Button("Log out"), method="post", action=f"{PLACE}/log-out"),
                        ],
                        className="me",
                    ),
                ],
                className="top",
            ),
            html.Div(id="notice", role="alert", className="notice"),
            html.Main(id="page", tabIndex=-1),
        ],
        theme=THEME,
        forceColorScheme="light",
    )


def who() -> str:
    """Name the key and its tenant."""
    return f"{key().name or key().key_id} · {key().tenant}"


def navigation(current: str) -> list[Any]:
    """Link the pages that the key may see, the current one marked."""
    return [
        dcc.Link(
            name,
            href=PLACE + path,
            className="here" if path == current else "",
        )
        for path, name, scope in PAGES
        if allows(scope)
    ]


def count(number: int, noun: str) -> str:
    """Say how many; the noun takes an s, or es, where there is not just one."""
    plural = noun + ("es" if noun.endswith(("s", "ch")) else "s")
    return f"{number:,} {noun if number == 1 else plural}"


def nothing_here(text: str) -> Any:
    """Say in the page's middle why it is empty and what to do about it."""
    return html.Div(html.P(text), className="empty")
