"""What a multiplier version holds of a contact's pairs, packed without losing a bit.

A record of `PAIRS` has 76 bytes, most of them zeros or repeated: evidence equals the counts until something is
absorbed or damped, and a count seldom needs four bytes. Stored are only the fields that carry information, each as
narrow as all pairs packed together allow. A contact's header says in one byte a field (`FORMS`) how it is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from dog.core.learning.distinct_rows import group_rows
from dog.core.records import PAIRS

PARTS = ("part_pitches", "part_expected", "part_scored")
"""Stored as they are, where any pair has pending pitches that count: `HAS_PARTS` in the last form says so."""
HAS_PARTS = 0x80
FIELDS = tuple(name for name in PAIRS.names or () if name not in PARTS)
UNKNOWN = np.zeros(1, PAIRS)
UNKNOWN["multiplier"] = np.nan
"""The record of a pair that a version does not know."""

HEADER = np.dtype([("laps", "<u4"), ("recursions", "<u4"), ("forms", "u1", (len(FIELDS),))])
"""What precedes a contact's pairs: laps by the week's end, recursions applied so far, the form of each field."""

FORMS = (None, None, "u1", "<u2", "<u4", "<f4", "<f8")
"""All zero, equal to the counts, or stored with a type."""
ZERO, SAME = 0, 1
NARROW = {"u": (2, 3, 4), "f": (2, 3, 5, 6)}
"""Forms to try for a field of whole numbers or of fractions, narrowest first; the last one holds everything."""
TRIED_FIRST = 64
"""Values on which a form is tried before all: most forms that do not fit fail here."""

Columns = Mapping[str, np.ndarray] | np.ndarray
"""The fields of `PAIRS` by name: a mapping, or an array of records."""


def narrow(columns: Columns) -> tuple[bytes, np.ndarray]:
    """Return the narrowest form of each field, and records that are stored in these forms."""
    *forms_of, last = (_form(columns, name) for name in FIELDS)
    forms = bytes([*forms_of, last | (HAS_PARTS if any(columns[name].any() for name in PARTS) else 0)])
    small = np.empty(len(columns["product"]), _layout(forms)[0])
    for name in small.dtype.names or ():
        small[name] = columns[name]
    return forms, small


def pack_pairs(
    laps: np.ndarray,
    recursions: np.ndarray,
    pairs: Columns,
    ends: Sequence[int],
    group: np.ndarray | None = None,
) -> list[bytes]:
    """Pack what a version holds of some contacts.

    Pairs come contact by contact; `ends` holds where each contact's begin, and the end of the last. `group` is the
    index of each pair's row in `pairs`; None where there is one row a pair.
    """
    forms, small = narrow(pairs)
    if group is not None:
        small = small.take(group)  # eight times as fast as small[group] for records
    headers = np.zeros(len(laps), HEADER)
    headers["laps"], headers["recursions"], headers["forms"] = laps, recursions, np.frombuffer(forms, "u1")
    heads, records = headers.tobytes(), small.tobytes()
    head_starts = range(0, len(heads), HEADER.itemsize)
    bounds = pairwise([end * small.itemsize for end in ends])
    return [
        heads[start : start + HEADER.itemsize] + records[first:last]
        for start, (first, last) in zip(head_starts, bounds, strict=True)
    ]


def unpack_pairs(packed: bytes) -> tuple[int, int, np.ndarray]:
    """Read one contact's part of what `pack_pairs` wrote: laps, recursions, pairs."""
    laps, recursions = np.frombuffer(packed, "<u4", count=2).tolist()
    return laps, recursions, widen(packed[8 : HEADER.itemsize], packed[HEADER.itemsize :])


def unpack_many(packed: Sequence[bytes | None]) -> dict[int, np.ndarray]:
    """Read the pairs of many contacts, by their indices in ascending order, without those that the version lacks."""
    found: dict[int, np.ndarray] = {}
    for forms, (indices, records) in _by_forms(packed)[1].items():
        pairs = widen(forms, b"".join(records))
        ends = np.cumsum([0, *map(len, records)]) // _layout(forms)[0].itemsize
        found |= {index: pairs[start:end] for index, (start, end) in zip(indices, pairwise(ends.tolist()), strict=True)}
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedPairs:
    """What a version holds of some contacts' pairs, contact by contact, each distinct record once."""

    recursions: np.ndarray  # of each contact, shape (contacts,)
    contact: np.ndarray  # index of each pair's contact, shape (pairs,)
    product: np.ndarray  # shape (pairs,)
    group: np.ndarray  # index of each pair's record, shape (pairs,)
    records: np.ndarray  # distinct records of `PAIRS`, and `UNKNOWN` as the last one


