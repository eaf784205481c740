"""Merge the stored scores of several models to options, contact by contact."""

from typing import NamedTuple

import numpy as np
from numba import types

from dog.core.kernels.array_types import FLAGS, FLOATS, INTEGER_TABLE, INTEGERS, WORDS, array_of
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


@compiled()
def _open_contact(
    contact: int,
    words: np.ndarray,
    bounds: np.ndarray,
    max_age_ms: np.ndarray,
    now_ms: int,
    cursors: np.ndarray,
    ends: np.ndarray,
    states: np.ndarray,
) -> None:
    """Set cursors and ends of the models to a contact's scores of products; those that are too old do not count."""
    for model in range(len(cursors)):
        cursors[model], ends[model] = bounds[model, contact], bounds[model, contact + 1]
        if cursors[model] == ends[model]:
            states[model, contact] = HAS_NONE
        elif now_ms - np.int64(words[cursors[model]]) > max_age_ms[model]:
            states[model, contact] = TOO_OLD
            cursors[model] = ends[model]
        else:
            cursors[model] += 1


@compiled()
def _take_levels(
    contact: int, words: np.ndarray, scores: np.ndarray, cursors: np.ndarray, ends: np.ndarray, levels: np.ndarray
) -> bool:
    """Take the scores of the contact as a whole, which come last; return whether there are any."""
    found = False
    for model in range(len(cursors)):
        last = ends[model] - 1
        if cursors[model] <= last and _product(words, last) == CONTACT_LEVEL:
            levels[model, contact] = scores[2 * last + 1]
            ends[model] = last
            found = True
    return found


@compiled()
def _newest_ms(
    contact: int, words: np.ndarray, bounds: np.ndarray, cursors: np.ndarray, ends: np.ndarray, falls_back: np.ndarray
) -> int:
    """Return the newest date of the scores of products, fallbacks left out; 0 where there are none."""
    newest = 0
    for model in range(len(cursors)):
        if cursors[model] < ends[model] and not falls_back[model]:
            newest = max(newest, int(words[bounds[model, contact]]))
    return newest


@compiled()
def _next_product(words: np.ndarray, cursors: np.ndarray, ends: np.ndarray) -> int:
    """Return the lowest product at the cursors, `CONTACT_LEVEL` where all are at their end."""
    lowest = CONTACT_LEVEL
    for model in range(len(cursors)):
        if cursors[model] < ends[model]:
            lowest = min(lowest, _product(words, cursors[model]))
    return lowest


@compiled()
def _take_product(
    product: int,
    words: np.ndarray,
    scores: np.ndarray,
    cursors: np.ndarray,
    ends: np.ndarray,
    falls_back: np.ndarray,
    contact: int,
    levels: np.ndarray,
    option: int,
    raw: np.ndarray,
) -> bool:
    """Write the models' scores of a product and move their cursors; return whether any but a fallback has one."""
    scored = False
    for model in range(len(cursors)):
        raw[model, option] = levels[model, contact]
        if cursors[model] < ends[model] and _product(words, cursors[model]) == product:
            raw[model, option] = scores[2 * cursors[model] + 1]
            cursors[model] += 1
            scored = scored or not falls_back[model]
    for model in range(len(cursors)):
        if scored and falls_back[model]:
            raw[model, option] = np.nan
    return scored


@compiled()
def _most_options(words: np.ndarray, bounds: np.ndarray, offered: int) -> int:
    """Return how many options there can be: a contact that only has scores as a whole gets all that are offered."""
    most = len(words)
    for end in bounds[:, 1:].flat:
        if end and _product(words, end - 1) == CONTACT_LEVEL:
            most += offered
    return most


_ARGUMENTS = (
    WORDS,
    array_of(types.float32),
    INTEGER_TABLE,
    FLOATS,
    FLAGS,
    types.int64,
    FLAGS,
    INTEGERS,
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
    most = _most_options(words, bounds, len(offered))
    starts, as_of_ms = np.zeros(contacts + 1, np.int64), np.zeros(contacts, np.int64)
    products, dropped = np.empty(most, np.int64), np.empty(len(words), np.int64)
    raw = np.empty((models, most))
    scored, alone = np.empty(most, np.bool_), np.zeros(most, np.bool_)
    levels, states = np.full((models, contacts), np.nan), np.zeros((models, contacts), np.int64)
    cursors, ends = np.empty(models, np.int64), np.empty(models, np.int64)
    count, drops = 0, 0
    for contact in range(contacts):
        _open_contact(contact, words, bounds, max_age_ms, now_ms, cursors, ends, states)
        has_level = _take_levels(contact, words, scores, cursors, ends, levels)
        newest_ms = _newest_ms(contact, words, bounds, cursors, ends, falls_back)
        product = _next_product(words, cursors, ends)
        while product != CONTACT_LEVEL:
            is_scored = _take_product(product, words, scores, cursors, ends, falls_back, contact, levels, count, raw)
            if product < len(offered) and not offered[product]:  # a higher one was loaded since the catalogue was read
                dropped[drops] = product
                drops += 1
            elif product < len(offered):
                has_level = False
                as_of_ms[contact] = newest_ms if is_scored else as_of_ms[contact]
                if wanted[contact] in (ANY, product):
                    products[count], scored[count] = product, is_scored
                    count += 1
            product = _next_product(words, cursors, ends)
        for product in range(len(offered) if has_level else 0):  # every product is an option
            if offered[product] and wanted[contact] in (ANY, product):
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
