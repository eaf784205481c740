"""Log-ins: who came, who was refused, who left, and nothing secret in what is kept of it."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
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
from tests.servers import wait_until


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


def refusals(runtime: Runtime, tries: list[tuple[str, str]]) -> list[str]:
    """Log in with wrong keys, each from an address; tell how each is refused."""
    found = []
    for presented, address in tries:
        with pytest.raises((Unauthenticated, RateLimited)) as caught:
            log_in(runtime, presented, address, NOW)
        found.append(caught.value.code)
    return found


@pytest.mark.parametrize(
    "tries",
    [
        [("dog_nobody_x", "10.9.9.9"), ("dog_somebody_y", "10.9.9.9")],
        [("dog_0123456789ab_x", "10.9.9.9"), ("dog_0123456789ab_y", "10.8.8.8")],
    ],
    ids=["one address", "one key id"],
)
def test_wrong_keys_from_one_address_or_at_one_key_id_wait_a_second(
    runtime: Runtime, key: str, tries: list[tuple[str, str]]
) -> None:
    clock = [100.0]
    runtime.share(RateLimits(clock=lambda: clock[0]))
    wrong = [(presented.replace("0123456789ab", key.split("_")[1]), address) for presented, address in tries]

    assert refusals(runtime, wrong) == ["unauthenticated", "rate_limited"]
    assert refusals(runtime, [("dog_other_x", "10.7.7.7")]) == ["unauthenticated"]
    clock[0] += 1.01
    assert refusals(runtime, wrong[::-1]) == ["unauthenticated", "rate_limited"]


def test_a_right_key_is_let_in_whoever_guesses_at_it_or_from_its_address(runtime: Runtime, key: str) -> None:
    runtime.share(RateLimits(clock=lambda: 100.0))
    refusals(runtime, [(f"{key}x", "10.9.9.9"), ("dog_nobody_x", "10.9.9.9")] * 20)

    assert [bool(log_in(runtime, key, "10.9.9.9", NOW)) for _ in range(20)] == [True] * 20


def test_two_threads_that_guess_keep_nobody_out(runtime: Runtime, key: str) -> None:
    enough = threading.Event()
    counts: Counter[str] = Counter()

    def guess() -> None:
        while not enough.is_set():
            counts.update(refusals(runtime, [(f"{key}x", "127.0.0.1")]))

    with ThreadPoolExecutor(2) as pool:
        guessing = [pool.submit(guess) for _ in range(2)]
        try:
            wait_until(lambda: counts["rate_limited"] > 2)
            tokens = [log_in(runtime, key, "127.0.0.1", NOW) for _ in range(20)]
        finally:
            enough.set()
        for each in guessing:
            each.result()

    assert len(set(tokens)) == 20


def test_who_waits_leaves_no_note_in_the_log(runtime: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    runtime.share(RateLimits(clock=lambda: 100.0))
    refusals(runtime, [("dog_nobody_x", "10.9.9.9")] * 5)

    assert capsys.readouterr().err.count("log_in_refused") == 1


def test_guesses_at_a_key_cannot_fill_the_audit(runtime: Runtime, key: str) -> None:
    clock = [100.0]
    runtime.share(RateLimits(clock=lambda: clock[0]))
    for _ in range(30):
        clock[0] += 2
        with pytest.raises(Unauthenticated):
            log_in(runtime, key + "x", "10.9.9.9", datetime.now(UTC))

    assert len(kept(runtime)) == 1
