"""The breaker: opens at the fifth failure in a row, fails at once while open, closes by a probe alone."""

import threading

import pytest

from dog.errors import StoreUnavailable
from dog.storage.breaker import TIMEOUT_WEIGHT, Breaker, attach_breaker, breaker_of
from dog.storage.connection import connect
from dog.storage.round_trip import RoundTrip


class Server:
    """Something that is away until told otherwise, and counts how often it was looked for."""

    def __init__(self) -> None:
        self.back, self.looked, self.tick = threading.Event(), 0, threading.Semaphore(0)

    def probe(self) -> None:
        self.looked += 1
        if not self.back.is_set():
            raise ConnectionError

    def pause(self, seconds: float) -> None:
        assert seconds == 1.0
        self.tick.acquire(timeout=60)


def test_five_failures_in_a_row_open_it_and_four_do_not() -> None:
    server = Server()
    breaker = Breaker(server.probe, server.pause)
    for _ in range(4):
        breaker.failed()
    breaker.succeeded()
    for _ in range(4):
        breaker.failed()
    breaker.check()
    breaker.failed()

    with pytest.raises(StoreUnavailable, match="several times in a row"):
        breaker.check()


def test_the_second_timeout_in_a_row_opens_it() -> None:
    server = Server()
    breaker = Breaker(server.probe, server.pause)
    breaker.failed(TIMEOUT_WEIGHT)
    breaker.check()
    breaker.failed(TIMEOUT_WEIGHT)

    assert breaker.is_open


def test_only_a_probe_that_succeeds_closes_it() -> None:
    server = Server()
    breaker = Breaker(server.probe, server.pause)
    for _ in range(7):
        breaker.failed()
    server.tick.release()
    while server.looked == 0:
        pass
    still_open = breaker.is_open
    server.back.set()
    server.tick.release()
    while breaker.is_open:
        pass

    assert still_open
    assert server.looked == 2
    breaker.check()


def test_a_dead_server_opens_the_breaker_of_its_connection(tmp_path: object) -> None:
    redis = connect(f"unix://{tmp_path}/nobody.sock")
    server = Server()
    attach_breaker(redis, Breaker(server.probe, server.pause))
    for _ in range(5):
        trip = RoundTrip(redis)
        trip.add("PING")
        with pytest.raises(StoreUnavailable, match=r"nobody\.sock"):
            trip.send()
    trip = RoundTrip(redis)
    trip.add("PING")
    breaker = breaker_of(redis)

    assert breaker is not None
    assert breaker.is_open
    with pytest.raises(StoreUnavailable, match="tried again every second"):
        trip.send()