def unpack_groups(packed: Sequence[bytes | None]) -> GroupedPairs:
    """Read many contacts' parts of what `pack_pairs` wrote; a contact that the version does not know has no pairs."""
    recursions, by_forms = _by_forms(packed)
    contacts, products, numbers = ([np.zeros(0, np.int64)] for _ in range(3))
    distinct: list[np.ndarray] = []
    count = 0
    for forms, (indices, records) in by_forms.items():
        small = np.frombuffer(b"".join(records), _layout(forms)[0])
        groups = group_rows([small[name] for name in small.dtype.names or ()])
        sizes = np.array([len(record) for record in records]) // small.itemsize
        contacts.append(np.repeat(np.array(indices), sizes))
        products.append(small["product"].astype(np.int64))
        numbers.append(groups.group.astype(np.int64) + count)
        distinct.append(widen(forms, small[groups.first].tobytes()))
        count += len(groups.size)
    contact, product, group = (np.concatenate(parts) for parts in (contacts, products, numbers))
    if len(by_forms) > 1:
        order = np.argsort(contact, kind="stable")
        contact, product, group = contact[order], product[order], group[order]
    pairs = np.concatenate([*distinct, UNKNOWN])
    return GroupedPairs(recursions=recursions, contact=contact, product=product, group=group, records=pairs)


def _by_forms(packed: Sequence[bytes | None]) -> tuple[np.ndarray, dict[bytes, tuple[list[int], list[bytes]]]]:
    """Return each contact's recursions, and by their forms the contacts' indices and records."""
    recursions = np.zeros(len(packed), np.int64)
    by_forms: dict[bytes, tuple[list[int], list[bytes]]] = {}
    for index, part in enumerate(packed):
        if part is not None:
            recursions[index] = int.from_bytes(part[4:8], "little")
            indices, records = by_forms.setdefault(part[8 : HEADER.itemsize], ([], []))
            indices.append(index)
            records.append(part[HEADER.itemsize :])
    return recursions, by_forms


def widen(forms: bytes, records: bytes) -> np.ndarray:
    """Read records of `PAIRS` that are stored in the same forms."""
    stored, same = _layout(forms)
    small = np.frombuffer(records, stored)
    pairs = np.zeros(len(small), PAIRS)
    for name in stored.names or ():
        pairs[name] = small[name]
    for name in same:
        pairs[name] = _counted(pairs, name)
    return pairs


def _counted(pairs: Columns, name: str) -> np.ndarray:
    """Return what an evidence field holds as long as nothing was absorbed or damped."""
    if name == "evidence_pitches":
        return np.asarray(pairs["wins"] + pairs["losses"])
    return np.asarray(pairs[name.removeprefix("evidence_")])


def _form(columns: Columns, name: str) -> int:
    values = columns[name]
    if name != "product" and not values.any():  # records must have a size, to be counted
        return ZERO
    if name.startswith("evidence_") and np.array_equal(values, _counted(columns, name)):
        return SAME
    *narrower, widest = NARROW[PAIRS[name].kind]
    return next((form for form in narrower if _fits(values, FORMS[form])), widest)


def _fits(values: np.ndarray, kind: str | None) -> bool:
    """Return whether a narrower type holds all values exactly."""
    parts = (values[:TRIED_FIRST], values) if len(values) > TRIED_FIRST else (values,)
    with np.errstate(all="ignore"):  # what does not fit is found by comparing
        return all((part.astype(kind) == part).all() for part in parts)


@lru_cache(maxsize=1024)
def _layout(forms: bytes) -> tuple[np.dtype, tuple[str, ...]]:
    """Return the type of a stored record, and the fields that equal the counts."""
    named = list(zip(FIELDS, [*forms[:-1], forms[-1] & ~HAS_PARTS], strict=True))
    stored = [(name, FORMS[form]) for name, form in named if FORMS[form]]
    stored += [(name, PAIRS[name].str) for name in PARTS if forms[-1] & HAS_PARTS]
    return np.dtype(stored), tuple(name for name, form in named if form == SAME)
