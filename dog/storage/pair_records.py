"""What a multiplier version holds of a contact's products, packed as small as it goes without losing a bit.

A record of `PAIRS` has 64 bytes, most of them zeros or said twice: evidence equals the counts until something is
absorbed or recurs, and a count seldom needs four bytes. Stored are only the fields that say something, each as
narrow as all pairs packed together allow; one byte a field (`FORMS`) tells how, so an unusual chunk costs more and
loses nothing.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

PAIRS = np.dtype(
    [
        ("product", "<u4"),
        ("pending", "<u4"),
        ("wins", "<u4"),
        ("losses", "<u4"),  # matured pitches included
        ("expected", "<f8"),  # calibrated scores at pitch time, summed over resolved pitches
        ("scored", "<u4"),  # resolved pitches that carry such a score
        ("evidence_scored", "<f4"),
        ("evidence_expected", "<f8"),
        ("evidence_wins", "<f8"),
        ("evidence_pitches", "<f8"),
        ("multiplier", "<f8"),
    ]
)
"""What a version holds of one contact-product pair: all that was settled, and the evidence left of it."""

FIELDS = PAIRS.names or ()

HEADER = np.dtype([("laps", "<u4"), ("recursions", "<u4"), ("forms", "u1", (len(FIELDS),))])
"""What stands before a contact's pairs: laps by the week's end, recursions applied so far, how each field is stored."""

FORMS = (None, None, "u1", "<u2", "<u4", "<f4", "<f8")
"""Zero, the same as the counts, or a type."""
ZERO, SAME = 0, 1
NARROW = {"u": (2, 3, 4), "f": (2, 3, 5, 6)}
"""Forms to try for a field of whole numbers or of fractions, narrowest first; the last one holds all."""


def pack_pairs(laps: np.ndarray, recursions: np.ndarray, pairs: np.ndarray, ends: Sequence[int]) -> list[bytes]:
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
    forms = bytes(_form(pairs, name) for name in FIELDS)
    stored, _ = _layout(forms)
    small = np.zeros(len(pairs), stored)
    for name in stored.names or ():
        small[name] = pairs[name]
    headers = np.zeros(len(laps), HEADER)
    headers["laps"], headers["recursions"], headers["forms"] = laps, recursions, np.frombuffer(forms, "u1")
    heads, records, size = headers.tobytes(), small.tobytes(), stored.itemsize
    return [
        heads[place * HEADER.itemsize : (place + 1) * HEADER.itemsize]
        + records[ends[place] * size : ends[place + 1] * size]
        for place in range(len(laps))
    ]


def unpack_pairs(packed: bytes) -> tuple[int, int, np.ndarray]:
    """Read one contact's part of what `pack_pairs` wrote: laps, recursions, pairs."""
    laps, recursions = np.frombuffer(packed, "<u4", count=2).tolist()
    return laps, recursions, expand(packed[8 : HEADER.itemsize], packed[HEADER.itemsize :])


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


def counted(pairs: np.ndarray, name: str) -> np.ndarray:
    """Say what an evidence field holds as long as nothing was absorbed and nothing has recurred."""
    if name == "evidence_pitches":
        return np.asarray(pairs["wins"] + pairs["losses"])
    return np.asarray(pairs[name.removeprefix("evidence_")])


def _form(pairs: np.ndarray, name: str) -> int:
    values = pairs[name]
    if name != "product" and not values.any():  # records must have a size, to be counted
        return ZERO
    if name.startswith("evidence_") and np.array_equal(values, counted(pairs, name)):
        return SAME
    *narrow, widest = NARROW[values.dtype.kind]
    with np.errstate(all="ignore"):  # what does not fit is found by comparing
        fits = (form for form in narrow if np.array_equal(values.astype(FORMS[form]), values))
        return next(fits, widest)


@lru_cache(maxsize=1024)
def _layout(forms: bytes) -> tuple[np.dtype, tuple[str, ...]]:
    """Tell the type of a stored record, and which fields are the same as the counts."""
    stored = [(name, FORMS[form]) for name, form in zip(FIELDS, forms, strict=True) if FORMS[form]]
    same = tuple(name for name, form in zip(FIELDS, forms, strict=True) if form == SAME)
    return np.dtype(stored), same
