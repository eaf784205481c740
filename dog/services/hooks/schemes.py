"""How the sender of a request to a hook proves who it is; each scheme compares in constant time."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from dog.errors import InvalidInput
from dog.services.operations.request_source import Headers
from dog.services.operations.webhook_client import PREFIX, sign_message

TOLERANCE_MS = 5 * 60 * 1000
"""How far a signed time may lie from ours."""
MAX_DIGITS = 15
FEWEST_SECRET_CHARACTERS = 16
DECODED = {quote(character, safe=""): character for character in ":/?@!$'()*,;"}
"""What HubSpot has decoded in the address that it signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """What signatures are about; headers are looked up by lower-case names."""

    method: str
    url: str  # as the sender has called it
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """Return the value of a header; empty where it is missing."""
        return self.headers.get(name) or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One way to prove a sender."""

    is_genuine: Callable[[str, SignedRequest, int], bool]  # by the secret, at a time in milliseconds since 1970
    make_secret: Callable[[], str] | None  # None where the sender has made it
    id_header: str = ""
    id_paths: Sequence[str] = ()  # where the sender's id is in an event; both may be stated otherwise

    def check_secret(self, secret: str) -> None:
        """Raise `InvalidInput` where a secret is too short, or none for this scheme."""
        if len(secret) < FEWEST_SECRET_CHARACTERS or not secret.isascii() or not secret.isprintable():
            raise InvalidInput(f"the secret must have at least {FEWEST_SECRET_CHARACTERS} ASCII characters in one line")
        if self.is_genuine is is_standard and not _is_base64(secret.removeprefix(PREFIX)):
            raise InvalidInput(f"the secret of scheme standard must be base64, with or without {PREFIX} before it")
        if self.is_genuine is is_basic and ":" not in secret:
            raise InvalidInput("the secret of scheme basic must be USER:PASSWORD")


def is_standard(secret: str, request: SignedRequest, now_ms: int) -> bool:
    """Return whether one of the signatures is right: standardwebhooks.com."""
    message_id, timestamp = request.header("webhook-id"), request.header("webhook-timestamp")
    if not message_id or not _is_near(timestamp, 1000, now_ms):
        return False
    expected = sign_message(secret, message_id, int(timestamp), request.body)
    return any(_is_same(expected, given) for given in request.header("webhook-signature").split(" "))


def is_hubspot(secret: str, request: SignedRequest, now_ms: int) -> bool:
    """Return whether HubSpot's signature of version 3 is right."""
    timestamp = request.header("x-hubspot-request-timestamp")
    if not _is_near(timestamp, 1, now_ms):
        return False
    signed = b"".join([request.method.encode(), signed_url(request.url).encode(), request.body, timestamp.encode()])
    expected = base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()
    return _is_same(expected, request.header("x-hubspot-signature-v3"))


def is_segment(secret: str, request: SignedRequest, _now_ms: int) -> bool:
    """Return whether Segment's signature of the body is right."""
    expected = hmac.digest(secret.encode(), request.body, "sha1").hex()
    return _is_same(expected, request.header("x-signature"))


def is_token(secret: str, request: SignedRequest, _now_ms: int) -> bool:
    """Return whether the request has the token: `Authorization: Bearer TOKEN`."""
    return _is_same(f"Bearer {secret}", request.header("authorization"))


def is_basic(secret: str, request: SignedRequest, _now_ms: int) -> bool:
    """Return whether the request has user and password by HTTP basic authentication."""
    return _is_same(f"Basic {base64.b64encode(secret.encode()).decode()}", request.header("authorization"))


def signed_url(url: str) -> str:
    """Return an address as HubSpot signs it.

    >>> signed_url("https://example.com/v1/hooks/crm?to=a%40b.c&then=%2F%20")
    'https://example.com/v1/hooks/crm?to=a@b.c&then=/%20'

    """
    for encoded, character in DECODED.items():
        url = url.replace(encoded, character).replace(encoded.lower(), character)
    return url


def _make_token() -> str:
    return secrets.token_urlsafe(32)


SCHEMES: Mapping[str, Scheme] = {
    "standard": Scheme(
        is_genuine=is_standard,
        make_secret=lambda: PREFIX + base64.b64encode(secrets.token_bytes(24)).decode(),
        id_header="webhook-id",
    ),
    "hubspot": Scheme(
        is_genuine=is_hubspot,
        make_secret=None,
        id_paths=("eventId", "subscriptionId", "objectId", "occurredAt"),  # an eventId alone may come twice
    ),
    "segment": Scheme(is_genuine=is_segment, make_secret=_make_token, id_paths=("/messageId",)),
    "rudderstack": Scheme(is_genuine=is_token, make_secret=_make_token, id_paths=("/messageId",)),
    "token": Scheme(is_genuine=is_token, make_secret=_make_token),
    "basic": Scheme(is_genuine=is_basic, make_secret=lambda: f"dog:{_make_token()}"),
}


def _is_near(timestamp: str, unit_ms: int, now_ms: int) -> bool:
    """Return whether a time in seconds or milliseconds since 1970 is close to now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= MAX_DIGITS):
        return False
    return abs(int(timestamp) * unit_ms - now_ms) <= TOLERANCE_MS


def _is_same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


def _is_base64(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) >= FEWEST_SECRET_CHARACTERS
    except binascii.Error:
        return False
