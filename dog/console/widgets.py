"""Small parts that several pages show: tables, counts, empty pages."""

from collections.abc import Collection, Sequence
from typing import Any

from dash import html


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is 1."""
    plural = noun + ("es" if noun.endswith(("s", "ch")) else "s")
    return f"{number:,} {noun if number == 1 else plural}"


def nothing_here(text: str) -> Any:
    """Show why a page is empty and what to do about it."""
    return html.Div(html.P(text), className="empty")


def table(heads: Sequence[Any], rows: Sequence[Sequence[Any]], *, numeric: Collection[str] = ()) -> Any:
    """Show a table that scrolls sideways; columns named in `numeric` are aligned right."""
    head = html.Tr([html.Th(name, className="n" if name in numeric else "") for name in heads])
    body = html.Tbody([html.Tr(list(row)) for row in rows])
    return html.Div(html.Table([html.Thead(head), body], className="plain"), className="scrolls")


def hidden_unless(allowed: bool) -> dict[str, Any]:
    """Return the properties that hide a component from users who may not use it."""
    return {} if allowed else {"style": {"display": "none"}}
