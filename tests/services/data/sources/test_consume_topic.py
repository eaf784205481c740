from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import Producer

from dog.errors import InvalidInput, StoreUnavailable
from dog.services.data.load_file import load_file
from dog.services.data.mapping.map_entries import TopicEntry
from dog.services.data.row_values import RowCounts
from dog.services.data.sources import consume_topic as module
from dog.services.data.sources.consume_topic import consume_topic
from dog.services.runtime import Runtime
from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from tests.servers import free_port


class Broker:
    """The mock cluster of librdkafka, which speaks the protocol of Kafka."""

    def __init__(self) -> None:
        self._producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 3})
        broker = next(iter(self._producer.list_topics(timeout=10).brokers.values()))
        self.address = f"{broker.host}:{broker.port}"
        self._sent = 0

    def send(self, *documents: Any) -> None:
        """Send messages, those that are bytes as they are."""
        for document in documents:
            content = document if isinstance(document, bytes | None) else orjson.dumps(document)
            self._producer.produce("deals", content, b"key", partition=self._sent % 2)
            self._sent += 1
        self._producer.flush(10)


@pytest.fixture
def redis(redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect to one server: the group of a consumer takes seconds to form."""
    with connect(redis_server.url, timeout_seconds=5) as client:
        client.flushall()
        yield client


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def topic(broker: Broker) -> TopicEntry:
    return TopicEntry(
        kind="feedback",
        brokers=broker.address,
        topic="deals",
        settings={"session.timeout.ms": "6000", "heartbeat.interval.ms": "500", "log_level": "3"},
    )


def win(number: int) -> dict[str, str]:
    return {
        "type": "win",
        "contact_id": f"c{number % 5}",
        "product_id": "p1",
        "occurred_at": f"2026-11-20T10:00:{number % 60:02}Z",
    }


Consume = Callable[[int], RowCounts]


@pytest.fixture
def consume(runtime: Runtime, store: Store, topic: TopicEntry) -> Consume:
    """Consume until that many messages were read."""

    def call(messages: int) -> RowCounts:
        runtime.stopping.clear()

        def report(counts: RowCounts) -> None:
            if counts.total >= messages:
                runtime.stopping.set()

        return consume_topic(runtime, "default", "deals", topic, report)

    return call


def test_messages_count_once_and_a_second_consumer_goes_on_after_them(broker: Broker, consume: Consume) -> None:
    broker.send(*map(win, range(20)))
    first = consume(20)
    broker.send(*map(win, range(20, 25)), None)
    second = consume(5)

    assert (first.accepted, second.accepted, second.duplicates) == (20, 5, 0)


def test_what_was_stored_but_not_committed_comes_again_and_counts_once(
    broker: Broker, consume: Consume, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.send(*map(win, range(20)))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "_commit", die)
        with pytest.raises(KeyboardInterrupt):
            consume(20)
    again = consume(20)

    assert again.total == 20
    assert again.duplicates > 0
    assert again.rejected == 0


def test_what_was_not_stored_is_not_committed(
    broker: Broker, consume: Consume, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.send(*map(win, range(20)))

    def be_away(*_: object) -> None:
        raise StoreUnavailable("Redis is away")

    with monkeypatch.context() as patch:
        patch.setattr(module, "import_chunk", be_away)
        with pytest.raises(StoreUnavailable):
            consume(20)

    assert consume(20).accepted == 20


def test_rejected_messages_are_kept_with_their_places_and_can_be_loaded(
    broker: Broker, consume: Consume, runtime: Runtime
) -> None:
    broker.send(win(1), b"{", {**win(2), "type": "maybe"}, {**win(3), "occurred_at": "soon"})
    counts = consume(4)
    path = runtime.settings.data_dir / "rejected/default/deals.rejected.ndjson"
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    corrected = Path(str(path)).with_name("corrected.ndjson")
    fixed = [{**line, "type": "win", "occurred_at": "2026-11-20T10:00:00Z"} for line in lines if "type" in line]
    corrected.write_bytes(b"\n".join(map(orjson.dumps, fixed)))

    assert (counts.accepted, counts.rejected) == (1, 3)
    assert sorted(line["line"] for line in lines) == ["deals/0/1", "deals/1/0", "deals/1/1"]
    assert load_file(runtime, "default", "feedback", corrected).counts.accepted == 2


def test_a_topic_that_is_missing_and_brokers_that_are_away_are_one_sentence(
    runtime: Runtime, store: Store, topic: TopicEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace  # noqa: PLC0415  # for this test alone

    monkeypatch.setattr(module, "REACH_SECONDS", 0.5)
    with pytest.raises(InvalidInput, match=r"topic nope: .*Unknown topic"):
        consume_topic(runtime, "default", "deals", replace(topic, topic="nope"), lambda _: None)
    away = replace(topic, brokers=f"127.0.0.1:{free_port()}")
    with pytest.raises(InvalidInput, match=rf"{away.brokers}: "):
        consume_topic(runtime, "default", "deals", away, lambda _: None)
    with pytest.raises(InvalidInput, match="No such configuration property"):
        consume_topic(runtime, "default", "deals", replace(topic, settings={"nonsense": "1"}), lambda _: None)
