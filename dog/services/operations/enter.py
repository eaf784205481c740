"""Sessions of the console: begun with an API key, ended on leaving; the audit has who came, was refused and left."""

from datetime import datetime
from typing import NoReturn
from zlib import crc32

import structlog

from dog.errors import RateLimited, Unauthenticated
from dog.services.house import House
from dog.storage.api_keys import ApiKey, authenticate, claimed, find_key
from dog.storage.audit import Actor, acting, note_act
from dog.storage.sessions import begin_session, end_session, key_of_session

ADDRESSES = 1 << 12
TRIES_A_SECOND = 5
COST_OF_A_FAILURE = 5
"""In tries: after a failure its address waits a second."""
SECONDS_BETWEEN_NOTES = 60
"""Of failures with one key: whoever guesses must not push what others did out of the audit."""
log = structlog.get_logger()


def enter(house: House, presented: str, source: str, now: datetime) -> str:
    """Begin a session with an API key and return its token.

    Parameters
    ----------
    house
        What bootstrap built.
    presented
        The key as it was typed.
    source
        The client's address; each may fail once a second.
    now
        When; by it keys expire.

    Raises
    ------
    RateLimited
        Too many tries from this address.
    Unauthenticated
        The key opens nothing.

    """
    # A number for an address: however many there are, what is counted stays small.
    address = ApiKey(f"log-in {crc32(source.encode()) % ADDRESSES}", "", "", (), "", "", per_second=TRIES_A_SECOND)
    if house.limits.ask(address).seconds_to_wait:
        raise RateLimited("too many tries from this address; wait a few seconds, then try again")
    try:
        key = authenticate(house.redis, presented, now)
    except Unauthenticated as error:
        house.limits.charge(address, COST_OF_A_FAILURE)
        _refuse(house, presented, source, error)
    token = begin_session(house.redis, key.key_id)
    acting.set(Actor(key.key_id, key.name, source))
    note_act(house.redis, key.tenant, "session.begin")
    return token


def leave(house: House, token: str, source: str, now: datetime) -> None:
    """End a session; one that has ended already, or never was, is no fault."""
    try:
        key = find_key(house.redis, key_of_session(house.redis, token), now)
    except Unauthenticated:
        end_session(house.redis, token)
        return
    end_session(house.redis, token)
    acting.set(Actor(key.key_id, key.name, source))
    note_act(house.redis, key.tenant, "session.end")


def _refuse(house: House, presented: str, source: str, error: Unauthenticated) -> NoReturn:
    """Note the failure with the tenant whose key was named, if any; never what was typed."""
    named = claimed(house.redis, presented)
    log.warning("log_in_refused", source=source, key_id=named.key_id if named else "unknown")
    if named is not None:
        notes = ApiKey(f"refused {named.key_id}", "", "", (), "", "", per_second=1)
        if not house.limits.ask(notes).seconds_to_wait:
            house.limits.charge(notes, SECONDS_BETWEEN_NOTES)
            acting.set(Actor(named.key_id, named.name, source))
            note_act(house.redis, named.tenant, "session.refuse")
    raise error
