"""Events of archived weeks as records of the ledgers that they left."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dog.core.events import Attribute, EventType, Trigger
from dog.core.records import NO_PRODUCT, OUTCOME, VERDICT
from dog.storage.ledgers import Records
from dog.storage.store import Store

COLUMNS = (
    "event_id",
    "type",
    "contact_id",
    "product_id",
    "occurred_at",
    "pitch_id",
    "trigger",
    "attribute",
    "variant",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedEvents:
    """Events of one file; the contacts that `outcomes` and `verdicts` index; variants by the digest of an event."""

    contacts: list[bytes]
    outcomes: Records
    verdicts: Records
    variants: Mapping[int, str]


def read_archived(store: Store, content: bytes, numbers: Mapping[str, int]) -> ArchivedEvents:
    """Read a file that the archive job wrote; `numbers` are those of the products.

    Of an outcome, the fields `at`, `event`, `pitch`, `product` and `type` are set; of a verdict `at`, `event`,
    `product`, `type`, `trigger` and `attribute`.
    """
    table = pq.read_table(pa.BufferReader(content), columns=list(COLUMNS))
    kind = _mapped(table["type"], lambda name: EventType[name.upper()], 0)
    contacts = _entries(table["contact_id"])
    digests, owner = store.tenant.contacts(contacts[1]), contacts[0]
    event = _hashed(store, table["event_id"].to_pylist())
    at_ms = pd.to_datetime(table["occurred_at"].to_pandas(), utc=True, format="ISO8601").dt.as_unit("ms")
    common = {
        "at": at_ms.astype(np.int64).to_numpy(),
        "event": event,
        "product": _mapped(table["product_id"], lambda name: numbers.get(name, NO_PRODUCT), NO_PRODUCT),
        "type": kind,
    }
    is_outcome = np.isin(kind, (EventType.PITCH, EventType.WIN, EventType.LOSS))
    said = {
        "trigger": _mapped(table["trigger"], lambda name: Trigger[name.upper()], Trigger.NONE),
        "attribute": _mapped(table["attribute"], lambda name: Attribute[name.upper()], Attribute.NONE),
    }
    named = {"pitch": _hashed(store, table["pitch_id"].to_pylist())}
    variants = zip(event.tolist(), table["variant"].to_pylist(), strict=True)
    return ArchivedEvents(
        contacts=digests,
        outcomes=_records(OUTCOME, common | named, owner, is_outcome),
        verdicts=_records(VERDICT, common | said, owner, ~is_outcome),
        variants={event: variant for event, variant in variants if variant},
    )


def _records(kind: np.dtype, columns: Mapping[str, np.ndarray], owner: np.ndarray, chosen: np.ndarray) -> Records:
    found = np.zeros(int(chosen.sum()), kind)
    for name, column in columns.items():
        found[name] = column[chosen]
    return Records(found, owner[chosen])


def _entries(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Return the index of each row's text, -1 where it has none, and the distinct texts."""
    found = column.cast(pa.string()).combine_chunks().dictionary_encode()
    return found.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64), found.dictionary.to_pylist()


def _mapped(column: pa.ChunkedArray, number_of: Callable[[str], int], missing: int) -> np.ndarray:
    """Return the number of each row's text, shape (rows,)."""
    places, texts = _entries(column)
    return np.array([*(number_of(text) if text else missing for text in texts), missing], np.int64)[places]


def _hashed(store: Store, ids: list[str | None]) -> np.ndarray:
    """Return the digest of each id as ledgers hold it, 0 where there is none, shape (rows,)."""
    return np.array([store.tenant.digest64(one) if one else 0 for one in ids], np.uint64)
