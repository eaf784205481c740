"""Log-ins: who came, who was refused, who left, and nothing secret in what is kept of it."""

from datetime import UTC, datetime

import orjson
import pytest

from dog.errors import RateLimited, Unauthenticated
from dog.services.operations.login import log_in, log_out
from dog.services.operations.rate_limits import RateLimits
from dog.services.runtime import Runtime
from dog.storage.api_keys import SCOPES, create_key
from dog.storage.audit_log import current_actor, read_audit_entries
from tests.conftest import NOW


@pytest.fixture
def key(runtime: Runtime) -> str:
    return create_key(runtime.redis, "default", "Ada", SCOPES, None, NOW)


def kept(runtime: Runtime) -> list[tuple[str, str, str]]:
    """List what the audit has of sessions, oldest first."""
    current_actor.set(None)
    acts = [entry for _, entry in read_audit_entries(runtime.redis, "default", 100)]
    return [(a["act"], a["name"], a["source"]) for a in reversed(acts) if a["act"].startswith("session.")]


def test_the_audit_has_who_came_was_refused_and_left_and_no_secret(runtime: Runtime, key: str) -> None:
    seconds = iter(range(0, 1000, 10))
    runtime.share(RateLimits(clock=lambda: next(seconds)))
    token = log_in(runtime, key, "10.1.2.3", NOW)
    wrong = key[:-4] + "xxxx"
    with pytest.raises(Unauthenticated):
        log_in(runtime, wrong, "10.9.9.9", NOW)
    log_out(runtime, token, "10.1.2.3", NOW)
    log_out(runtime, token, "10.1.2.3", NOW)  # again: it has ended already

    assert kept(runtime) == [
        ("session.begin", "Ada", "10.1.2.3"),
        ("session.refuse", "Ada", "10.9.9.9"),
        ("session.end", "Ada", "10.1.2.3"),
    ]
    everything = orjson.dumps([entry for _, entry in read_audit_entries(runtime.redis, "default", 100)]).decode()
    assert all(secret not in everything for secret in (key, wrong, token, key.split("_", 2)[2]))


def test_an_address_that_fails_waits_a_second_and_others_do_not(runtime: Runtime, key: str) -> None:
    clock = [100.0]
    runtime.share(RateLimits(clock=lambda: clock[0]))
    with pytest.raises(Unauthenticated):
        log_in(runtime, "dog_nobody_x", "10.9.9.9", NOW)
    with pytest.raises(RateLimited):
        log_in(runtime, key, "10.9.9.9", NOW)

    assert log_in(runtime, key, "10.1.2.3", NOW)
    clock[0] += 1.01
    assert log_in(runtime, key, "10.9.9.9", NOW)


def test_whoever_guesses_at_a_key_cannot_fill_the_audit(runtime: Runtime, key: str) -> None:
    clock = [100.0]
    runtime.share(RateLimits(clock=lambda: clock[0]))
    for _ in range(30):
        clock[0] += 2
        with pytest.raises(Unauthenticated):
            log_in(runtime, key + "x", "10.9.9.9", datetime.now(UTC))

    assert len(kept(runtime)) == 1
