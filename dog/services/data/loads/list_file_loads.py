"""The loads of a tenant, each with who made it and whether it can be undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dog.errors import Conflict
from dog.services.data.loads.check_undo import refuse_state
from dog.storage.audit_log import read_audit_entries
from dog.storage.load_records import LoadRecord, list_loads
from dog.storage.store import Store

AUDIT_ENTRIES = 2_000
"""Newest entries in which the author of a load is looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedLoad:
    """A load, its author (empty where that is no longer known), and why it cannot be undone (empty where it may be)."""

    record: LoadRecord
    author: str
    refusal: str


def list_file_loads(store: Store, most: int) -> list[DescribedLoad]:
    """Return the newest loads."""
    authors = _authors(store)
    return [
        DescribedLoad(record=one, author=authors.get(one.load_id, ""), refusal=_refusal(one))
        for one in list_loads(store)[:most]
    ]


def _authors(store: Store) -> dict[str, str]:
    entries = (entry for _, entry in read_audit_entries(store.redis, store.tenant.name, AUDIT_ENTRIES))
    return {str(entry["details"].get("load")): _author(entry) for entry in entries if entry["act"] == "rows.load"}


def _author(entry: Mapping[str, Any]) -> str:
    return str(entry["name"] or entry["who"])


def _refusal(record: LoadRecord) -> str:
    try:
        refuse_state(record)
    except Conflict as error:
        return error.message
    return ""
