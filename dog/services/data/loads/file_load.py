"""One load while it runs: its id, its record, and the sign of life by which others know that it runs."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import Self

from dog.errors import StoreError
from dog.services.data.row_values import RowCounts
from dog.services.job_lease import repeated
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_models
from dog.storage.load_journal import CONTACTS, SCORES, TRANSACTIONS, drop_journal
from dog.storage.load_records import (
    ALIVE_MS,
    COMPLETE,
    KEPT_LOADS,
    RUNNING,
    UNDOING,
    begin_load,
    end_life,
    forget_loads,
    keep_alive,
    list_loads,
    put_load,
)
from dog.storage.store import Store

KEPT_JOURNALS = {"feedback": 50}
MOST_JOURNALS = 3
"""Loads of a kind that can be undone; the journal of rows may be as large as all that they replaced."""
MAX_UNKNOWN = 1000


class FileLoad:
    """A load that runs inside a `with` block; it is complete once `complete` was called."""

    def __init__(self, runtime: Runtime, store: Store, kind: str, file: str) -> None:
        self.record = begin_load(store, kind, file, runtime.clock())
        self.store = replace(store, load=self.record.load_id)
        self._alive = repeated(ALIVE_MS / 4000, lambda: keep_alive(store, self.record.load_id))

    def __enter__(self) -> Self:
        """Keep the record alive, and delete the oldest journals."""
        self._alive.__enter__()
        forget_old(self.store)
        return self

    def __exit__(self, *_: object) -> None:
        """Record that it does not run any more."""
        self._alive.__exit__(None, None, None)
        with suppress(StoreError):
            end_life(self.store, self.record.load_id)

    def note(self, counts: RowCounts) -> None:
        """Record how far the load has come."""
        self.record = replace(
            self.record,
            accepted=counts.accepted,
            duplicates=counts.duplicates,
            rejected=counts.rejected,
            quarantined=counts.quarantined,
        )
        put_load(self.store, self.record)

    def complete(self, counts: RowCounts) -> None:
        """Record that all rows are loaded."""
        unknown = Counter[tuple[str, str]]()
        for (kind, name), count in counts.unknown.items():
            unknown[kind, "" if kind == "contact" else name] += count  # ids of contacts may be erased
        ranked = sorted((-count, kind, name) for (kind, name), count in unknown.items())
        names = [(kind, name, -count) for count, kind, name in ranked[:MAX_UNKNOWN]]
        self.record = replace(self.record, state=COMPLETE, unknown=names)
        self.note(counts)


def kept_journals(kind: str) -> int:
    """Return how many loads of a kind can be undone: of feedback, whose log entries name their load, more."""
    return KEPT_JOURNALS.get(kind, MOST_JOURNALS)


def forget_old(store: Store) -> None:
    """Drop the journals of ended loads beyond the newest of each kind, and records beyond the newest."""
    loads = list_loads(store)
    seen: dict[str, int] = {}
    for record in loads:
        if not record.has_journal:
            continue
        seen[record.kind] = seen.get(record.kind, 0) + 1
        if seen[record.kind] > kept_journals(record.kind) and record.state not in (RUNNING, UNDOING):
            put_load(store, replace(record, has_journal=False))  # first: what is left of the journal undoes nothing
            drop_journal(store, record.load_id, rows_of(store, record.kind))
    forget_loads(store, [record.load_id for record in loads[KEPT_LOADS:]])


def rows_of(store: Store, kind: str) -> list[str]:
    """Return the rows that a load of a kind may change, by their names in journals."""
    if kind == "scores":
        return [*(f"{SCORES}-{model}" for model in read_models(store)), "model_dates"]
    of_kind = {"products": ["products"], "contacts": [CONTACTS], "transactions": [TRANSACTIONS, CONTACTS]}
    rows = of_kind.get(kind, [CONTACTS])  # feedback adds contacts
    return [*rows, "attributes"] if kind in ("products", "contacts") else rows
