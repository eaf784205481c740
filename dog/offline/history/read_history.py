"""Read the whole history of a tenant: pitches from the logs and from archived weeks, transactions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from dog.core.events import ANSWERS, OUTCOMES, Attribute, EventType, Trigger
from dog.core.iso_weeks import DAY_MS
from dog.errors import NotReady
from dog.offline.history.pair_streaks import PairStreaks, streaks_before
from dog.offline.history.pitches import OutcomeEvent, Pitches, settle_complete_weeks
from dog.services.data.read_rows import DataFile
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive_files
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import TRANSACTIONS, read_partitions
from dog.storage.event_log import read_entry
from dog.storage.store import Store
from dog.storage.week_archive import read_logs


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Resolved pitches with their streaks, and the contacts and products that their numbers index.

    Segments and categories are empty where not known.
    """

    pitches: Pitches
    contact_ids: list[str]
    segments: NDArray[np.str_]
    product_ids: list[str]
    categories: NDArray[np.str_]
    streaks: PairStreaks


def read_history(
    runtime: Runtime, store: Store, maturation_days: float, report: Callable[[float], None] = lambda _: None
) -> History:
    """Read the resolved pitches of all complete weeks; `NotReady` where no week is complete."""
    catalogue = read_catalogue(store)
    contacts: dict[str, int] = {}
    events: list[OutcomeEvent] = []
    for partition in range(store.tenant.partition_count):
        events += _outcomes(runtime, store, partition, contacts, catalogue.numbers)
        report((partition + 1) / store.tenant.partition_count)
    segments = np.full(len(contacts), "", dtype=object)
    for records in read_partitions(store, "contacts"):
        for record in map(orjson.loads, records.values()):
            if (number := contacts.get(record["contact_id"])) is not None:
                segments[number] = str(record.get("segment") or "")
    pitches = settle_complete_weeks(events, runtime.clock(), round(maturation_days * DAY_MS), runtime.settings.zone)
    if not len(pitches):
        raise NotReady(
            "no week of pitches has come to an end yet; load feedback first, with losses, or wait until pitches "
            f"without an answer count as lost, after {maturation_days:g} days: python -m dog load feedback FILE",
            code="no_outcomes",
        )
    return History(
        pitches=pitches,
        contact_ids=list(contacts),
        segments=segments.astype(np.str_),
        product_ids=list(catalogue.ids),
        categories=np.array([str(record.get("category") or "") for record in catalogue.records], np.str_),
        streaks=streaks_before([event for event in events if event.kind in ANSWERS], pitches),
    )


def _outcomes(
    runtime: Runtime, store: Store, partition: int, contacts: dict[str, int], numbers: Mapping[str, int]
) -> Iterator[OutcomeEvent]:
    seen: set[str] = set()
    for read in read_logs(store, partition):
        contact_id = orjson.loads(read.record or b"{}").get("contact_id") or read.contact.hex()
        for entry in read.log.values():
            event = read_entry(contact_id, entry)
            if event is None:
                continue
            seen.add(event.event_id)
            if event.product_id and _about_pair(event.type, event.trigger, event.attribute):
                yield OutcomeEvent(
                    contact=contacts.setdefault(contact_id, len(contacts)),
                    product=numbers[event.product_id],
                    at_ms=event.occurred_at_ms,
                    kind=event.type,
                    event_id=event.event_id,
                    pitch_id=event.pitch_id,
                    propensity=np.nan if event.propensity is None else event.propensity,
                    variant=event.variant or "",
                )
    # after the logs: an event is written to the archive before it leaves its log
    for file in archive_files(runtime, store.tenant.name, partition):
        for row in DataFile(file).rows():
            kind = EventType[str(row.fields["type"]).upper()]
            if row.fields["event_id"] in seen or row.fields["product_id"] not in numbers:
                continue
            if _about_pair(kind, *_reason(row.fields)):
                yield _archived(row.fields, kind, contacts, numbers)


def _reason(fields: Mapping[str, Any]) -> tuple[Trigger, Attribute]:
    given = (fields.get(name) for name in ("trigger", "attribute"))
    trigger, attribute = (value if isinstance(value, str) and value else "none" for value in given)
    return Trigger[trigger.upper()], Attribute[attribute.upper()]


def _about_pair(kind: EventType, trigger: Trigger, attribute: Attribute) -> bool:
    """Return whether an event is an outcome, or a verdict on the pair itself (see `dog.core.verdicts.triggers`)."""
    personal = trigger in (Trigger.NONE, Trigger.PERFORMANCE)
    of_product = trigger is Trigger.DISCOMFORT and attribute is Attribute.PRODUCT
    return kind in OUTCOMES or (kind in ANSWERS and (personal or of_product))


def _archived(
    fields: Mapping[str, Any], kind: EventType, contacts: dict[str, int], numbers: Mapping[str, int]
) -> OutcomeEvent:
    propensity, variant, pitch_id = (fields.get(name) for name in ("propensity", "variant", "pitch_id"))
    return OutcomeEvent(
        contact=contacts.setdefault(str(fields["contact_id"]), len(contacts)),
        product=numbers[fields["product_id"]],
        at_ms=round(datetime.fromisoformat(str(fields["occurred_at"])).timestamp() * 1000),
        kind=kind,
        event_id=str(fields["event_id"]),
        pitch_id=pitch_id if isinstance(pitch_id, str) else None,
        propensity=float("nan") if propensity is None else float(propensity),
        variant=variant if isinstance(variant, str) else "",
    )


def read_transactions(store: Store) -> pd.DataFrame:
    """Read all transactions of a tenant; the frame has no columns where there are none."""
    ids = np.array(read_catalogue(store).ids, dtype=object)
    contact_ids: list[str] = []
    arrays: list[np.ndarray] = []
    records = read_partitions(store, "contacts")
    for packed, known in zip(read_partitions(store, "transactions"), records, strict=True):
        for digest, array in packed.items():
            contact_ids.append(orjson.loads(known[digest])["contact_id"])
            arrays.append(np.frombuffer(array, TRANSACTIONS))
    if not arrays:
        return pd.DataFrame()
    rows = np.concatenate(arrays)
    return pd.DataFrame(
        {
            "contact_id": np.repeat(np.array(contact_ids, dtype=object), [len(array) for array in arrays]),
            "product_id": ids[rows["product"]],
            "occurred_at": pd.to_datetime(rows["at"].astype(np.int64), unit="s", utc=True),
            "quantity": rows["quantity"].astype(np.float64),
            "amount": rows["amount"].astype(np.float64),
        }
    )
