"""Export rows to files: products, contacts, scores and feedback as `load` reads them; decisions and multipliers."""

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from dog.core.iso_weeks import iso_time
from dog.core.records import CONTACT_LEVEL
from dog.services.data.read_rows import DataFile
from dog.services.data.table_files import write_table
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.read_multipliers import PAIR_COLUMNS, every_row
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive_files
from dog.storage.catalogue import read_attributes, read_catalogue, read_models
from dog.storage.contacts import read_partitions, unpack_scores
from dog.storage.decisions import read_decision_keys
from dog.storage.event_log import read_entry
from dog.storage.event_rows import FEEDBACK_COLUMNS, event_row
from dog.storage.store import Store
from dog.storage.stretches import read_hash
from dog.storage.tenant_dump import tenant_keys
from dog.storage.week_archive import read_logs

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
NUMBERS = frozenset(
    [
        *("value", "score", "lap", "rank", "pitches", "wins", "losses", "pending", "evidence_wins", "evidence_pitches"),
        *("evidence_expected", "expected", "product_ratio", "pair_ratio", "odds"),
        *("raw_win_rate", "win_rate", "prior", "arm", "drm", "explore", "step", "streak", "recursions", "laps"),
        *("multiplier", "propensity"),
    ]
)
DECISIONS_PER_TRIP = 200

Rows = Iterator[tuple[float, dict[str, Any]]]
"""Rows, each with the share of all rows that has been read."""


def export_rows(
    runtime: Runtime,
    tenant: str,
    kind: str,
    file: Path,
    policy: str | None = None,
    report: Callable[[float], None] = lambda _: None,
) -> tuple[int, int]:
    """Write all rows of a kind to a file, atomically; `policy` selects multipliers.

    Return how many rows were written, and how many were left out because only a hash of their contact is known.
    Raise `InvalidInput` if the suffix of the file is unknown, `NotFound` if the tenant or the policy is.
    """
    store = runtime.store(tenant)
    columns, rows = EXPORTS[kind](runtime, store, policy)
    numbers = NUMBERS | (_number_attributes(runtime, store, kind) if file.suffix == ".parquet" else set())
    written = nameless = 0
    with write_table(file, columns, numbers & set(columns)) as add:
        for share, row in rows:
            if kind != "products" and row.get("contact_id") is None:
                nameless += 1
                continue
            add(row)
            written += 1
            if written % 1000 == 0:
                report(share)
    report(1.0)
    return written, nameless


def _number_attributes(runtime: Runtime, store: Store, kind: str) -> set[str]:
    """Return the attributes that hold only numbers: a Parquet column has one type."""
    roots = dict(zip(("products", "contacts"), read_attributes(store), strict=True))
    numbers = {name for name, of in roots.get(kind, {}).items() if of == "number"}
    if numbers:
        for _, record in EXPORTS[kind](runtime, store, None)[1]:
            numbers -= {name for name in numbers if not _is_exact(record.get(name))}
    return numbers


def _is_exact(value: Any) -> bool:
    """Return whether a value is missing or exactly representable as a double."""
    if value is None or isinstance(value, float):
        return True
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 1 << 53


def _with_attributes(first: tuple[str, ...], attributes: Mapping[str, str]) -> list[str]:
    return [*first, *sorted(set(attributes) - set(first))]


def _products(runtime: Runtime, store: Store, policy: str | None) -> tuple[list[str], Rows]:  # noqa: ARG001  # same signature for all kinds
    catalogue = read_catalogue(store)
    rows = (
        (0.0, {**record, "product_id": product})
        for number, (product, record) in enumerate(zip(catalogue.ids, catalogue.records, strict=True))
        if number not in catalogue.without_row
    )
    return _with_attributes(PRODUCTS, read_attributes(store)[0]), rows


def _contacts(runtime: Runtime, store: Store, policy: str | None) -> tuple[list[str], Rows]:  # noqa: ARG001  # same signature for all kinds
    def rows() -> Rows:
        for partition, records in enumerate(read_partitions(store, "contacts"), 1):
            for record in records.values():
                yield partition / store.tenant.partition_count, orjson.loads(record)

    return _with_attributes(CONTACTS, read_attributes(store)[1]), rows()


