"""Sessions of the console: a cookie's hash stands for an API key, for some hours."""

import hashlib
import secrets

from dog.errors import Unauthenticated
from dog.storage.connection import Redis
from dog.storage.keys import SESSION
from dog.storage.round_trip import RoundTrip

SESSION_SECONDS = 12 * 3600


def begin_session(redis: Redis, key_id: str) -> str:
    """Keep a new session of a key and return its token, which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    trip = RoundTrip(redis)
    trip.add("SET", _place(token), key_id, "EX", SESSION_SECONDS)
    trip.send()
    return token


def key_of_session(redis: Redis, token: str) -> str:
    """Read whose key a session stands for: the id of the key, which may have been revoked since.

    Raises
    ------
    Unauthenticated
        There is no such session (any more).

    """
    trip = RoundTrip(redis)
    trip.add("GET", _place(token))
    key_id = trip.send()[0]
    if key_id is None:
        raise Unauthenticated("the session has ended; log in again")
    return str(key_id.decode())


def end_session(redis: Redis, token: str) -> None:
    """Forget a session."""
    trip = RoundTrip(redis)
    trip.add("DEL", _place(token))
    trip.send()


def _place(token: str) -> bytes:
    return SESSION + hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest().encode()
