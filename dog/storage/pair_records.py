"""What a multiplier version holds of a contact's products, packed as small as it goes without losing a bit.

A record of `PAIRS` has 64 bytes, most of them zeros or said twice: evidence equals the counts until something is
absorbed or recurs, and a count seldom needs four bytes. Stored are only the fields that say something, each as
narrow as all pairs packed together allow; one byte a field (`FORMS`) tells how, so an unusual chunk costs more and
loses nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from dog.core.learning.distinct_rows import group_rows
from dog.core.records import PAIRS

FIELDS = PAIRS.names or ()
UNKNOWN = np.zeros(1, PAIRS)
UNKNOWN["multiplier"] = np.nan
"""What is held of a pair that a version does not know."""

HEADER = np.dtype([("laps", "<u4"), ("recursions", "<u4"), ("forms", "u1", (len(FIELDS),))])
"""What stands before a contact's pairs: laps by the week's end, recursions applied so far, how each field is stored."""

FORMS = (None, None, "u1", "<u2", "<u4", "<f4", "<f8")
"""Zero, the same as the counts, or a type."""
ZERO, SAME = 0, 1
NARROW = {"u": (2, 3, 4), "f": (2, 3, 5, 6)}
"""Forms to try for a field of whole numbers or of fractions, narrowest first; the last one holds all."""
LOOKED_AT = 64
"""Values that are tried first."""

Columns = Mapping[str, np.ndarray] | np.ndarray
"""Fields of `PAIRS` by name: a mapping, or an array of records."""


@dataclass(frozen=True, slots=True)
class NarrowPairs:
    """Pairs column by column, each as narrow as all of them together allow: a fifth of what `PAIRS` takes.

    Parameters
    ----------
    count
        How many pairs.
    forms
        How each field is stored, one byte a field.
    columns
        Those fields that say something, shape (count,).

    """

    count: int
    forms: bytes
    columns: Mapping[str, np.ndarray]

    def floats(self, name: str) -> np.ndarray:
        """Read one field back as numbers for arithmetic, shape (count,)."""
        form = self.forms[FIELDS.index(name)]
        if form == ZERO:
            return np.zeros(self.count)
        if form == SAME:
            return self.resolved() if name == "evidence_pitches" else self.floats(name.removeprefix("evidence_"))
        return self.columns[name].astype(np.float64)

    def resolved(self) -> np.ndarray:
        """Add up wins and losses, shape (count,)."""
        return self.floats("wins") + self.floats("losses")

    def with_multipliers(self, multipliers: np.ndarray) -> "NarrowPairs":
        """Give the pairs other multipliers."""
        place = FIELDS.index("multiplier")
        form = bytes([_form(multipliers, "multiplier")])
        columns = {name: column for name, column in self.columns.items() if name != "multiplier"}
        columns["multiplier"] = multipliers
        return NarrowPairs(self.count, self.forms[:place] + form + self.forms[place + 1 :], columns)

    def pack(
        self, laps: np.ndarray, recursions: np.ndarray, ends: Sequence[int], kind: np.ndarray | None = None
    ) -> list[bytes]:
        """Pack what a version holds of some contacts; for the arguments see `pack_pairs`.

        Where `kind` is given, it tells which of these pairs stands for each of the contacts'.
        """
        stored, _ = _layout(self.forms)
        small = np.empty(self.count, stored)
        for name in stored.names or ():
            small[name] = self.columns[name]
        headers = np.zeros(len(laps), HEADER)
        headers["laps"], headers["recursions"], headers["forms"] = laps, recursions, np.frombuffer(self.forms, "u1")
        if kind is not None:
            small = small.take(kind)  # an eighth of the time of small[kind], records being records
        heads, records = headers.tobytes(), small.tobytes()
        head_starts = range(0, len(heads), HEADER.itemsize)
        bounds = pairwise([end * stored.itemsize for end in ends])
        return [
            heads[start : start + HEADER.itemsize] + records[first:last]
            for start, (first, last) in zip(head_starts, bounds, strict=True)
        ]


def narrow(pairs: Columns) -> NarrowPairs:
    """Narrow pairs, given as records of `PAIRS` or column by column with all of its fields."""
    count = len(pairs["product"])
    forms = bytes(
        SAME
        if name.startswith("evidence_") and np.array_equal(pairs[name], counted(pairs, name)) and pairs[name].any()
        else _form(pairs[name], name)
        for name in FIELDS
    )
    columns = {
        name: pairs[name].astype(kind)
        for name, form in zip(FIELDS, forms, strict=True)
        if (kind := FORMS[form]) is not None
    }
    return NarrowPairs(count, forms, columns)


def pack_pairs(laps: np.ndarray, recursions: np.ndarray, pairs: Columns, ends: Sequence[int]) -> list[bytes]:
    """Pack what a version holds of some contacts.

    Parameters
    ----------
    laps, recursions
        One of each a contact.
    pairs
        Records of `PAIRS`, contact by contact.
    ends
        Where each contact's records begin, and the end of the last: one more than contacts.

    """
    return narrow(pairs).pack(laps, recursions, ends)


def unpack_pairs(packed: bytes) -> tuple[int, int, np.ndarray]:
    """Read one contact's part of what `pack_pairs` wrote: laps, recursions, pairs."""
    laps, recursions = np.frombuffer(packed, "<u4", count=2).tolist()
    return laps, recursions, expand(packed[8 : HEADER.itemsize], packed[HEADER.itemsize :])