def _scores(runtime: Runtime, store: Store, policy: str | None) -> tuple[list[str], Rows]:  # noqa: ARG001  # same signature for all kinds
    ids, models = read_catalogue(store).ids, list(read_models(store))

    def rows() -> Rows:
        for done, model in enumerate(models):
            for partition, arrays in enumerate(read_partitions(store, "scores", model), 1):
                share = (done + partition / store.tenant.partition_count) / len(models)
                names = _names(store, partition - 1)
                for contact, packed in arrays.items():
                    as_of_ms, scores = unpack_scores(packed)
                    # the shortest decimal that parses to the same 32 bits
                    scored = zip(scores["product"].tolist(), map(str, scores["score"]), strict=True)
                    for number, score in scored:
                        product = None if number == CONTACT_LEVEL else ids[number]
                        row = (names.get(contact), product, model, float(score), iso_time(as_of_ms))
                        yield share, dict(zip(SCORES, row, strict=True))

    return list(SCORES), rows()


def _names(store: Store, partition: int) -> dict[bytes, str]:
    records = read_hash(store, store.keys.partition(partition).of("contacts"))
    return {contact: orjson.loads(record)["contact_id"] for contact, record in records.items()}


def _feedback(runtime: Runtime, store: Store, policy: str | None) -> tuple[list[str], Rows]:  # noqa: ARG001  # same signature for all kinds
    def rows() -> Rows:
        for partition in range(store.tenant.partition_count):
            seen: set[str] = set()
            for read in read_logs(store, partition):
                contact_id = orjson.loads(read.record or b"{}").get("contact_id")
                events = filter(None, (read_entry(contact_id, entry) for entry in read.log.values()))
                for event in sorted(events, key=lambda event: (event.occurred_at_ms, event.event_id)):
                    seen.add(event.event_id)
                    yield (partition + 1) / store.tenant.partition_count, event_row(event)
            # after the logs: an event is archived before it is deleted from its log
            for file in archive_files(runtime, store.tenant.name, partition):
                for row in DataFile(file).rows():
                    if row.fields["event_id"] not in seen:
                        yield (partition + 1) / store.tenant.partition_count, _archived(row.fields)

    return list(FEEDBACK_COLUMNS), rows()


def _archived(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out NaN, which stands for a missing value."""
    return {name: value for name, value in fields.items() if not (isinstance(value, float) and math.isnan(value))}


def _decisions(runtime: Runtime, store: Store, policy: str | None) -> tuple[list[str], Rows]:  # noqa: ARG001  # same signature for all kinds
    runtime.shared(DecisionWriter).flush()
    keys = [key for key in tenant_keys(store.redis, store.tenant.name) if b"}:decision:" in key]

    def rows() -> Rows:
        for start in range(0, len(keys), DECISIONS_PER_TRIP):
            for content in read_decision_keys(store, keys[start : start + DECISIONS_PER_TRIP]):
                for item in content["items"]:
                    row = {**content, **item["attributes"], **item}
                    yield (start + 1) / len(keys), {name: row.get(name) for name in DECISIONS}

    return list(DECISIONS), rows()


def _multipliers(runtime: Runtime, store: Store, policy: str | None) -> tuple[list[str], Rows]:
    snapshot = runtime.shared(Snapshots).current(store)
    snapshot.policy(policy)
    count = max(1, snapshot.version.counts.get("pairs", 1) if snapshot.version else 1)
    return list(PAIR_COLUMNS), (
        (min(1.0, number / count), row) for number, row in enumerate(every_row(runtime, store, policy), 1)
    )


EXPORTS: Mapping[str, Callable[[Runtime, Store, str | None], tuple[list[str], Rows]]] = {
    "products": _products,
    "contacts": _contacts,
    "scores": _scores,
    "feedback": _feedback,
    "decisions": _decisions,
    "multipliers": _multipliers,
}
