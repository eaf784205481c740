"""Merge new scores of a model into those that are stored, and pack them: arrays in, arrays out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.kernels.widen_scores import widen_arrays
from dog.core.records import FORM_PLACE, SCORES
from dog.storage.packed_scores import TIME_BYTES, pack_many

NO_TIME = bytes(TIME_BYTES)
TIME_MASK = (1 << 8 * FORM_PLACE) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRows:
    """Scores of one model, in the order of their rows; all arrays have the shape (rows,)."""

    contact: np.ndarray  # number of the contact
    product: np.ndarray  # dense number
    score: np.ndarray  # 32-bit floats
    as_of: np.ndarray  # milliseconds since 1970

    def at(self, places: np.ndarray | slice) -> "ScoreRows":
        """Return some of the rows."""
        return ScoreRows(
            contact=self.contact[places],
            product=self.product[places],
            score=self.score[places],
            as_of=self.as_of[places],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreMerge:
    """The result of rows, and what is to be stored."""

    stale: np.ndarray  # marks of rows older than the scores before them, shape (rows,)
    duplicate: np.ndarray  # marks of rows that changed nothing
    contacts: Sequence[int]  # numbers of the contacts that changed
    packed: Sequence[bytes]  # their new scores, as `pack_scores` packs them
    bases: Sequence[bytes]  # what those were merged from; empty where nothing stored is kept


def merge_new_scores(rows: ScoreRows, stored: Sequence[bytes | None]) -> ScoreMerge:
    """Merge rows into what is stored of contacts 0, 1, ...; the rows are sorted by contact, then in their own order.

    A row with a newer `as_of` replaces all scores of its contact, an equal one adds or changes one, an older is stale.
    """
    held = np.array([packed is not None for packed in stored])
    known = np.frombuffer(b"".join([(packed or NO_TIME)[:TIME_BYTES] for packed in stored]), "<i8") & TIME_MASK
    stale = _find_stale(rows.contact, rows.as_of, known)
    taken = np.flatnonzero(~stale)
    adds = held[rows.contact[taken]] & (rows.as_of[taken] == known[rows.contact[taken]])
    kept = np.unique(rows.contact[taken[adds]])
    before = _unpack(kept, [stored[number] or b"" for number in kept.tolist()], known)
    own = rows.at(taken)
    both = ScoreRows(
        contact=np.concatenate([before.contact, own.contact]),
        product=np.concatenate([before.product, own.product]),
        score=np.concatenate([before.score, own.score]),
        as_of=np.concatenate([before.as_of, own.as_of]),
    )
    order = _sorted_order(both)
    both = both.at(order)
    is_row = order >= len(before.contact)
    repeats = _same_as_before(both) & np.append(False, both.score[1:] == both.score[:-1])
    duplicate = np.zeros(len(stale), bool)
    duplicate[taken[order[repeats] - len(before.contact)]] = True
    newest = known.copy()
    np.maximum.at(newest, own.contact[_ends(own.contact)], own.as_of[_ends(own.contact)])
    changed = np.zeros(len(stored), bool)
    changed[both.contact[is_row & ~repeats]] = True
    left = both.at(np.flatnonzero(~repeats))
    last = np.append(~_same_as_before(left)[1:], True)
    final = left.at(np.flatnonzero(last & changed[left.contact] & (left.as_of == newest[left.contact])))
    contacts, bounds = np.flatnonzero(changed), np.flatnonzero(np.diff(final.contact, prepend=-1, append=-1))
    based = {number: stored[number] or b"" for number in kept.tolist()}
    return ScoreMerge(
        stale=stale,
        duplicate=duplicate,
        contacts=contacts.tolist(),
        packed=pack_many(newest[contacts], final.product, final.score, bounds),
        bases=[
            base if (base := based.get(number, b"")) and newest[number] == known[number] else b""
            for number in contacts.tolist()
        ],
    )


def _find_stale(contact: np.ndarray, as_of: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Mark rows older than what is stored or than a row before them of the same contact."""
    if not len(as_of) or as_of.min() == as_of.max():
        return np.asarray(as_of < known[contact])
    moments = np.unique(np.concatenate([as_of, known]))
    rank = contact * np.int64(len(moments)) + np.searchsorted(moments, as_of)
    first = contact * np.int64(len(moments)) + np.searchsorted(moments, known)[contact]
    return np.asarray(rank < np.maximum.accumulate(np.maximum(rank, first)))


def _unpack(contacts: np.ndarray, packed: Sequence[bytes], known: np.ndarray) -> ScoreRows:
    words, starts = widen_arrays(packed)
    records = np.delete(words, starts[:-1]).view(SCORES)  # without the time of each
    contact = np.repeat(contacts, np.diff(starts) - 1)
    return ScoreRows(contact=contact, product=records["product"], score=records["score"], as_of=known[contact])


def _sorted_order(rows: ScoreRows) -> np.ndarray:
    """Return the order by contact, time and product in which equal ones stay as they are."""
    key = rows.contact.astype(np.uint64) << np.uint64(32) | rows.product
    if len(key) and rows.as_of.min() != rows.as_of.max():
        return np.lexsort((rows.product, rows.as_of, rows.contact))
    if (key[1:] > key[:-1]).all():
        return np.arange(len(key))
    return np.argsort(key, kind="stable")


def _same_as_before(rows: ScoreRows) -> np.ndarray:
    """Mark the rows about the same contact, time and product as the one before."""
    same = np.zeros(len(rows.contact), bool)
    same[1:] = (
        (rows.product[1:] == rows.product[:-1])
        & (rows.contact[1:] == rows.contact[:-1])
        & (rows.as_of[1:] == rows.as_of[:-1])
    )
    return same


def _ends(contact: np.ndarray) -> np.ndarray:
    """Return the place of each contact's last row."""
    return np.flatnonzero(np.diff(contact, append=-1))
