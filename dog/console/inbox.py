"""The inbox: one contact's recommendations, worked through with the keyboard."""

from typing import Any

from dash import Dash

from dog.console.layout import nothing_here


def show() -> Any:
    """Lay the page out."""
    return nothing_here("Recommendations come here next. Until then: POST /v1/recommendations.")


def register(app: Dash) -> None:
    """Register what the page does."""
    del app
