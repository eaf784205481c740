"""Log-ins: who came, who was refused, who left, and nothing secret in what is kept of it."""

from datetime import UTC, datetime

import orjson
import pytest

from dog.errors import RateLimited, Unauthenticated
from dog.services.house import House
from dog.services.operations.enter import enter, leave
from dog.services.operations.limits import Limits
from dog.storage.api_keys import SCOPES, create_key
from dog.storage.audit import acting, read_acts
from tests.conftest import NOW


@pytest.fixture
def key(house: House) -> str:
    return create_key(house.redis, "default", "Ada", SCOPES, None, NOW)


def kept(house: House) -> list[tuple[str, str, str]]:
    """List what the audit has of sessions, oldest first."""
    acting.set(None)
    acts = [entry for _, entry in read_acts(house.redis, "default", 100)]
    return [(a["act"], a["name"], a["source"]) for a in reversed(acts) if a["act"].startswith("session.")]


def test_the_audit_has_who_came_was_refused_and_left_and_no_secret(house: House, key: str) -> None:
    seconds = iter(range(0, 1000, 10))
    house.limits = Limits(clock=lambda: next(seconds))
    token = enter(house, key, "10.1.2.3", NOW)
    wrong = key[:-4] + "xxxx"
    with pytest.raises(Unauthenticated):
        enter(house, wrong, "10.9.9.9", NOW)
    leave(house, token, "10.1.2.3", NOW)
    leave(house, token, "10.1.2.3", NOW)  # again: it has ended already

    assert kept(house) == [
        ("session.begin", "Ada", "10.1.2.3"),
        ("session.refuse", "Ada", "10.9.9.9"),
        ("session.end", "Ada", "10.1.2.3"),
    ]
    everything = orjson.dumps([entry for _, entry in read_acts(house.redis, "default", 100)]).decode()
    assert all(secret not in everything for secret in (key, wrong, token, key.split("_", 2)[2]))


def test_an_address_that_fails_waits_a_second_and_others_do_not(house: House, key: str) -> None:
    clock = [100.0]
    house.limits = Limits(clock=lambda: clock[0])
    with pytest.raises(Unauthenticated):
        enter(house, "dog_nobody_x", "10.9.9.9", NOW)
    with pytest.raises(RateLimited):
        enter(house, key, "10.9.9.9", NOW)

    assert enter(house, key, "10.1.2.3", NOW)
    clock[0] += 1.01
    assert enter(house, key, "10.9.9.9", NOW)


def test_whoever_guesses_at_a_key_cannot_fill_the_audit(house: House, key: str) -> None:
    clock = [100.0]
    house.limits = Limits(clock=lambda: clock[0])
    for _ in range(30):
        clock[0] += 2
        with pytest.raises(Unauthenticated):
            enter(house, key + "x", "10.9.9.9", datetime.now(UTC))

    assert len(kept(house)) == 1
