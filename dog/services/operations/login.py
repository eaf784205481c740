"""Log-in to the console with an API key or as a person, and log-out; the audit log has both, and refusals."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, NoReturn
from zlib import crc32

from dog.config import Role
from dog.errors import RateLimited, Unauthenticated
from dog.log import log
from dog.services.operations.rate_limits import RateLimits
from dog.services.runtime import Runtime
from dog.storage.api_keys import (
    LOCAL_KEY,
    ApiKey,
    authenticate,
    create_session,
    delete_session,
    find_key,
    read_claimed_key,
    read_session_key_id,
)
from dog.storage.audit_log import Actor, current_actor, record_audit_entry
from dog.storage.people import PERSON_PREFIX, Person, find_person, note_log_in

COUNTERS = 1 << 12
WRONG_KEYS_A_SECOND = 1
"""From one address, and at one key id."""
SECONDS_BETWEEN_NOTES = 60
"""Between audit entries of failures with one key, so that guessing cannot push other entries out."""


def log_in(runtime: Runtime, presented: str, source: str, now: datetime) -> str:
    """Create a session with an API key and return its token.

    A valid key is always accepted: a limit on it would let anyone who guesses keep its owner out, and nobody guesses
    the 256 random bits of a key. Raise `Unauthenticated` for any other key, and `RateLimited` for more than one a
    second from this address or with this key id.
    """
    try:
        key = authenticate(runtime.redis, presented, now)
    except Unauthenticated as error:
        _refuse(runtime, presented, source, error)
    token = create_session(runtime.redis, key.key_id)
    current_actor.set(Actor(key.key_id, key.name, source))
    record_audit_entry(runtime.redis, key.tenant, "session.begin")
    return token


def log_in_person(runtime: Runtime, person: Person, source: str) -> str:
    """Create a session of a person whom the identity provider has named; return its token.

    Raise `Unauthenticated` if the person is blocked.
    """
    current_actor.set(Actor(person.person_id, person.name, source))
    try:
        note_log_in(runtime.redis, person)
    except Unauthenticated:
        record_audit_entry(runtime.redis, person.tenant, "session.refuse")
        raise
    record_audit_entry(runtime.redis, person.tenant, "session.begin", role=person.role)
    return create_session(runtime.redis, person.person_id)


class ConsoleSession(NamedTuple):
    """What the key or person of a session may do."""

    key: ApiKey
    role: Role


def session_of_key(key: ApiKey) -> ConsoleSession:
    """Return the session of an API key: its role is the one whose scopes the key has."""
    return ConsoleSession(key, "admin" if "admin" in key.scopes else "analyst" if "read" in key.scopes else "rep")


def find_session(runtime: Runtime, token: str, now: datetime) -> ConsoleSession:
    """Return what the key or person of a session may do; raise `Unauthenticated` if the session is over."""
    key_id = read_session_key_id(runtime.redis, token)
    if key_id.startswith(PERSON_PREFIX):
        person = find_person(runtime.redis, key_id)
        return ConsoleSession(person.key, person.role)
    return session_of_key(find_key(runtime.redis, key_id, now))


def log_out(runtime: Runtime, token: str, source: str, now: datetime) -> None:
    """Delete a session, if there is one."""
    try:
        key, _ = find_session(runtime, token, now)
    except Unauthenticated:
        delete_session(runtime.redis, token)
        return
    delete_session(runtime.redis, token)
    current_actor.set(Actor(key.key_id, key.name, source))
    record_audit_entry(runtime.redis, key.tenant, "session.end")


def _counter(kind: str, name: str) -> ApiKey:
    """Return a key that is none, to count something else with the rate limits; names share a bounded number."""
    place = crc32(name.encode("utf-8", "surrogatepass")) % COUNTERS
    return replace(LOCAL_KEY, key_id=f"{kind} {place}", tenant="", per_second=WRONG_KEYS_A_SECOND)


def _refuse(runtime: Runtime, presented: str, source: str, error: Unauthenticated) -> NoReturn:
    """Log the failure with the tenant of the key id, if it is known, without what was typed, and raise."""
    named, limits = read_claimed_key(runtime.redis, presented), runtime.shared(RateLimits)
    counters = [_counter("log-in from", source), *([_counter("log-in with", named.key_id)] if named else [])]
    waits = [limits.take(counter).seconds_to_wait for counter in counters]
    if any(waits):
        raise RateLimited("too many invalid keys; wait a few seconds, then try again") from error
    log.warning("log_in_refused", source=source, key_id=named.key_id if named else "unknown")
    if named is not None:
        notes = _counter("refused", named.key_id)
        if not limits.take(notes).seconds_to_wait:
            limits.charge(notes, SECONDS_BETWEEN_NOTES)
            current_actor.set(Actor(named.key_id, named.name, source))
            record_audit_entry(runtime.redis, named.tenant, "session.refuse")
    raise error
