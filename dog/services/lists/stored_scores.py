"""The stored scores of one contact or many: which products they are about, and each model's score of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dog.core.kernels.merge_scores import ANY_OF_ALL, HAS_NONE, TOO_OLD, MergedScores, merge_scores
from dog.core.policy.policy_settings import START
from dog.core.records import pair_keys
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.contact_table import ContactTable

NOTES = {
    HAS_NONE: "model '{}' has no score for this contact; the others were used",
    TOO_OLD: "the scores of model '{}' are older than its max_age_days; the others were used",
}


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for each list, and takes a fifth of the time
class StoredScores:
    """Products with a score of any model, contact by contact, and the scores."""

    starts: np.ndarray  # where each contact's products begin, and the end of the last, shape (contacts + 1,)
    products: np.ndarray  # shape (options,)
    raw: np.ndarray  # shape (models, options), NaN where a model has none
    notes: tuple[str, ...]  # models without scores, scores that are too old; for one contact only
    dropped: np.ndarray  # scored products that are not offered; for one contact only
    scored: np.ndarray  # options whose product a model scores that is not a fallback, shape (options,)
    of_contact_alone: np.ndarray  # options that stand there for scores of the contact as a whole, shape (options,)
    as_of_ms: np.ndarray  # newest date of these models' scores by contact, 0 where they have none, shape (contacts,)
    order_log_odds: np.ndarray | None  # added to the log odds that options are ordered by, shape (options,); None: 0
    levels: np.ndarray  # scores of contacts as a whole, NaN where a model has none, shape (models, contacts)

    @property
    def keys(self) -> np.ndarray:
        """Keys of the pairs (`pair_keys`), ascending, shape (options,)."""
        return pair_keys(np.repeat(np.arange(len(self.as_of_ms)), np.diff(self.starts)), self.products)


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
    cells, ends = contacts.join_scores(active.plan.names)  # of start none are stored
    wanted, alone = ANY_OF_ALL, len(contacts) == 1
    if product is not None:
        wanted = np.empty(len(contacts), np.int64)
        wanted[:] = product
    found = merge_scores(cells, ends, active.max_age_ms, active.fallbacks, now_ms, offered, wanted)
    return StoredScores(
        starts=found.starts,
        products=found.products,
        raw=found.raw,
        notes=tuple(_notes(active, found)) if alone and found.states.any() else (),
        dropped=found.dropped if alone else found.dropped[:0],
        scored=found.scored,
        of_contact_alone=found.of_contact_alone,
        as_of_ms=found.as_of_ms,
        order_log_odds=None,
        levels=found.levels,
    )


def _notes(active: ActivePolicy, found: MergedScores) -> Iterator[str]:
    """Yield what the reader of a list should know of models whose scores do not count."""
    for model, state in zip(active.plan.models, found.states[:, 0].tolist(), strict=True):
        if state in NOTES and model.name != START:
            yield NOTES[state].format(model.name)


def starts_of(owner: np.ndarray, contacts: int) -> np.ndarray:
    """Return where each contact's options begin, and the end of the last, given the contact of each option."""
    return np.concatenate([[0], np.bincount(owner, minlength=contacts).cumsum()])


def is_among(ascending: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Mark the keys that are among others, which ascend; faster than `np.isin`."""
    if not len(ascending):
        return np.zeros(len(keys), bool)
    places = np.minimum(ascending.searchsorted(keys), len(ascending) - 1)
    return np.asarray(ascending[places] == keys)


def split_keys(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the contact and the product of each key."""
    return (keys >> np.uint64(32)).astype(np.int64), (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
