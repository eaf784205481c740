"""Put the console beside the API, where its packages are installed."""

import threading
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from flask import Flask, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from dog.services.runtime import Runtime

PLACE = "/console"
PACKAGES = ("dash", "dash_mantine_components", "dash_ag_grid")
HOW_TO_INSTALL = (
    "The console is not installed here. To install it: "
    "pip install --require-hashes --no-deps -r requirements-console.txt, then start the service again.\n"
)


def mount_console(app: Flask, runtime: Runtime) -> Flask:
    """Answer under /console with the console, or with one sentence how to install it."""
    console: Any = _BuiltWhenWanted(runtime) if all(find_spec(name) for name in PACKAGES) else _not_installed
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PLACE: console})  # type: ignore[method-assign]  # Flask's way
    return app


class _BuiltWhenWanted:
    """The console, built with the first request for it: Dash takes a second to import, and no list waits for it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._console: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Serve a request."""
        with self._lock:
            if self._console is None:
                from dog.console.dash_app import create_console  # noqa: PLC0415

                self._console = create_console(self._runtime)
        answered: Iterable[bytes] = self._console(environ, start_response)
        return answered


def _not_installed(environ: Any, start_response: Any) -> Iterable[bytes]:
    return Response(HOW_TO_INSTALL, 501, mimetype="text/plain")(environ, start_response)
