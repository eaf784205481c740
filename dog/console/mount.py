"""Put the console beside the API, where its packages are installed."""

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from flask import Flask, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from dog.services.house import House

PLACE = "/console"
PACKAGES = ("dash", "dash_mantine_components", "dash_ag_grid")
HOW_TO_INSTALL = (
    "The console is not installed here. To install it: "
    "pip install --require-hashes --no-deps -r requirements-console.txt, then start the service again.\n"
)


def mount_console(app: Flask, house: House) -> Flask:
    """Answer under /console with the console, or with one sentence how to install it."""
    console: Any = _not_installed
    if all(find_spec(name) for name in PACKAGES):
        # Dash takes a second to import and its packages may be missing: nobody else waits for it.
        from dog.console.app import create_console  # noqa: PLC0415

        console = create_console(house)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PLACE: console})  # type: ignore[method-assign]  # Flask's way
    return app


def _not_installed(environ: Any, start_response: Any) -> Iterable[bytes]:
    return Response(HOW_TO_INSTALL, 501, mimetype="text/plain")(environ, start_response)
