"""Merge the stored scores of several models to options, contact by contact."""

from typing import NamedTuple

import numpy as np
from numba import types

from dog.core.kernels.compiled import compiled
from dog.core.records import CONTACT_LEVEL

HAS_SCORES, HAS_NONE, TOO_OLD = 0, 1, 2
"""What a model has for a contact."""
ANY = -1
"""In the place of the number of the only product that is wanted: all are."""


class MergedScores(NamedTuple):
    """Options of contacts end to end, each contact's in the order of product numbers."""

    starts: np.ndarray  # where each contact's options begin, and the end of the last, shape (contacts + 1,)
    products: np.ndarray  # number of each option's product, shape (options,)
    raw: np.ndarray  # the models' scores, NaN where a model has none, shape (models, options)
    scored: np.ndarray  # options whose product a model scores that is no fallback, shape (options,)
    of_contact_alone: np.ndarray  # options that stand there for scores of the contact as a whole, shape (options,)
    as_of_ms: np.ndarray  # newest date of these models' scores by contact, 0 where they have none, shape (contacts,)
    levels: np.ndarray  # scores of contacts as a whole, NaN where a model has none, shape (models, contacts)
    states: np.ndarray  # HAS_SCORES, HAS_NONE or TOO_OLD, shape (models, contacts)
    dropped: np.ndarray  # scored products that are not offered


@compiled()
def _product(words: np.ndarray, place: int) -> int:
    """Return the number of the product of a record."""
    return np.int64(words[place] & np.uint64(0xFFFFFFFF))  # type: ignore[return-value]  # a number of numba's


_ARGUMENTS = (
    types.Array(types.uint64, 1, "C", readonly=True),
    types.Array(types.float32, 1, "C", readonly=True),
    types.int64[:, ::1],
    types.float64[::1],
    types.boolean[::1],
    types.int64,
    types.boolean[::1],
    types.int64[::1],
)


@compiled(_ARGUMENTS)
def merge_scores(
    words: np.ndarray,
    scores: np.ndarray,
    bounds: np.ndarray,
    max_age_ms: np.ndarray,
    falls_back: np.ndarray,
    now_ms: int,
    offered: np.ndarray,
    wanted: np.ndarray,
) -> MergedScores:
    """Return the products with a score of any model, for each contact.

    Parameters
    ----------
    words
        All packed scores: of each model and contact the time of its scores, then its records of `SCORES` in the order
        of products, 8 bytes each.
    scores
        The same bytes as numbers of 4 bytes.
    bounds
        Where each contact's words begin, and the end of the last, shape (models, contacts + 1).
    max_age_ms
        Age from which a model's scores do not count, shape (models,).
    falls_back
        Models that count only where no other has a score of the product, shape (models,).
    now_ms
        Milliseconds since 1970.
    offered
        Products of the catalogue that may be options, shape (products,); all of them are options of a contact that has
        scores of the contact alone.
    wanted
        The only product that is wanted of each contact, or `ANY`, shape (contacts,).

    """
    models, contacts = bounds.shape[0], bounds.shape[1] - 1
    most = len(words)  # options, if no contact gets all that are offered
    for end in bounds[:, 1:].flat:
        if end and _product(words, end - 1) == CONTACT_LEVEL:
            most += len(offered)
    starts = np.zeros(contacts + 1, np.int64)
    products = np.empty(most, np.int64)
    raw = np.empty((models, most))
    scored = np.empty(most, np.bool_)
    alone = np.empty(most, np.bool_)
    as_of_ms = np.zeros(contacts, np.int64)
    levels = np.full((models, contacts), np.nan)
    states = np.zeros((models, contacts), np.int64)
    dropped = np.empty(len(words), np.int64)
    cursors, ends = np.empty(models, np.int64), np.empty(models, np.int64)
    count, drops = 0, 0
    for contact in range(contacts):
        has_level, newest_ms = False, 0
        for model in range(models):
            begin, end = bounds[model, contact], bounds[model, contact + 1]
            cursors[model] = ends[model] = end
            if begin == end:
                states[model, contact] = HAS_NONE
                continue
            made_ms = np.int64(words[begin])
            if now_ms - made_ms > max_age_ms[model]:
                states[model, contact] = TOO_OLD
                continue
            begin += 1
            if begin < end and _product(words, end - 1) == CONTACT_LEVEL:
                end -= 1
                levels[model, contact] = scores[2 * end + 1]
                has_level = True
            cursors[model], ends[model] = begin, end
            if begin < end and not falls_back[model]:
                newest_ms = max(newest_ms, made_ms)  # type: ignore[assignment]  # a number of numba's
        is_named, is_scored = False, False
        while True:
            product = CONTACT_LEVEL
            for model in range(models):
                if cursors[model] < ends[model]:
                    product = min(product, _product(words, cursors[model]))
            if product == CONTACT_LEVEL:
                break
            own = False
            for model in range(models):
                if cursors[model] < ends[model] and _product(words, cursors[model]) == product:
                    raw[model, count] = scores[2 * cursors[model] + 1]
                    cursors[model] += 1
                    own = own or not falls_back[model]
                else:
                    raw[model, count] = levels[model, contact]
            if product >= len(offered):
                continue  # loaded since the catalogue was read
            if not offered[product]:
                dropped[drops] = product
                drops += 1
                continue
            is_named, is_scored = True, is_scored or own
            if wanted[contact] not in (ANY, product):
                continue
            for model in range(models):
                if own and falls_back[model]:
                    raw[model, count] = np.nan
            products[count], scored[count], alone[count] = product, own, False
            count += 1
        as_of_ms[contact] = newest_ms if is_scored else 0
        if has_level and not is_named:  # every product is an option
            for product in range(len(offered)):
                if offered[product] and (wanted[contact] == ANY or wanted[contact] == product):
                    products[count], scored[count], alone[count] = product, False, True
                    for model in range(models):
                        raw[model, count] = levels[model, contact]
                    count += 1
        starts[contact + 1] = count
    return MergedScores(
        starts,
        products[:count].copy(),
        raw[:, :count].copy(),
        scored[:count].copy(),
        alone[:count].copy(),
        as_of_ms,
        levels,
        states,
        dropped[:drops].copy(),
    )
