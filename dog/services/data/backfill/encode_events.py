"""Events as records and texts of a back-fill's files."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.events import Attribute
from dog.services.data.backfill.plain_columns import PlainColumns
from dog.services.data.backfill.split_records import CLAIMED, EVENT, NO_NAME
from dog.services.feedback.record_feedback import weeks_of
from dog.storage.event_log import Event
from dog.storage.ids import digests, fingerprints
from dog.storage.store import Store

KEYS = {"pitch_id": "p", "decision_id": "d", "actor_id": "a"}
"""Their names in log entries, in the order of an entry; fingerprints have them sorted."""
SORTED = ("actor_id", "decision_id", "pitch_id")


@dataclass(slots=True)
class Names:
    """The products that a file names, by the order in which they come."""

    places: dict[str, int]

    def of(self, products: Sequence[str]) -> np.ndarray:
        """Return the places of products."""
        known = self.places
        return np.array([known.setdefault(product, len(known)) for product in products], np.uint32)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Events of a chunk: records of `CLAIMED` and `EVENT`, and their texts."""

    claims: np.ndarray
    events: np.ndarray
    texts: list[bytes]


def encode_columns(store: Store, plain: PlainColumns, rows: np.ndarray, names: Names) -> Encoded:
    """Encode plain events, given their rows."""
    contact_json = [b'"%b"' % contact_id.encode() for contact_id in plain.contact_ids]
    kinds, times = plain.kind.tolist(), plain.at_ms.tolist()
    products = [plain.product_ids[code] for code in plain.product.tolist()]
    heads = [
        f'"{event_id}",{kind},{at_ms},"{product}",{{'
        for event_id, kind, at_ms, product in zip(plain.event_ids, kinds, times, products, strict=True)
    ]
    given, ordered = _given(plain, KEYS), _given(plain, SORTED)
    contact = plain.contact.tolist()
    end = f'"i":"{store.load}"}}]'
    if given is None:
        bodies = [b"[%b,%b}]" % (contact_json[code], head.encode()) for code, head in zip(contact, heads, strict=True)]
        entries = [f"[{head}{end}".encode() for head in heads]
    else:
        both = zip(contact, heads, ordered or (), strict=True)
        bodies = [b"[%b,%b}]" % (contact_json[code], (head + own).encode()) for code, head, own in both]
        entries = [f"[{head}{own}{',' if own else ''}{end}".encode() for head, own in zip(heads, given, strict=True)]
    secret = store.tenant.secret
    claims, events = np.zeros(len(rows), CLAIMED), np.zeros(len(rows), EVENT)
    claims["id"] = _void(digests(secret, plain.event_ids, 12), 12)
    claims["fingerprint"] = _void(fingerprints(bodies), 8)
    claims["event"] = _digests64(store, plain.event_ids)
    claims["pitch"] = _pitches(store, plain.others.get("pitch_id"), len(rows))
    claims["product"] = names.of(plain.product_ids)[plain.product] if len(rows) else 0
    claims["replacement"] = NO_NAME
    claims["contact"] = _void(store.tenant.contacts(plain.contact_ids), 16)[plain.contact] if len(rows) else b""
    events["type"] = plain.kind
    texts = [entry + contact_json[code][1:-1] for entry, code in zip(entries, contact, strict=True)]
    contact_bytes = np.array([len(text) - 2 for text in contact_json] or [0])[plain.contact]
    return _finished(claims, events, rows, plain.at_ms, texts, contact_bytes)


def encode_events(store: Store, found: Sequence[Event], rows: np.ndarray, names: Names) -> Encoded:
    """Encode any events, given their rows."""
    secret = store.tenant.secret
    claims, events = np.zeros(len(found), CLAIMED), np.zeros(len(found), EVENT)
    ids = [event.event_id for event in found]
    claims["id"] = _void(digests(secret, ids, 12), 12)
    claims["fingerprint"] = _void([event.fingerprint for event in found], 8)
    claims["event"] = _digests64(store, ids)
    claims["pitch"] = _pitches(store, [event.pitch_id for event in found], len(found))
    replacements = [event.replacement if event.attribute is Attribute.PRODUCT else None for event in found]
    for name, products in (("product", [event.product_id for event in found]), ("replacement", replacements)):
        claims[name] = [int(names.of([product])[0]) if product else NO_NAME for product in products]
    claims["contact"] = _void(store.tenant.contacts([event.contact_id for event in found]), 16)
    events["type"] = [int(event.type) for event in found]
    contacts = [event.contact_id.encode() for event in found]
    texts = [event.entry() + contact for event, contact in zip(found, contacts, strict=True)]
    at_ms = np.array([event.occurred_at_ms for event in found], np.int64)
    return _finished(claims, events, rows, at_ms, texts, np.array(list(map(len, contacts)), np.int64))


def decode_text(text: bytes, contact_bytes: int) -> tuple[bytes, str]:
    """Return the log entry and the contact's id of a text."""
    return text[: len(text) - contact_bytes], text[len(text) - contact_bytes :].decode()


def _finished(
    claims: np.ndarray,
    events: np.ndarray,
    rows: np.ndarray,
    at_ms: np.ndarray,
    texts: list[bytes],
    contact_bytes: np.ndarray,
) -> Encoded:
    """Fill what all kinds of events have in common."""
    claims["row"], claims["week"] = rows, weeks_of(at_ms)
    for name in ("row", "event", "pitch", "product", "contact"):
        events[name] = claims[name]
    events["at"], events["contact_bytes"] = at_ms, contact_bytes
    events["entry_bytes"] = np.array(list(map(len, texts)), np.int64) - contact_bytes
    return Encoded(claims, events, texts)


def _given(plain: PlainColumns, order: Sequence[str] | dict[str, str]) -> list[str] | None:
    """Return what each event has besides, as JSON in an order of names; None where none has anything."""
    columns = [
        [f'"{KEYS[name]}":"{value}"' if value else "" for value in plain.others[name]]
        for name in order
        if name in plain.others
    ]
    if not columns:
        return None
    return columns[0] if len(columns) == 1 else [",".join(filter(None, own)) for own in zip(*columns, strict=True)]


def _pitches(store: Store, pitch_ids: Sequence[str | None] | None, count: int) -> np.ndarray:
    found = np.zeros(count, np.uint64)
    places = [place for place, pitch_id in enumerate(pitch_ids or ()) if pitch_id]
    found[places] = _digests64(store, [str((pitch_ids or ())[place]) for place in places])
    return found


def _digests64(store: Store, ids: Sequence[str]) -> np.ndarray:
    """Hash ids to the 64 bits that ledgers hold; never 0, as `digest64`."""
    return np.maximum(np.frombuffer(b"".join(digests(store.tenant.secret, ids, 8)), "<u8"), np.uint64(1))


def _void(values: Sequence[bytes], size: int) -> np.ndarray:
    return np.frombuffer(b"".join(values), f"V{size}")
