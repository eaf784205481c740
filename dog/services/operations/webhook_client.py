"""Send one signed message to a URL of a tenant's choice, never into a private network unless that is allowed."""

import base64
import hmac
import ipaddress
import re
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from dog.errors import InvalidInput

SECONDS = 5.0
PREFIX = "whsec_"
MAX_URL_CHARACTERS = 2048
URL = re.compile(r"[!-~]+")


def sign_message(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message as standardwebhooks.com specifies.

    Examples
    --------
    >>> secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    >>> sign_message(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def resolve_address(url: str, *, allow_private: bool) -> tuple[str, int, str]:
    """Return host, port and one numeric address of a URL; resolved once, so that DNS cannot change it afterwards.

    Raise `InvalidInput` if the URL is malformed, or, unless `allow_private`, not https or in a private network.
    """
    if len(url) > MAX_URL_CHARACTERS or not URL.fullmatch(url):  # urlsplit removes line ends, which requests would not
        raise InvalidInput(
            f"a webhook's URL may have {MAX_URL_CHARACTERS} ASCII characters, none a space or a line's end"
        )
    parts = urlsplit(url)
    schemes = ("https", "http") if allow_private else ("https",)
    try:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        host, port = "", 0
    if parts.scheme not in schemes or not host or parts.username is not None:
        raise InvalidInput(f"a webhook's URL must be {' or '.join(schemes)}://HOST/PATH, without a password")
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise InvalidInput(f"the webhook's host {host} has no address") from None
    if not allow_private and not all(map(_is_public, found)):
        raise InvalidInput(f"the webhook's host {host} is in a private network; --allow-private permits that")
    return host, port, min(found)


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None) or parsed
    in_nat64 = parsed in ipaddress.ip_network("64:ff9b::/96") if parsed.version == 6 else False
    return bool(parsed.is_global or inner is not parsed) and inner.is_global and not inner.is_multicast and not in_nat64


class _Pinned(HTTPSConnection):
    """A connection to a given address that verifies the certificate against the host name."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._address, self._tls = address, ssl.create_default_context()

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def post_message(url: str, body: bytes, headers: dict[str, str], *, allow_private: bool) -> str | None:
    """POST once without following redirects; return None if accepted (2xx), else the reason."""
    try:
        host, port, address = resolve_address(url, allow_private=allow_private)
    except InvalidInput as error:
        return error.message
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    connection: HTTPConnection = (
        _Pinned(host, port, address) if secure else HTTPConnection(address, port, timeout=SECONDS)
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body, {"Host": parts.netloc, "Content-Type": "application/json", **headers})
        status = connection.getresponse().status
    except (OSError, HTTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}"[:200]
    finally:
        connection.close()
    return None if 200 <= status < 300 else f"answered {status}"
