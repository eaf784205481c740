"""The OpenID Connect provider of the settings, and what its claims say about a person."""

import secrets
from collections.abc import Mapping
from typing import Any

from authlib.integrations.flask_client import OAuth
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from flask import Flask, Request, current_app
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from dog.config import ROLES, Settings, read_roles
from dog.errors import Forbidden
from dog.services.runtime import Runtime
from dog.storage.keys import CONSOLE_SECRET
from dog.storage.people import Person, person_id_of
from dog.storage.round_trip import execute

TIMEOUT_SECONDS = 10
NAME_CLAIMS = ("name", "preferred_username", "email", "sub")


def register_provider(app: Flask, runtime: Runtime) -> None:
    """Prepare the log-in by the provider of the settings."""
    settings = runtime.settings
    app.session_interface = _LogInState(runtime)
    app.config |= {
        "SESSION_COOKIE_NAME": "dog_log_in",
        "SESSION_COOKIE_SAMESITE": "Lax",  # the provider's site leads back with it
        "SESSION_COOKIE_SECURE": (settings.oidc_issuer or "").startswith("https:"),
    }
    app.extensions["oidc"] = OAuth(app).register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "timeout": TIMEOUT_SECONDS,
            "token_endpoint_auth_method": "client_secret_basic" if settings.oidc_client_secret else "none",
        },
    )


class _LogInState(SecureCookieSessionInterface):
    """Flask's session, which holds the state of a log-in, signed with one secret by all workers."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if app.secret_key is None and request.path.startswith("/log-in/oidc"):
            execute(self._runtime.redis, "SET", CONSOLE_SECRET, secrets.token_urlsafe(32), "NX")
            app.secret_key = execute(self._runtime.redis, "GET", CONSOLE_SECRET)
        return super().open_session(app, request)


def provider() -> FlaskOAuth2App:
    """Return the client of the provider."""
    client: FlaskOAuth2App = current_app.extensions["oidc"]
    return client


def person_of(claims: Mapping[str, Any], settings: Settings, at: str) -> Person:
    """Return the person that claims describe; raise `Forbidden` if none of their roles has a meaning here.

    The role is the highest that the values of the claim stand for; `realm_access.roles` leads into nested claims.
    """
    values: Any = claims
    for part in settings.oidc_claim.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    listed = [values] if isinstance(values, str) else values if isinstance(values, list) else []
    named = [value for value in listed if isinstance(value, str)]
    meanings = read_roles(settings.oidc_roles)
    roles = {meanings[value] for value in named if value in meanings}
    held = [role for role in ROLES if role in roles]
    if not held:
        known = ", ".join(meanings)
        raise Forbidden(f"your account has no role here: its claim '{settings.oidc_claim}' has none of {known}")
    return Person(
        person_id=person_id_of(issuer=str(claims["iss"]), subject=str(claims["sub"])),
        tenant=settings.oidc_tenant,
        name=_printable(next(str(claims[name]) for name in NAME_CLAIMS if claims.get(name))),
        email=_printable(str(claims.get("email") or "")),
        role=held[-1],
        last_log_in=at,
    )


def _printable(text: str) -> str:
    """Return a text as it may be an `actor_id`: printable, and at most 64 characters."""
    return "".join(one for one in text if one.isprintable()).strip()[:64]