def unpack_many(packed: Sequence[bytes | None]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read many contacts' parts: recursions, shape (contacts,), then place of its contact and record of each pair.

    The pairs come contact by contact; a contact that the version does not know has none, and no recursions.
    """
    recursions, held = _by_forms(packed)
    pairs, contacts = [np.zeros(0, PAIRS)], [np.zeros(0, np.int64)]
    for forms, (places, records) in held.items():
        pairs.append(expand(forms, b"".join(records)))
        contacts.append(_contacts(forms, places, records))
    contact, found = np.concatenate(contacts), np.concatenate(pairs)
    if len(held) > 1:
        order = np.argsort(contact, kind="stable")
        contact, found = contact[order], found.take(order)
    return recursions, contact, found


@dataclass(frozen=True, slots=True)
class HeldPairs:
    """What a version holds of some contacts' pairs, contact by contact, those that are alike once.

    Parameters
    ----------
    recursions
        Of each contact, shape (contacts,).
    contact, product
        Place of its contact and product of each pair, shape (pairs,).
    kind
        Which of `records` holds each pair, shape (pairs,).
    records
        One record of `PAIRS` of each kind, and a last one, that of no pair: zeros, its multiplier NaN.

    """

    recursions: np.ndarray
    contact: np.ndarray
    product: np.ndarray
    kind: np.ndarray
    records: np.ndarray


def unpack_kinds(packed: Sequence[bytes | None]) -> HeldPairs:
    """Read many contacts' parts as `unpack_many` does, but pairs that are alike once."""
    recursions, held = _by_forms(packed)
    contacts, products, numbers = ([np.zeros(0, np.int64)] for _ in range(3))
    kinds_of_all: list[np.ndarray] = []
    count = 0
    for forms, (places, records) in held.items():
        stored, _ = _layout(forms)
        small = np.frombuffer(b"".join(records), stored)
        kinds = group_rows([small[name] for name in stored.names or ()])
        contacts.append(_contacts(forms, places, records))
        products.append(small["product"].astype(np.int64))
        numbers.append(kinds.group.astype(np.int64) + count)
        kinds_of_all.append(expand(forms, small[kinds.first].tobytes()))
        count += len(kinds.size)
    contact, product, kind = (np.concatenate(parts) for parts in (contacts, products, numbers))
    if len(held) > 1:
        order = np.argsort(contact, kind="stable")
        contact, product, kind = contact[order], product[order], kind[order]
    return HeldPairs(recursions, contact, product, kind, np.concatenate([*kinds_of_all, UNKNOWN]))


def _by_forms(packed: Sequence[bytes | None]) -> tuple[np.ndarray, dict[bytes, tuple[list[int], list[bytes]]]]:
    """Read each contact's recursions, and put together the records that are stored in the same forms."""
    recursions = np.zeros(len(packed), np.int64)
    held: dict[bytes, tuple[list[int], list[bytes]]] = {}
    for place, part in enumerate(packed):
        if part is not None:
            recursions[place] = int.from_bytes(part[4:8], "little")
            places, records = held.setdefault(part[8 : HEADER.itemsize], ([], []))
            places.append(place)
            records.append(part[HEADER.itemsize :])
    return recursions, held


def _contacts(forms: bytes, places: list[int], records: list[bytes]) -> np.ndarray:
    return np.repeat(np.array(places), np.array([len(record) for record in records]) // record_bytes(forms))


def expand(forms: bytes, records: bytes) -> np.ndarray:
    """Read stored records, of one contact or of many whose fields are stored in the same forms."""
    stored, same = _layout(forms)
    small = np.frombuffer(records, stored)
    pairs = np.zeros(len(small), PAIRS)
    for name in stored.names or ():
        pairs[name] = small[name]
    for name in same:
        pairs[name] = counted(pairs, name)
    return pairs


def record_bytes(forms: bytes) -> int:
    """Tell the size of a stored record."""
    return _layout(forms)[0].itemsize


def counted(pairs: Columns, name: str) -> np.ndarray:
    """Say what an evidence field holds as long as nothing was absorbed and nothing has recurred."""
    if name == "evidence_pitches":
        return np.asarray(pairs["wins"] + pairs["losses"])
    return np.asarray(pairs[name.removeprefix("evidence_")])


def _form(values: np.ndarray, name: str) -> int:
    if name != "product" and not values.any():  # records must have a size, to be counted
        return ZERO
    *narrower, widest = NARROW[PAIRS[name].kind]
    return next((form for form in narrower if _fits(values, FORMS[form])), widest)


def _fits(values: np.ndarray, kind: str | None) -> bool:
    """Tell whether a narrower type holds all values exactly; most types that do not fail at the first few."""
    parts = (values[:LOOKED_AT], values) if len(values) > LOOKED_AT else (values,)
    with np.errstate(all="ignore"):  # what does not fit is found by comparing
        return all((part.astype(kind) == part).all() for part in parts)


@lru_cache(maxsize=1024)
def _layout(forms: bytes) -> tuple[np.dtype, tuple[str, ...]]:
    """Tell the type of a stored record, and which fields are the same as the counts."""
    stored = [(name, FORMS[form]) for name, form in zip(FIELDS, forms, strict=True) if FORMS[form]]
    same = tuple(name for name, form in zip(FIELDS, forms, strict=True) if form == SAME)
    return np.dtype(stored), same
