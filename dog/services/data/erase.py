"""Export everything stored on a contact, and erase it."""

from io import BytesIO
from typing import Any

import numpy as np
import orjson

from dog.core.iso_weeks import utc_time, week_of
from dog.errors import NotFound
from dog.models.start.learned_memory import read_memory, write_memory
from dog.models.start.memory import owner_of
from dog.services.job_lease import Lease
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.stale_contacts import StaleContactCache
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archived_files
from dog.storage.actor_snoozes import forget_snoozes, read_snoozes_of
from dog.storage.archived_decisions import erase_archived_of, read_archived_of
from dog.storage.archived_versions import erase_from_versions
from dog.storage.audit_log import record_audit_entry
from dog.storage.catalogue import read_catalogue, read_models
from dog.storage.contact_lists import find_decision_keys, forget_decisions, forget_event_ids
from dog.storage.contacts import TRANSACTIONS, read_arrays
from dog.storage.decisions import read_decision_keys, unpack_content
from dog.storage.erasure import (
    erase_contact,
    find_erased,
    rewrite_append_only_file,
    write_tombstone,
)
from dog.storage.event_log import read_entry
from dog.storage.event_rows import event_row
from dog.storage.ids import clean_id, tombstone
from dog.storage.packed_scores import unpack_scores
from dog.storage.quarantine import drop_waiting_of, read_waiting_of
from dog.storage.start_models import put_memory, read_newest_memory
from dog.storage.store import Store
from dog.storage.tenant_dump import drop_keys
from dog.storage.votes import pack_vote, remove_votes
from dog.storage.week_archive import closed_until, read_log
from dog.storage.worked_contacts import forget_worked_contact

SETTLE_SECONDS = 0.25
"""By then other processes have written their waiting decisions: five times their longest wait."""


def erase(runtime: Runtime, tenant: str, contact_id: str) -> dict[str, Any]:
    """Erase a contact: feedback, decisions, scores, multipliers, archive; a tombstone refuses it from then on.

    Raise `NotFound` if nothing is stored on the contact, `Conflict` if the weekly job or the archive is running.
    """
    store = runtime.store(tenant)
    contact_id = clean_id(contact_id, "contact_id")
    contact = store.tenant.contact(contact_id)
    with (
        Lease(store, "recompute", runtime.stopping),
        Lease(store, "archive", runtime.stopping) as archive,
        Lease(store, "versions", runtime.stopping) as versions,
        archive.kept(),
        versions.kept(),
    ):
        _require_held(runtime, store, contact_id)
        write_tombstone(store, contact)
        runtime.wait(SETTLE_SECONDS)
        runtime.shared(DecisionWriter).flush()
        week = week_of(runtime.clock(), runtime.settings.zone)
        log, decisions = read_log(store, contact).log, _decision_keys(runtime, store, contact)
        # what names other keys goes after them: a call after an interrupted one finds them again
        archived = _archived(store, contact_id, remove=False)
        known = [orjson.loads(entry)[0] for entry in log.values()] + [str(row["event_id"]) for row in archived]
        forget_event_ids(store, contact, known, closed_until(store))
        _archived(store, contact_id, remove=True)
        archived_decisions = erase_archived_of(store, contact, archive.token)
        erase_from_versions(store, contact, versions.token)
        drop_keys(store.redis, decisions)
        forget_decisions(store, contact, week)
        events = filter(None, (read_entry(contact_id, entry) for entry in log.values()))
        votes = [vote for event in events if (vote := pack_vote(store, event, contact)) is not None]
        remove_votes(store, store.tenant.partition_number(contact), votes)
        drop_waiting_of(store, contact_id)
        forget_snoozes(store, contact)
        forget_worked_contact(store, contact, log.values())
        _forget_case(store, contact)
        # last: until the record is gone, a call after an interrupted one repeats everything
        gone = erase_contact(store, contact, week)
    runtime.shared(StaleContactCache).changed(store, {contact_id})
    record_audit_entry(
        store.redis, tenant, "contact.erase", tombstone(store.tenant.secret, contact).hex(), events=len(log)
    )
    counts = {"events": len(log), "archived_events": len(archived), "decisions": len(decisions) + archived_decisions}
    return {"erased": {**counts, "keys_and_fields": gone}, "append_only_file": rewrite_append_only_file(store)}


def _forget_case(store: Store, contact: bytes) -> None:
    """Empty the contact's slot in the memory of past cases; all processes read the memory again."""
    found = read_newest_memory(store)
    memory = read_memory(found.packed) if found else None
    if found is not None and memory is not None and memory.cases.forget(owner_of(contact)):
        put_memory(store, found.version, write_memory(memory))
        store.execute("HINCRBY", store.keys.of("head"), "memory", 1)


