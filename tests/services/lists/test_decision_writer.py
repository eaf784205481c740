"""Decisions written behind: bounded while the store is away, whole once it is back, never ended by a fault of ours."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from dog.errors import StoreUnavailable
from dog.services.lists import decision_writer
from dog.services.lists.decision_writer import DecisionWriter
from dog.storage.connection import Redis, connect
from dog.storage.decisions import KeptDecision, read_decision, write_new_decisions
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store, ensure_tenant


@pytest.fixture
def redis(redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect with little patience."""
    with connect(redis_server.url, timeout_seconds=0.25) as client:
        client.flushall()
        yield client


@pytest.fixture
def store(redis: Redis) -> Store:
    return Store(redis, ensure_tenant(redis, "default"))


@pytest.fixture
def hung(redis: Redis) -> Iterator[int]:
    """Stop the server's process; it continues in the end."""
    process_id = int(redis.info("server")["process_id"])
    os.kill(process_id, signal.SIGSTOP)
    yield process_id
    os.kill(process_id, signal.SIGCONT)


def decision(store: Store, number: int) -> KeptDecision:
    return KeptDecision(
        decision_id=f"d{number}",
        request=b"12345678",
        contact=store.tenant.contact("c1"),
        week="2026-W46",
        content=b'{"number":%d}' % number,
    )


def test_what_waits_is_bounded_and_written_once_the_store_is_back(
    store: Store, hung: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision_writer, "MAX_WAITING", 5)
    writer = DecisionWriter()
    for number in range(9):
        writer.add(store, decision(store, number))
        writer.flush()
    waiting = writer.waiting_laps(store, store.tenant.contact("c1"))
    with pytest.raises(StoreUnavailable):
        read_decision(store, "d0")
    os.kill(hung, signal.SIGCONT)
    writer.close()
    kept = [read_decision(store, f"d{number}") for number in range(9)]

    assert waiting == 5
    assert [found is not None for found in kept] == [True] * 5 + [False] * 4
    assert writer.waiting_laps(store, store.tenant.contact("c1")) == 0


def test_a_fault_of_ours_drops_what_it_meets_and_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = DecisionWriter()
    monkeypatch.setattr(decision_writer, "write_new_decisions", lambda *_: 1 / 0)
    writer.add(store, decision(store, 1))
    writer.flush()
    monkeypatch.undo()
    writer.add(store, decision(store, 2))
    writer.close()

    assert read_decision(store, "d1") is None
    assert read_decision(store, "d2") is not None
    assert writer.waiting_laps(store, store.tenant.contact("c1")) == 0


def test_a_flush_waits_for_what_is_on_its_way(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(store: Store, decisions: list[KeptDecision]) -> None:
        begun.set()
        go_on.wait(60)
        write_new_decisions(store, decisions)

    monkeypatch.setattr(decision_writer, "write_new_decisions", slowly)
    writer = DecisionWriter()
    writer.add(store, decision(store, 1))
    begun.wait(60)  # the writer's own thread has taken it
    flushing = threading.Thread(target=writer.flush)
    flushing.start()
    flushing.join(0.1)
    waited = flushing.is_alive()
    go_on.set()
    flushing.join()

    assert waited
    assert read_decision(store, "d1") is not None
    writer.close()


def test_what_was_written_before_an_error_is_counted_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer_lost(store: Store, decisions: list[KeptDecision]) -> None:
        write_new_decisions(store, decisions[:2])
        raise StoreUnavailable("the answer was lost")

    writer = DecisionWriter()
    monkeypatch.setattr(decision_writer, "write_new_decisions", answer_lost)
    for number in range(3):
        writer.add(store, decision(store, number))
    writer.flush()
    monkeypatch.undo()
    writer.close()
    contact = store.tenant.contact("c1")

    assert [read_decision(store, f"d{number}") is not None for number in range(3)] == [True] * 3
    assert store.redis.hget(store.tenant.partition(contact).of("laps"), contact) == b"3"


def test_many_decisions_are_written_a_few_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(decision_writer, "write_new_decisions", lambda _, decisions: sizes.append(len(decisions)))
    writer = DecisionWriter()
    writer.work([(store, decision(store, number)) for number in range(2 * decision_writer.MOST_TOGETHER + 1)])

    assert sizes == [decision_writer.MOST_TOGETHER, decision_writer.MOST_TOGETHER, 1]
