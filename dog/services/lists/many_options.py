"""The options of many contacts at once: what `options.py` makes of one contact, laid end to end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.records import CONTACT_LEVEL, SCORES, pair_keys
from dog.services.lists.options import Options, performance_of
from dog.services.lists.snapshot import ActivePolicy, Snapshot
from dog.storage.pair_records import unpack_many

Packed = Sequence[bytes | None]


@dataclass(frozen=True, slots=True)
class ManyOptions:
    """Options of many contacts, contact by contact, inside a contact in the order of product numbers.

    Parameters
    ----------
    contact
        Place of each option's contact, ascending, shape (options,).
    starts
        Where each contact's options begin, and the end of the last, shape (contacts + 1,).
    options
        Products and scores; `product_ids` stay empty.
    performance
        Reinforcement multiplier of each option.
    pairs, places
        Records of `PAIRS` of all contacts, and the place of each option's among them, -1 where it has none.

    """

    contact: np.ndarray
    starts: np.ndarray
    options: Options
    performance: np.ndarray
    pairs: np.ndarray
    places: np.ndarray


def lay_out(
    snapshot: Snapshot, active: ActivePolicy, scores: Sequence[Packed], multipliers: Packed, now_ms: int
) -> ManyOptions:
    """Lay the options of some contacts end to end.

    Parameters
    ----------
    snapshot, active
        The tenant, and the policy to use.
    scores
        Of each model of the policy, each contact's packed scores.
    multipliers
        Each contact's part of the multiplier version.
    now_ms
        The instant that tells which scores are too old, milliseconds since 1970.

    """
    contacts, size = len(multipliers), len(snapshot.catalogue)
    raw = np.full((len(active.models), contacts, size), np.nan)
    levels = np.full((len(active.models), contacts), np.nan)
    is_level = np.zeros(levels.shape, bool)
    for row, (packed, max_age_ms) in enumerate(zip(scores, active.max_age_ms, strict=True)):
        is_level[row] = _fill(raw[row], levels[row], packed, now_ms, max_age_ms)
    has = ~np.isnan(raw).all(axis=0)
    has |= (is_level.any(axis=0) & ~has.any(axis=1))[:, None]  # contact-level scores alone: all products
    contact, products = np.nonzero(has)
    flat = raw[:, contact, products]
    for row in np.flatnonzero(is_level.any(axis=1)).tolist():
        flat[row] = np.where(is_level[row, contact], levels[row, contact], flat[row])
    _, of_contact, pairs = unpack_many(multipliers)
    performance, places = _performance(active, contact, products, of_contact, pairs)
    starts = np.searchsorted(contact, np.arange(contacts + 1))
    return ManyOptions(contact, starts, Options((), products, flat, ()), performance, pairs, places)


def _fill(raw: np.ndarray, levels: np.ndarray, packed: Packed, now_ms: int, max_age_ms: float) -> np.ndarray:
    """Write one model's scores that are not too old; tell which contacts have one whatever the product."""
    contacts, size = raw.shape
    lengths = np.array([len(scores) // SCORES.itemsize if scores else 0 for scores in packed])  # as_of is as long
    joined = b"".join(filter(None, packed))
    heads = (np.cumsum(lengths) - lengths)[lengths > 0]
    as_of_ms = np.frombuffer(joined, "<u8")[heads].astype(np.float64)
    fresh = np.zeros(contacts, bool)
    fresh[lengths > 0] = now_ms - as_of_ms <= max_age_ms
    is_score = np.repeat(fresh, lengths)
    is_score[heads] = False
    contact = np.repeat(np.arange(contacts), lengths)[is_score]
    records = np.frombuffer(joined, SCORES)[is_score]
    is_level = np.zeros(contacts, bool)
    whole = np.flatnonzero((np.diff(contact, prepend=-1) != 0) & (records["product"] == CONTACT_LEVEL))
    is_level[contact[whole]], levels[contact[whole]] = True, records["score"][whole]
    of_product = ~is_level[contact] & (records["product"] < size)
    raw[contact[of_product], records["product"][of_product]] = records["score"][of_product]
    return is_level


def _performance(
    active: ActivePolicy, contact: np.ndarray, products: np.ndarray, of_contact: np.ndarray, pairs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    values, nowhere = performance_of(active, products, pairs[:0])
    if active.multiplied is None or not len(pairs):
        return values, nowhere
    keys = pair_keys(of_contact, pairs["product"])  # ascending
    wanted = pair_keys(contact, products)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    own = keys[places] == wanted
    return np.where(own, pairs["multiplier"][places], values), np.where(own, places, -1)
