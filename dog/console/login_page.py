"""Login and logout: plain HTML, no script."""

from datetime import UTC, datetime

from flask import Flask, Response, request
from markupsafe import escape

from dog.console import MOUNT_PATH
from dog.console.session import COOKIE, address, redirect_to, runtime
from dog.errors import RateLimited, StoreError, Unauthenticated
from dog.services.operations import login
from dog.storage.api_keys import SESSION_SECONDS

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · DOG</title>
<link rel="icon" href="/console/assets/mark.svg">
<link rel="stylesheet" href="/console/assets/console.css">
</head>
<body class="login">
<main>
<p class="brand" aria-hidden="true"><span class="mark"></span>DOG</p>
<h1>Welcome</h1>
<p class="quiet">Log in with your API key. It is kept nowhere in this browser.</p>
<form method="post" action="/console/log-in">
<label for="key">API key</label>
<input id="key" name="key" type="password" required autofocus autocomplete="current-password" spellcheck="false"
 placeholder="dog_…" {described}>
{fault}
<button type="submit">Log in</button>
</form>
<p class="quiet small">No key yet? Ask an administrator of DOG for one:<br><code>python -m dog keys create</code></p>
</main>
</body>
</html>
"""


def show_login(fault: str | None = None, status: int = 200) -> Response:
    """Show the form, with the reason why the last attempt failed."""
    shown = f'<p id="fault" class="fault" role="alert">{escape(fault)}</p>' if fault else ""
    described = 'aria-invalid="true" aria-describedby="fault"' if fault else ""
    return Response(PAGE.format(fault=shown, described=described), status, mimetype="text/html")


def register_login(app: Flask) -> None:
    """Register the routes that start and end a session."""

    @app.get("/log-in")
    def ask_key() -> Response:
        return show_login()

    @app.post("/log-in")
    def log_in() -> Response:
        presented = request.form.get("key", "").strip()
        try:
            token = login.log_in(runtime(), presented, address(), datetime.now(UTC))
        except Unauthenticated:
            return show_login("This key does not open anything: it is mistyped, expired or revoked.", 401)
        except RateLimited:
            return show_login(
                "This key does not open anything, and there were too many wrong ones; wait a second.", 429
            )
        except StoreError as error:
            return show_login(f"The store does not answer; try again in a moment. ({error.message})", 503)
        entered = redirect_to("/")
        # A proxy may end TLS and forward plain HTTP; the browser's Origin header shows the scheme it used.
        secure = request.is_secure or request.headers["Origin"].startswith("https:")
        entered.set_cookie(
            COOKIE, token, max_age=SESSION_SECONDS, path=MOUNT_PATH, httponly=True, samesite="Strict", secure=secure
        )
        return entered

    @app.post("/log-out")
    def log_out() -> Response:
        login.log_out(runtime(), request.cookies.get(COOKIE, ""), address(), datetime.now(UTC))
        left = redirect_to("/log-in")
        left.delete_cookie(COOKIE, path=MOUNT_PATH, httponly=True, samesite="Strict")
        return left
