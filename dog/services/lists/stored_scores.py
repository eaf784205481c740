"""The stored scores of one contact or many: which products they are about, and each model's score of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.policy.policy_settings import START
from dog.core.records import CONTACT_LEVEL, SCORES, pair_keys
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.contact_table import ContactTable, PackedScores

AGE_WORDS = 1
"""Words of 8 bytes before the records of a packed array: the time of its scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScores:
    """Products with a score of any model, contact by contact, and the scores."""

    keys: np.ndarray  # of the pairs, ascending (`pair_keys`), shape (options,)
    starts: np.ndarray  # where each contact's products begin, and the end of the last, shape (contacts + 1,)
    products: np.ndarray  # shape (options,)
    raw: np.ndarray  # shape (models, options), NaN where a model has none
    notes: tuple[str, ...]  # models without scores, scores that are too old; for one contact only
    dropped: np.ndarray  # scored products that are not offered; for one contact only
    scored: np.ndarray  # options whose product a model scores that is no fallback, shape (options,)
    of_contact_alone: np.ndarray  # options that stand there for scores of the contact as a whole, shape (options,)
    as_of_ms: np.ndarray  # newest date of these models' scores by contact, 0 where they have none, shape (contacts,)
    order_log_odds: np.ndarray  # added to the log odds that options are ordered by, shape (options,)
    levels: np.ndarray  # scores of contacts as a whole, NaN where a model has none, shape (models, contacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ModelScores:
    """One model's scores that count: of contacts as a whole, and of pairs in the order of their keys."""

    as_of_ms: np.ndarray  # of each contact's scores of products, 0 where it has none, shape (contacts,)
    has_level: np.ndarray  # shape (contacts,)
    level: np.ndarray  # score for all of a contact's products, shape (contacts,)
    keys: np.ndarray  # as `pair_keys`, shape (pairs,)
    scores: np.ndarray  # shape (pairs,)

    @classmethod
    def none(cls, contacts: int) -> "_ModelScores":
        """Return the scores of a model that has none."""
        return cls(
            as_of_ms=np.zeros(contacts, np.int64),
            has_level=np.zeros(contacts, bool),
            level=np.full(contacts, np.nan),
            keys=np.zeros(0, np.uint64),
            scores=np.zeros(0),
        )


def stored_scores(
    active: ActivePolicy,
    contacts: ContactTable,
    now_ms: int,
    *,
    offered: np.ndarray,
    product: int | np.ndarray | None = None,
) -> StoredScores:
    """Return the products with a stored score of any model, for each contact.

    Parameters
    ----------
    active
        It says which models count, and up to which age.
    contacts
        One or more.
    now_ms
        Milliseconds since 1970.
    offered
        Products of the catalogue that may be options, shape (products,); all of them are options of a contact that has
        scores of the contact alone.
    product
        The only product that is wanted, or one of each contact; None for all.

    """
    by_model, notes = [], []
    for model, max_age_ms in zip(active.plan.models, active.max_age_ms, strict=True):
        if model.name == START:  # computed with the request
            by_model.append(_ModelScores.none(len(contacts)))
            continue
        found, note = _model_scores(model.name, max_age_ms, contacts.scores.get(model.name), len(contacts), now_ms)
        by_model.append(found)
        notes += [note] if note and len(contacts) == 1 else []
    primary = [one for one, falls_back in zip(by_model, active.fallbacks, strict=True) if not falls_back]
    own_keys = _union([one.keys for one in primary if len(one.keys)])
    fallbacks = [one.keys for one, falls_back in zip(by_model, active.fallbacks, strict=True) if falls_back]
    keys = _union([keys for keys in (own_keys, *fallbacks) if len(keys)])
    owner, products = split_keys(keys)
    may_be = offered[products]
    dropped = products[~may_be] if len(contacts) == 1 else products[:0]
    keys, owner, products = keys[may_be], owner[may_be], products[may_be]
    bare = np.logical_or.reduce([one.has_level for one in by_model])
    bare &= np.bincount(owner, minlength=len(contacts)) == 0
    wanted = None if product is None else np.broadcast_to(product, len(contacts))
    if wanted is not None:
        keys = keys[products == wanted[owner]]
    named = keys
    if bare.any():  # only contact-level scores: every product is an option
        added = _pairs(np.flatnonzero(bare), np.flatnonzero(offered), wanted)
        keys = np.sort(np.concatenate([keys, added]))
    owner, products = split_keys(keys)
    raw = np.full((len(by_model), len(keys)), np.nan)
    scored = np.ones(len(keys), bool) if np.array_equal(own_keys, keys) else is_among(own_keys, keys)
    for row, one, falls_back in zip(raw, by_model, active.fallbacks, strict=True):
        _fill(row, one, keys, owner)
        if falls_back:
            row[scored] = np.nan
    return StoredScores(
        keys=keys,
        starts=starts_of(owner, len(contacts)),
        products=products,
        raw=raw,
        notes=tuple(notes),
        dropped=dropped,
        scored=scored,
        of_contact_alone=~is_among(named, keys) if bare.any() else np.zeros(len(keys), bool),
        as_of_ms=_dates(primary, own_keys, offered),
        order_log_odds=np.zeros(len(keys)),
        levels=np.stack([one.level for one in by_model]),
    )


