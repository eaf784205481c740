"""Log-in to the console with an API key, and log-out; the audit log has both, and refusals."""

from datetime import datetime
from typing import NoReturn
from zlib import crc32

from dog.errors import RateLimited, Unauthenticated
from dog.log import log
from dog.services.operations.rate_limits import RateLimits
from dog.services.runtime import Runtime
from dog.storage.api_keys import (
    ApiKey,
    authenticate,
    create_session,
    delete_session,
    find_key,
    read_claimed_key,
    read_session_key_id,
)
from dog.storage.audit_log import Actor, current_actor, record_audit_entry

ADDRESSES = 1 << 12
TRIES_A_SECOND = 5
COST_OF_A_FAILURE = 5
"""In tries: after a failure the address waits a second."""
SECONDS_BETWEEN_NOTES = 60
"""Between audit entries of failures with one key, so that guessing cannot push other entries out."""


def log_in(runtime: Runtime, presented: str, source: str, now: datetime) -> str:
    """Create a session with an API key and return its token; each source address may fail once a second.

    Raise `RateLimited` after too many tries from this address, `Unauthenticated` if the key is not valid.
    """
    # Addresses share a bounded number of counters.
    address = _counter(f"log-in {crc32(source.encode()) % ADDRESSES}", TRIES_A_SECOND)
    if runtime.shared(RateLimits).take(address).seconds_to_wait:
        raise RateLimited("too many tries from this address; wait a few seconds, then try again")
    try:
        key = authenticate(runtime.redis, presented, now)
    except Unauthenticated as error:
        runtime.shared(RateLimits).charge(address, COST_OF_A_FAILURE)
        _refuse(runtime, presented, source, error)
    token = create_session(runtime.redis, key.key_id)
    current_actor.set(Actor(key.key_id, key.name, source))
    record_audit_entry(runtime.redis, key.tenant, "session.begin")
    return token


def log_out(runtime: Runtime, token: str, source: str, now: datetime) -> None:
    """Delete a session, if there is one."""
    try:
        key = find_key(runtime.redis, read_session_key_id(runtime.redis, token), now)
    except Unauthenticated:
        delete_session(runtime.redis, token)
        return
    delete_session(runtime.redis, token)
    current_actor.set(Actor(key.key_id, key.name, source))
    record_audit_entry(runtime.redis, key.tenant, "session.end")


def _counter(name: str, per_second: int) -> ApiKey:
    """Return a key that is none, to count something else with the rate limits."""
    return ApiKey(key_id=name, tenant="", name="", scopes=(), sha256="", created_at="", per_second=per_second)


def _refuse(runtime: Runtime, presented: str, source: str, error: Unauthenticated) -> NoReturn:
    """Log the failure with the tenant of the key id, if it is known, without what was typed, and raise."""
    named = read_claimed_key(runtime.redis, presented)
    log.warning("log_in_refused", source=source, key_id=named.key_id if named else "unknown")
    if named is not None:
        notes = _counter(f"refused {named.key_id}", 1)
        if not runtime.shared(RateLimits).take(notes).seconds_to_wait:
            runtime.shared(RateLimits).charge(notes, SECONDS_BETWEEN_NOTES)
            current_actor.set(Actor(named.key_id, named.name, source))
            record_audit_entry(runtime.redis, named.tenant, "session.refuse")
    raise error
