"""What can be exported: of each kind its columns, its parts, and how the rows of a part are read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from dog.core.iso_weeks import iso_time
from dog.core.records import CONTACT_LEVEL
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.pairs.read_multipliers import PAIR_COLUMNS, partition_rows, read_pair_numbers
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archived_events
from dog.storage.catalogue import read_attributes, read_catalogue, read_models
from dog.storage.event_log import read_entry
from dog.storage.event_rows import FEEDBACK_COLUMNS, event_row
from dog.storage.every_decision import DecisionPart, decision_parts, read_decision_part
from dog.storage.packed_scores import unpack_scores
from dog.storage.store import Store
from dog.storage.stretches import read_hash
from dog.storage.week_archive import read_logs

EXPORTS = ("products", "contacts", "scores", "feedback", "decisions", "multipliers")
"""All kinds."""
PRODUCTS = ("product_id", "name", "category", "value", "active_from", "active_to")
CONTACTS = ("contact_id", "account_id", "name", "segment", "channels")
SCORES = ("contact_id", "product_id", "model", "score", "as_of")
DECISIONS = (
    "decision_id",
    "contact_id",
    "generated_at",
    "lap",
    "policy",
    "policy_version",
    "multiplier_version",
    "rank",
    "product_id",
    "score",
    "account",
    "product",
    "time",
    "channel",
    "rationale",
    "variant",
    "propensity",
)
PAIR_TEXTS = frozenset({"contact_id", "product_id", "version", "as_of"})
PRODUCTS_PER_PART = 10_000

ReadPart = Callable[[Store, Any], Iterable[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """How the rows of a kind are exported."""

    parts: Sequence[Any]
    read: ReadPart
    columns: tuple[str, ...]
    numbers: frozenset[str] = frozenset()  # columns that hold numbers
    attributes: frozenset[str] = frozenset()  # columns that may hold other values than numbers, too
    id_column: str = "contact_id"  # a row without it is left out


def plan_export(runtime: Runtime, store: Store, kind: str, policy: str | None) -> ExportPlan:
    """Plan the export of a kind; `policy` selects multipliers. Raise `NotFound` if no such policy is active."""
    partitions = range(store.tenant.partition_count)
    match kind:
        case "products":
            return _plan_products(store)
        case "contacts":
            columns, attributes = _with_attributes(CONTACTS, read_attributes(store)[1])
            return ExportPlan(parts=partitions, read=_contacts, columns=columns, attributes=attributes)
        case "scores":
            parts = [(model, partition) for model in read_models(store) for partition in partitions]
            return ExportPlan(parts=parts, read=_scores, columns=SCORES, numbers=frozenset({"score"}))
        case "feedback":
            numbers = frozenset({"value", "propensity"})
            return ExportPlan(parts=partitions, read=_feedback, columns=FEEDBACK_COLUMNS, numbers=numbers)
        case "decisions":
            runtime.shared(DecisionWriter).flush()
            numbers = frozenset({"score", "lap", "rank", "propensity"})
            return ExportPlan(parts=decision_parts(store), read=_decisions, columns=DECISIONS, numbers=numbers)
    read = partial(partition_rows, numbers=read_pair_numbers(runtime, store, policy))
    return ExportPlan(parts=partitions, read=read, columns=PAIR_COLUMNS, numbers=frozenset(PAIR_COLUMNS) - PAIR_TEXTS)


def _plan_products(store: Store) -> ExportPlan:
    columns, attributes = _with_attributes(PRODUCTS, read_attributes(store)[0])
    count = len(read_catalogue(store))
    return ExportPlan(
        parts=[range(first, min(first + PRODUCTS_PER_PART, count)) for first in range(0, count, PRODUCTS_PER_PART)],
        read=_products,
        columns=columns,
        numbers=frozenset({"value"}),
        attributes=attributes,
        id_column="product_id",
    )


def _with_attributes(first: tuple[str, ...], attributes: Mapping[str, str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the columns of a kind, the first ones and then the tenant's own; and which of them began with numbers."""
    numbers = frozenset(name for name, kind in attributes.items() if kind == "number")
    return (*first, *sorted(set(attributes) - set(first))), numbers


def _products(store: Store, numbers: range) -> Iterator[dict[str, Any]]:
    catalogue = read_catalogue(store)
    for number in numbers:
        if number not in catalogue.without_row:
            yield {**catalogue.records[number], "product_id": catalogue.ids[number]}


def _contacts(store: Store, partition: int) -> Iterator[dict[str, Any]]:
    return map(orjson.loads, read_hash(store, store.keys.partition(partition).of("contacts")).values())


def _scores(store: Store, part: tuple[str, int]) -> Iterator[dict[str, Any]]:
    model, partition = part
    ids = read_catalogue(store).ids
    names = {contact: orjson.loads(record)["contact_id"] for contact, record in _records(store, partition)}
    for contact, packed in read_hash(store, store.keys.partition(partition).of("scores", model)).items():
        as_of_ms, scores = unpack_scores(packed)
        contact_id, as_of = names.get(contact), iso_time(as_of_ms)
        # the shortest decimal that parses to the same 32 bits
        for number, score in zip(scores["product"].tolist(), map(str, scores["score"]), strict=True):
            product = None if number == CONTACT_LEVEL else ids[number]
            row = (contact_id, product, model, float(score), as_of)
            yield dict(zip(SCORES, row, strict=True))


def _feedback(store: Store, partition: int) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for read in read_logs(store, partition):
        contact_id = orjson.loads(read.record or b"{}").get("contact_id")
        events = filter(None, (read_entry(contact_id, entry) for entry in read.log.values()))
        for event in sorted(events, key=lambda event: (event.occurred_at_ms, event.event_id)):
            seen.add(event.event_id)
            yield event_row(event)
    # after the logs: an event is archived before it is deleted from its log
    yield from (row for row in archived_events(store, partition) if row["event_id"] not in seen)


def _decisions(store: Store, part: DecisionPart) -> Iterator[dict[str, Any]]:
    for content in read_decision_part(store, part):
        for item in content["items"]:
            row = {**content, **item["attributes"], **item}
            yield {name: row.get(name) for name in DECISIONS}


def _records(store: Store, partition: int) -> Iterable[tuple[bytes, bytes]]:
    return read_hash(store, store.keys.partition(partition).of("contacts")).items()