def _pairs(places: np.ndarray, offered: np.ndarray, wanted: np.ndarray | None) -> np.ndarray:
    """Return the keys of some contacts with each offered product, or with the one that is wanted of each contact."""
    if wanted is None:
        return pair_keys(np.repeat(places, len(offered)), np.tile(offered, len(places)))
    may_be = places[is_among(offered, wanted[places])]
    return pair_keys(may_be, wanted[may_be])


def _dates(models: Sequence[_ModelScores], keys: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """Return the newest date of each contact's scores, 0 where no scored product is offered, shape (contacts,)."""
    dates = np.max([one.as_of_ms for one in models], axis=0, initial=0)
    owner, products = split_keys(keys)
    may_be = offered[products]
    if not may_be.all():
        dates[np.bincount(owner[may_be], minlength=len(dates)) == 0] = 0
    return np.asarray(dates)


def starts_of(owner: np.ndarray, contacts: int) -> np.ndarray:
    """Return where each contact's options begin, and the end of the last, given the contact of each option."""
    return np.concatenate([[0], np.bincount(owner, minlength=contacts).cumsum()])


def is_among(ascending: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Mark the keys that are among others, which ascend; faster than `np.isin`."""
    if not len(ascending):
        return np.zeros(len(keys), bool)
    places = np.minimum(ascending.searchsorted(keys), len(ascending) - 1)
    return np.asarray(ascending[places] == keys)


def _model_scores(
    name: str, max_age_ms: float, packed: PackedScores | None, contacts: int, now_ms: int
) -> tuple[_ModelScores, str | None]:
    """Return one model's scores that are not too old, and a note where the last contact has none of them."""
    packed = packed or PackedScores.of([None] * contacts)
    words, sizes = packed.words, packed.bounds[1:] - packed.bounds[:-1]
    present = np.flatnonzero(sizes)
    sizes, heads = sizes[present], packed.bounds[present]
    fresh = now_ms - words[heads].astype(np.int64) <= max_age_ms
    note = None
    if not len(present):
        note = f"model '{name}' has no score for this contact; the others were used"
    elif not fresh[-1]:
        note = f"the scores of model '{name}' are older than its max_age_days; the others were used"
    records, owner = np.delete(words, heads).view(SCORES), np.repeat(present, sizes - AGE_WORDS)
    if not fresh.all():
        keep = np.repeat(fresh, sizes - AGE_WORDS)
        records, owner = records[keep], owner[keep]
    has_level, level = np.zeros(contacts, bool), np.full(contacts, np.nan)
    of_contact = records["product"] == CONTACT_LEVEL
    if of_contact.any():
        has_level[owner[of_contact]], level[owner[of_contact]] = True, records["score"][of_contact]
        records, owner = records[~of_contact], owner[~of_contact]
    keys = pair_keys(owner, records["product"])
    as_of_ms = np.zeros(contacts, np.int64)
    as_of_ms[present] = words[heads].astype(np.int64)
    as_of_ms[np.bincount(owner, minlength=contacts) == 0] = 0
    return _ModelScores(as_of_ms=as_of_ms, has_level=has_level, level=level, keys=keys, scores=records["score"]), note


def _union(lists: Sequence[np.ndarray]) -> np.ndarray:
    """Merge ascending lists of keys; usually all models score the same pairs."""
    if not lists:
        return np.zeros(0, np.uint64)
    first, *others = lists
    if all(np.array_equal(first, other) for other in others):
        return first
    return np.unique(np.concatenate(lists), return_counts=True)[0]  # return_counts as in core/verdicts/cross_contact


def split_keys(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the contact and the product of each key."""
    return (keys >> np.uint64(32)).astype(np.int64), (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _fill(row: np.ndarray, one: _ModelScores, keys: np.ndarray, owner: np.ndarray) -> None:
    """Write one model's scores of the options."""
    if one.has_level.any():
        row[:] = one.level[owner]
    if np.array_equal(one.keys, keys):  # the usual case
        row[:] = one.scores
        return
    if len(one.keys) and len(keys):
        places = np.minimum(one.keys.searchsorted(keys), len(one.keys) - 1)
        own = one.keys[places] == keys
        row[own] = one.scores[places[own]]
