"""Split the events of a file into the files of a back-fill, each by the partitions of its id and of its contact."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from dog.errors import InvalidInput
from dog.services.data.backfill.encode_events import Encoded, Names, encode_columns, encode_events
from dog.services.data.backfill.plain_columns import PlainColumns
from dog.services.data.backfill.settle_rows import WEEK_CLOSED_ROW
from dog.services.data.backfill.split_records import CLOSED, ERASED, NO_NAME, UNKNOWN
from dog.services.data.data_rows import Row
from dog.services.data.import_feedback import FEEDBACK_CHUNK_ROWS, read_event
from dog.services.data.row_values import ERASED_ROW, RowOutcome
from dog.services.data.spill import Spill, parts_of_contacts
from dog.services.feedback.find_unknown_names import find_unknown_names
from dog.services.feedback.parse_event import read_plain
from dog.services.feedback.refused_pitches import id_of
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.unknown_names import LoadedContacts, UnknownName, find_unloaded_products, has_contact_rows
from dog.services.runtime import Runtime
from dog.storage.claims import partition_of_ids
from dog.storage.erasure import find_erased
from dog.storage.event_log import Event, Status
from dog.storage.store import Store
from dog.storage.tenant_settings import read_unknown_setting
from dog.storage.week_archive import closed_until


class EventSplitter:
    """Splits chunk by chunk; what it cannot decide alone is kept by row."""

    def __init__(self, runtime: Runtime, store: Store, spill: Spill) -> None:
        self.names = Names({})
        self.named_in: Counter[tuple[int, int]] = Counter()
        """How many events of a chunk name a product: by its place and the number of the chunk."""
        self.rejected: dict[int, RowOutcome] = {}
        self.faults: dict[int, int] = {}
        """Digests of the ids of rejected rows, as far as they have one."""
        self.unknown: dict[int, tuple[Event, UnknownName]] = {}
        """Events with an unknown name that name a pitch too, or that the tenant holds back."""
        self.counts: Counter[tuple[str, str]] = Counter()
        """Events by kind and unknown name."""
        self.events = 0
        self.setting = read_unknown_setting(store)
        self._runtime, self._store, self._spill = runtime, store, spill
        self._closed_until_ms = closed_until(store)
        self._any_erased = any(store.in_partitions("EXISTS", "erased"))
        self._checks_contacts = bool(runtime.shared(Snapshots).get(store).schema.contact) or has_contact_rows(store)

    def add_rows(self, rows: Sequence[tuple[int, Row]]) -> None:
        """Split rows, given with their numbers."""
        events, now_ms, zone = {}, self._runtime.clock(), self._runtime.settings.zone
        for number, row in rows:
            document = row.fault or row.fields
            try:
                event = read_plain(document, now_ms, zone) or read_event(document, now_ms, zone)
            except InvalidInput as error:
                self.rejected[number] = RowOutcome(Status.REJECTED, error.code, error.message)
                if (event_id := id_of(document)) is not None:
                    self.faults[number] = self._store.tenant.digest64(event_id)
            else:
                event.load = self._store.load
                events[number] = event
        self._add_events(events)

    def add_columns(self, plain: PlainColumns, rows: np.ndarray) -> np.ndarray:
        """Split plain events, given their rows; return a mask of those left out, whose names may be unknown."""
        suspect = self._suspects(plain)
        own = plain.keep(~suspect)
        if len(own.places):
            self._write(encode_columns(self._store, own, rows[~suspect], self.names), own.contact_ids)
        return suspect

    def _suspects(self, plain: PlainColumns) -> np.ndarray:
        """Mark the events whose product or contact is not loaded, where the tenant has loaded some."""
        catalogue = self._runtime.shared(Snapshots).get(self._store).catalogue
        products = find_unloaded_products(self._store, catalogue, set(plain.product_ids))
        contacts: set[str] = set()
        if self._checks_contacts:
            contacts = self._runtime.shared(LoadedContacts).find_unloaded(self._store, set(plain.contact_ids))
        suspect = np.zeros(len(plain.places), bool)
        for unknown, names, codes in (
            (products, plain.product_ids, plain.product),
            (contacts, plain.contact_ids, plain.contact),
        ):
            if unknown:
                suspect |= np.array([name in unknown for name in names], bool)[codes]
        return suspect

    def _add_events(self, events: Mapping[int, Event]) -> None:
        if not events:
            return
        unknown = find_unknown_names(self._runtime, self._store, events)
        self.counts.update((one.kind, one.name) for one in unknown.values())
        self.unknown |= {
            number: (events[number], one)
            for number, one in unknown.items()
            if self.setting != "accept" or events[number].pitch_id is not None
        }
        found = list(events.values())
        encoded = encode_events(self._store, found, np.array(list(events), np.int64), self.names)
        if self.setting != "accept":
            encoded.claims["flags"][[number in unknown for number in events]] |= UNKNOWN
        self._write(encoded, [event.contact_id for event in found])

    def _write(self, encoded: Encoded, contact_ids: Sequence[str]) -> None:
        claims, events = encoded.claims, encoded.events
        claims["flags"][events["at"] < self._closed_until_ms] |= CLOSED
        if self._any_erased and (erased := find_erased(self._store, set(contact_ids))):
            digests = set(self._store.tenant.contacts(erased))
            claims["flags"][[contact in digests for contact in claims["contact"].tolist()]] |= ERASED
        self.events += len(claims)
        refused = claims["flags"] & (CLOSED | ERASED) > 0
        for claim in claims[refused]:
            self.rejected[int(claim["row"])] = ERASED_ROW if claim["flags"] & ERASED else WEEK_CLOSED_ROW
        for name in ("product", "replacement"):
            self._count_names(claims[name][~refused], claims["row"][~refused])
        count = self._store.tenant.partition_count
        self._spill.add("claims", claims, partition_of_ids(claims, count))
        contacts = parts_of_contacts(claims["contact"], count)
        self._spill.add("events", events, contacts)
        self._spill.add_texts("texts", encoded.texts, contacts)

    def _count_names(self, places: np.ndarray, rows: np.ndarray) -> None:
        codes = (rows // FEEDBACK_CHUNK_ROWS << 32) | places.astype(np.int64)
        found, counts = np.unique(codes[places != NO_NAME], return_counts=True)
        for code, count in zip(found.tolist(), counts.tolist(), strict=True):
            self.named_in[code & NO_NAME, code >> 32] += count
