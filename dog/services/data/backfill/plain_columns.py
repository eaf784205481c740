"""Plain events of a batch of columns: what `read_plain` reads row by row, for all rows at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np

from dog.core.events import EventType
from dog.services.data.backfill.column_times import UNREAD, column_instants
from dog.services.feedback.parse_event import FUTURE_TOLERANCE_MS, OTHER_IDS, PLAIN_TYPES, REQUIRED

PLAIN_ID = r"^[ !#-\[\]-~]{1,256}$"
"""Printable ASCII that JSON writes as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainColumns:
    """Pitches, wins and losses with ids and time only; arrays of shape (events,)."""

    places: np.ndarray  # in the batch
    event_ids: Sequence[str]
    contact_ids: Sequence[str]  # each once
    contact: np.ndarray  # place in these
    product_ids: Sequence[str]
    product: np.ndarray
    kind: np.ndarray
    at_ms: np.ndarray
    others: Mapping[str, Sequence[str | None]]  # those of `OTHER_IDS` that any event has

    def keep(self, chosen: np.ndarray) -> "PlainColumns":
        """Return those of the events that are chosen by a mask."""
        if chosen.all():
            return self
        places = np.flatnonzero(chosen).tolist()
        return PlainColumns(
            places=self.places[chosen],
            event_ids=[self.event_ids[place] for place in places],
            contact_ids=self.contact_ids,
            contact=self.contact[chosen],
            product_ids=self.product_ids,
            product=self.product[chosen],
            kind=self.kind[chosen],
            at_ms=self.at_ms[chosen],
            others={name: [values[place] for place in places] for name, values in self.others.items()},
        )


def read_plain_columns(columns: Mapping[str, Any], now_ms: int, zone: tzinfo) -> PlainColumns | None:
    """Return the plain events of Arrow arrays, by names of the contract; None where a column is missing or not text."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, for Parquet alone
    import pyarrow.compute as pc  # noqa: PLC0415  # as above

    texts = {name: _as_text(column) for name, column in columns.items() if name != "occurred_at"}
    if not columns.keys() >= set(REQUIRED) or any(texts[name] is None for name in REQUIRED if name in texts):
        return None
    at_ms = column_instants(columns["occurred_at"], zone)
    plain = (at_ms != UNREAD) & (at_ms <= now_ms + FUTURE_TOLERANCE_MS)
    encoded = {}
    for name in ("contact_id", "product_id", "type"):
        found = pc.dictionary_encode(texts[name])
        codes = found.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        names = found.dictionary
        fits = (
            _mask(pc.match_substring_regex(names, PLAIN_ID))
            if name != "type"
            else np.array([text in PLAIN_TYPES for text in names.to_pylist()], bool)
        )
        plain &= np.append(fits, False)[codes]  # the last stands for null
        encoded[name] = names, codes
    plain &= _mask(pc.match_substring_regex(texts["event_id"], PLAIN_ID))
    kinds = np.array([PLAIN_TYPES.get(text, 0) for text in encoded["type"][0].to_pylist()] + [0], np.uint8)
    kind = kinds[encoded["type"][1]]
    for name, column in columns.items():
        if name in REQUIRED or column.null_count == len(column):
            continue
        text = texts[name]
        is_empty = _mask(pc.is_null(column)) if text is None else _mask(pc.equal(text, "").fill_null(True))
        if text is None or name not in OTHER_IDS:
            plain &= is_empty
        else:
            plain &= is_empty | _mask(pc.match_substring_regex(text, PLAIN_ID))
            if name == "pitch_id":
                plain &= is_empty | (kind != EventType.PITCH)
    places = np.flatnonzero(plain)
    own = pa.array(places)
    others = {name: texts[name].take(own) for name in OTHER_IDS if texts.get(name) is not None}
    return PlainColumns(
        places=places,
        event_ids=_list(texts["event_id"].take(own)),
        contact_ids=_list(encoded["contact_id"][0]),
        contact=encoded["contact_id"][1][places],
        product_ids=_list(encoded["product_id"][0]),
        product=encoded["product_id"][1][places],
        kind=kind[places],
        at_ms=at_ms[places],
        others={name: _list(values) for name, values in others.items() if values.null_count < len(values)},
    )


def _as_text(column: Any) -> Any:
    """Return a column of texts, or of whole numbers as their digits; None where it is neither."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, for Parquet alone

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        return column.cast(pa.string())
    return None


def _mask(found: Any) -> np.ndarray:
    return np.asarray(found.fill_null(False).to_numpy(zero_copy_only=False), bool)


def _list(column: Any) -> list[Any]:
    found: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
    return found
