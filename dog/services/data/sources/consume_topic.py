"""Consume a topic of Kafka: offsets are committed once the messages are stored, or written to the rejected ones.

A consumer that is killed in between gets the same messages again, and their ids make them count once.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from dog.errors import InvalidInput, NotReady
from dog.extras import install_extra
from dog.log import log
from dog.services.data.load_file import import_chunk
from dog.services.data.mapping.map_entries import TopicEntry
from dog.services.data.row_values import RowCounts
from dog.services.data.sources.database import find_secret
from dog.services.data.sources.topic_messages import MessageReader, write_rejected
from dog.services.runtime import Runtime

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Message

MESSAGES_AT_ONCE = 1_000
WAIT_SECONDS = 1.0
REACH_SECONDS = 10.0
OWN_SETTINGS = {"enable.auto.commit": False, "enable.auto.offset.store": False, "auto.offset.reset": "earliest"}
"""Settings on which it depends that nothing is lost: those of `dog.toml` do not win over them, but for the last."""
Report = Callable[[RowCounts], object]


def consume_topic(runtime: Runtime, tenant: str, name: str, entry: TopicEntry, report: Report) -> RowCounts:
    """Load the messages of a topic as they come, until the process is to stop; `report` is called after each batch.

    Raises
    ------
    InvalidInput
        The brokers cannot be reached, or have no such topic.
    NotReady
        confluent-kafka is not installed.
    StoreError
        Redis is away or full; what was not stored is not committed.

    """
    runtime.store(tenant, create=True)
    reader, counts = MessageReader(name, entry), RowCounts()
    rejected = runtime.settings.data_dir / "rejected" / tenant / f"{name}.rejected.ndjson"
    consumer = _connect(entry)
    try:
        consumer.subscribe([entry.topic])
        while not runtime.stopping.is_set():
            messages = [it for it in consumer.consume(MESSAGES_AT_ONCE, WAIT_SECONDS) if _is_content(it)]
            if not messages:
                continue
            full = [message for message in messages if message.value() is not None]  # one without deletes a key
            places = [f"{it.topic()}/{it.partition()}/{it.offset()}" for it in full]
            read = [
                (place, row)
                for n, (place, it) in enumerate(zip(places, full, strict=True), 1)
                if (row := reader.read(n, place, bytes(it.value() or b""))) is not None
            ]
            rows = [row for _, row in read]
            results = import_chunk(runtime, tenant, str(entry.kind), rows, counts)
            write_rejected(rejected, [place for place, _ in read], rows, results)
            _commit(consumer, messages)
            report(counts)
    finally:
        consumer.close()
    return counts


def _connect(entry: TopicEntry) -> "Consumer":
    """Return a consumer; raise where the brokers cannot be reached, or have no such topic."""
    try:
        from confluent_kafka import Consumer, KafkaException  # noqa: PLC0415  # an extra
    except ImportError:
        raise NotReady(f"consuming a topic needs confluent-kafka: {install_extra('kafka')}") from None
    given = {name: find_secret(value) for name, value in entry.settings.items()}
    settings: dict[str, Any] = {"bootstrap.servers": entry.brokers, "group.id": entry.group}
    reset = {name: value for name, value in given.items() if name == "auto.offset.reset"}
    try:
        consumer = Consumer({**given, **settings, **OWN_SETTINGS, **reset})
        found = consumer.list_topics(entry.topic, timeout=REACH_SECONDS).topics[entry.topic]
    except KafkaException as error:
        raise InvalidInput(f"{entry.brokers}: {error.args[0].str()}", code="kafka_error") from None
    if found.error is not None:
        consumer.close()
        raise InvalidInput(f"{entry.brokers}: topic {entry.topic}: {found.error.str()}", code="kafka_error")
    return consumer


def _is_content(message: "Message") -> bool:
    """Return whether this is a message; what librdkafka says instead is logged, and it continues by itself."""
    error = message.error()
    if error is not None:
        log.warning("kafka", reason=error.str())
        if error.fatal():
            raise InvalidInput(f"Kafka: {error.str()}", code="kafka_error")
    return error is None


def _commit(consumer: "Consumer", messages: Sequence["Message"]) -> None:
    """Commit how far each partition is stored; a commit that is refused is made up for by the next."""
    from confluent_kafka import KafkaException, TopicPartition  # noqa: PLC0415  # an extra

    ends = [TopicPartition(topic, partition, end) for (topic, partition), end in _ends(messages).items()]
    try:
        consumer.commit(offsets=ends, asynchronous=False)
    except KafkaException as error:  # others have the partitions now, and get these messages again
        log.warning("kafka_commit", reason=error.args[0].str())


def _ends(messages: Iterable["Message"]) -> dict[tuple[str, int], int]:
    """Return the next offset of each partition."""
    return {(str(it.topic()), int(it.partition() or 0)): int(it.offset() or 0) + 1 for it in messages}