def export_contact(runtime: Runtime, tenant: str, contact_id: str) -> dict[str, Any]:
    """Return what is stored on a contact; raise `NotFound` if there is nothing.

    The multipliers are those of the default policy, at most 1,000 rows.
    """
    store = runtime.store(tenant)
    contact_id = clean_id(contact_id, "contact_id")
    contact = store.tenant.contact(contact_id)
    runtime.shared(DecisionWriter).flush()
    read = read_log(store, contact)
    events = [event for entry in read.log.values() if (event := read_entry(contact_id, entry)) is not None]
    rows = [event_row(event) for event in events] + _archived(store, contact_id, remove=False)
    decisions = read_decision_keys(store, _decision_keys(runtime, store, contact))
    decisions += [unpack_content(row.record) for row in read_archived_of(store, contact)]
    scores, transactions = _scores(store, contact), _transactions(store, contact)
    waiting = [event_row(event) for event in read_waiting_of(store, contact_id)]
    if read.record is None and not (rows or decisions or scores or transactions or waiting):
        raise _unknown(store, contact_id)
    laps = read_arrays(store, "laps", "", [contact])[0]
    record_audit_entry(store.redis, tenant, "contact.export", tombstone(store.tenant.secret, contact).hex())
    return {
        "contact": orjson.loads(read.record) if read.record else {"contact_id": contact_id},
        "scores": scores,
        "transactions": transactions,
        "events": sorted(rows, key=lambda row: (row["occurred_at"], row["event_id"])),
        "multipliers": _multipliers(runtime, tenant, contact_id),
        "laps": int(laps or 0),
        "decisions": decisions,
        "quarantined": waiting,
        "snoozed": _snoozed(store, contact),
    }


def _require_held(runtime: Runtime, store: Store, contact_id: str) -> None:
    """Raise `NotFound` if nothing is stored on the contact, so that no tombstone is written for it."""
    contact = store.tenant.contact(contact_id)
    runtime.shared(DecisionWriter).flush()
    read = read_log(store, contact)
    if read.record is None and not (
        read.log
        or any(read_waiting_of(store, contact_id))
        or _decision_keys(runtime, store, contact)
        or read_archived_of(store, contact)
        or _archived(store, contact_id, remove=False)
    ):
        raise _unknown(store, contact_id)


def _decision_keys(runtime: Runtime, store: Store, contact: bytes) -> list[bytes]:
    now_ms = runtime.clock()
    return find_decision_keys(store, contact, week_of(now_ms, runtime.settings.zone), now_ms)


def _unknown(store: Store, contact_id: str) -> NotFound:
    if find_erased(store, [contact_id]):
        return NotFound(f"contact '{contact_id}' was erased", code="contact_erased")
    return NotFound(f"nothing is held on contact '{contact_id}'; check the id", code="unknown_contact")


def _archived(store: Store, contact_id: str, *, remove: bool) -> list[dict[str, Any]]:
    """Return the contact's events in the archive, and with `remove` delete them there."""
    import pandas as pd  # noqa: PLC0415  # half a second to import, for this alone

    partition = store.tenant.partition_number(store.tenant.contact(contact_id))
    found: list[dict[str, Any]] = []
    for name, content in archived_files(store, partition):
        with store.archive.reached(name):
            table = pd.read_parquet(BytesIO(content))
        own = table["contact_id"] == contact_id
        rows = table[own].astype(object)
        found += [
            {str(name): value for name, value in row.items()}
            for row in rows.where(rows.notna(), None).to_dict("records")
        ]
        if remove and own.any():
            store.archive.put(name, table[~own].to_parquet(None, index=False))
    return found


def _scores(store: Store, contact: bytes) -> list[dict[str, Any]]:
    ids = read_catalogue(store).ids
    found: list[dict[str, Any]] = []
    for model in read_models(store):
        packed = read_arrays(store, "scores", model, [contact])[0]
        for number, score in unpack_scores(packed)[1].tolist() if packed else ():
            found.append({"model": model, "product_id": ids[number] if number < len(ids) else None, "score": score})
    return found


def _transactions(store: Store, contact: bytes) -> list[dict[str, Any]]:
    ids, packed = read_catalogue(store).ids, read_arrays(store, "transactions", "", [contact])[0]
    rows = np.frombuffer(packed or b"", TRANSACTIONS)
    names = ("occurred_at_s", "quantity", "amount")
    return [{"product_id": ids[number], **dict(zip(names, rest, strict=True))} for number, *rest in rows.tolist()]


def _snoozed(store: Store, contact: bytes) -> list[dict[str, Any]]:
    """Return until when reps have put off the contact, or one of its products."""
    found = read_snoozes_of(store, contact)
    ids = read_catalogue(store).ids if found else []
    return [
        {
            "actor_id": one.actor_id,
            "product_id": None if one.product is None else ids[one.product],
            "until": utc_time(one.until_ms, "seconds"),
        }
        for one in found
    ]


def _multipliers(runtime: Runtime, tenant: str, contact_id: str) -> list[dict[str, Any]]:
    try:
        found = read_multipliers(
            runtime, tenant, contact_id=contact_id, product_id=None, policy=None, cursor=None, limit=1000
        )
    except NotFound:
        return []
    return list(found["items"])
