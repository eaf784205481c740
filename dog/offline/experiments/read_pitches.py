"""Read the whole history of pitches: from the logs, and from the files of archived weeks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from dog.core.events import ANSWERS, OUTCOMES, Attribute, EventType, Trigger
from dog.errors import NotReady
from dog.offline.evaluation.pitches import OutcomeEvent, Pitches, settle_complete_weeks
from dog.offline.evaluation.verdict_runs import PairRuns, runs_before
from dog.services.data.read_rows import DataFile
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive_files
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import read_partitions
from dog.storage.event_log import read_entry
from dog.storage.store import Store
from dog.storage.week_archive import read_logs

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class History:
    """Resolved pitches, and whom and what they are about.

    Parameters
    ----------
    pitches
        In the order of their time; contact and product are places in the lists below.
    contact_ids, segments
        Of each contact; the segment is empty where not known.
    product_ids, categories
        Of each product; the category is empty where not known.
    runs
        Run of accepts or discards behind the pair at each pitch.

    """

    pitches: Pitches
    contact_ids: list[str]
    segments: NDArray[np.str_]
    product_ids: list[str]
    categories: NDArray[np.str_]
    runs: PairRuns


def read_history(
    runtime: Runtime, store: Store, maturation_days: float, report: Callable[[float], None] = lambda _: None
) -> History:
    """Read every pitch that has come to an end; a pitch without an answer counts as lost when it is old enough.

    The last weeks are left out as long as many of their pitches are open: `settle_complete_weeks`.

    Raises
    ------
    NotReady
        No week of pitches has come to an end.

    """
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
    pitches = settle_complete_weeks(events, runtime.clock(), round(maturation_days * DAY_MS))
    if not len(pitches):
        raise NotReady(
            "no week of pitches has come to an end yet; load feedback first, with losses, or wait until pitches "
            f"without an answer count as lost, after {maturation_days:g} days: python -m dog load feedback FILE",
            code="no_outcomes",
        )
    return History(
        pitches,
        list(contacts),
        segments.astype(np.str_),
        list(catalogue.ids),
        np.array([str(record.get("category") or "") for record in catalogue.records], np.str_),
        runs_before([event for event in events if event.kind in ANSWERS], pitches),
    )


def _outcomes(
    runtime: Runtime, store: Store, partition: int, contacts: dict[str, int], numbers: Mapping[str, int]
) -> Iterator[OutcomeEvent]:
    told: set[str] = set()
    for read in read_logs(store, partition):
        contact_id = orjson.loads(read.record or b"{}").get("contact_id") or read.contact.hex()
        for entry in read.log.values():
            event = read_entry(contact_id, entry)
            if event is None:
                continue
            told.add(event.event_id)
            if event.product_id and _about_pair(event.type, event.trigger, event.attribute):
                yield OutcomeEvent(
                    contacts.setdefault(contact_id, len(contacts)),
                    numbers[event.product_id],
                    event.occurred_at_ms,
                    event.type,
                    event.event_id,
                    event.pitch_id,
                    np.nan if event.propensity is None else event.propensity,
                    event.variant or "",
                )
    # after the logs: an event is in the archive before it leaves its log
    for file in archive_files(runtime, store.tenant.name, partition):
        for row in DataFile(file).rows():
            kind = EventType[str(row.fields["type"]).upper()]
            if row.fields["event_id"] in told or row.fields["product_id"] not in numbers:
                continue
            if _about_pair(kind, *_reason(row.fields)):
                yield _archived(row.fields, kind, contacts, numbers)


def _reason(fields: Mapping[str, Any]) -> tuple[Trigger, Attribute]:
    told = (fields.get(name) for name in ("trigger", "attribute"))
    trigger, attribute = (value if isinstance(value, str) and value else "none" for value in told)
    return Trigger[trigger.upper()], Attribute[attribute.upper()]


def _about_pair(kind: EventType, trigger: Trigger, attribute: Attribute) -> bool:
    """Tell whether an event is an outcome, or a verdict on the pair itself, as `dog.core.verdicts.triggers` has it."""
    personal = trigger in (Trigger.NONE, Trigger.PERFORMANCE)
    of_product = trigger is Trigger.DISCOMFORT and attribute is Attribute.PRODUCT
    return kind in OUTCOMES or (kind in ANSWERS and (personal or of_product))


def _archived(
    fields: Mapping[str, Any], kind: EventType, contacts: dict[str, int], numbers: Mapping[str, int]
) -> OutcomeEvent:
    propensity, variant, pitch_id = (fields.get(name) for name in ("propensity", "variant", "pitch_id"))
    return OutcomeEvent(
        contacts.setdefault(str(fields["contact_id"]), len(contacts)),
        numbers[fields["product_id"]],
        round(datetime.fromisoformat(str(fields["occurred_at"])).timestamp() * 1000),
        kind,
        str(fields["event_id"]),
        pitch_id if isinstance(pitch_id, str) else None,
        float("nan") if propensity is None else float(propensity),
        variant if isinstance(variant, str) else "",
    )
