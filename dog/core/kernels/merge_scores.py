"""Merge the stored scores of several models to options, contact by contact."""

from typing import NamedTuple

import numpy as np
from numba import boolean, float64, int64

from dog.core.kernels.array_types import FLAGS, FLOATS, INTEGERS
from dog.core.kernels.compiled import compiled
from dog.core.kernels.widen_scores import CELLS, count_words, form_of, widen
from dog.core.records import CONTACT_LEVEL, RECORDS

HAS_SCORES, HAS_NONE, TOO_OLD = 0, 1, 2
"""What a model has for a contact."""
ANY = -1
"""In the place of the number of the only product that is wanted: all are."""
ANY_OF_ALL = np.zeros(0, np.int64)
"""In the place of the products that are wanted of each contact: all are of each."""


class MergedScores(NamedTuple):
    """Options of contacts end to end, each contact's in the order of product numbers."""

    starts: np.ndarray  # where each contact's options begin, and the end of the last, shape (contacts + 1,)
    products: np.ndarray  # number of each option's product, shape (options,)
    raw: np.ndarray  # the models' scores, NaN where a model has none, shape (models, options)
    scored: np.ndarray  # options whose product a model scores that is not a fallback, shape (options,)
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
    scores: np.ndarray,
    ends: np.ndarray,
    max_age_ms: np.ndarray,
    falls_back: np.ndarray,
    now_ms: int,
    spans: np.ndarray,
    levels: np.ndarray,
    states: np.ndarray,
) -> tuple[bool, int]:
    """Write where each model's scores of products begin and end, shape (2, models); those that are too old are none.

    Return whether the contact has scores as a whole, which come last and are written to `levels`, and the newest date
    of the scores of products, fallbacks left out; 0 where there are none.
    """
    contacts, has_level, newest_ms = levels.shape[1], False, 0
    for model in range(len(max_age_ms)):
        begin, end = ends[model * contacts + contact], ends[model * contacts + contact + 1]
        state, levels[model, contact] = HAS_SCORES, np.nan
        if begin == end:
            state = HAS_NONE
        elif now_ms - np.int64(words[begin]) > max_age_ms[model]:
            state, begin = TOO_OLD, end
        else:
            as_of_ms, begin = np.int64(words[begin]), begin + 1
            if begin < end and _product(words, end - 1) == CONTACT_LEVEL:
                levels[model, contact] = scores[2 * end - 1]
                end, has_level = end - 1, True
            if begin < end and not falls_back[model]:
                newest_ms = max(newest_ms, int(as_of_ms))
        states[model * contacts + contact], spans[0, model], spans[1, model] = state, begin, end
    return has_level, newest_ms


@compiled()
def _unite(words: np.ndarray, begin: int, end: int, known: np.ndarray, size: int, spare: np.ndarray) -> int:
    """Merge the products of a model's records into `size` known ones, ascending; return how many there are now."""
    place, other, count = begin, 0, 0
    if begin == end:
        return size
    while place < end and other < size:
        one, two = _product(words, place), known[other]
        if one <= two:
            place += 1
        if two <= one:
            other += 1
        spare[count] = min(one, two)
        count += 1
    while other < size:
        spare[count] = known[other]
        other, count = other + 1, count + 1
    while place < end:
        spare[count] = _product(words, place)
        place, count = place + 1, count + 1
    known[:count] = spare[:count]
    return count


@compiled()
def _offer(offered: np.ndarray, products: np.ndarray, size: int, dropped: np.ndarray, drops: int) -> tuple[int, int]:
    """Keep the products that are offered; return how many there are, and how many have been dropped so far."""
    kept = 0
    for place in range(size):
        product = products[place]
        if product < len(offered):  # a higher one was loaded since the catalogue was read
            if offered[product]:
                products[kept] = product
                kept += 1
            else:
                dropped[drops] = product
                drops += 1
    return kept, drops


@compiled()
def _write_scores(
    words: np.ndarray,
    scores: np.ndarray,
    begin: int,
    end: int,
    level: float,
    products: np.ndarray,
    raw: np.ndarray,
    scored: np.ndarray,
    falls_back: np.ndarray,
    model: int,
) -> None:
    """Write a model's scores of a contact's products, and mark those that it scores unless it is a fallback."""
    place, raw[:] = begin, level
    for option in range(len(products) if begin < end else 0):
        product = products[option]
        while place < end and _product(words, place) < product:
            place += 1
        if place < end and _product(words, place) == product:
            raw[option] = scores[2 * place + 1]
            scored[option] = scored[option] or not falls_back[model]
            place += 1


@compiled()
def _offer_all(offered: np.ndarray, products: np.ndarray) -> int:
    """Write all products that are offered; return how many there are."""
    size = 0
    for product in range(len(offered)):
        if offered[product]:
            products[size] = product
            size += 1
    return size


@compiled()
def _drop_fallbacks(raw: np.ndarray, scored: np.ndarray, falls_back: np.ndarray) -> None:
    """Drop the scores of fallbacks where another model has scored the product."""
    for model in range(len(raw)):
        for option in range(len(scored) if falls_back[model] else 0):
            if scored[option]:
                raw[model, option] = np.nan


@compiled()
def _close_gaps(raw: np.ndarray, count: int, packed: np.ndarray) -> None:
    """Move the rows of scores together in the memory that they are in, `packed`, each with `count` scores."""
    for model in range(1, len(raw)):
        for option in range(count):
            packed[model * count + option] = raw[model, option]


@compiled()
def _keep_only(only: int, products: np.ndarray, raw: np.ndarray, begin: int, size: int, marks: np.ndarray) -> int:
    """Keep the only product that is wanted; return how many options there are, 0 or 1."""
    for option in range(begin, begin + size):
        if products[option] == only:
            products[begin] = only
            raw[:, begin], marks[:, begin] = raw[:, option], marks[:, option]
            return 1
    return 0


@compiled((CELLS, INTEGERS, int64, int64))
def most_options(cells: np.ndarray, ends: np.ndarray, contacts: int, offered: int) -> int:
    """Return how many options there can be: a contact that only has scores as a whole gets all that are offered."""
    words, levels = 0, 0
    for place in range(len(ends) - 1):
        begin, end = ends[place], ends[place + 1]
        words += count_words(cells, begin, end)
        if begin < end and form_of(cells, begin) == RECORDS:  # the last record of the others is of a product
            levels += cells[end - 2] == CONTACT_LEVEL
    return words + min(levels, contacts) * offered


_ARGUMENTS = (CELLS, INTEGERS, FLOATS, FLAGS, int64, FLAGS, INTEGERS, int64[::1], float64[::1], boolean[:, ::1])


@compiled(_ARGUMENTS)
def _merge(
    cells: np.ndarray,
    bounds: np.ndarray,
    max_age_ms: np.ndarray,
    falls_back: np.ndarray,
    now_ms: int,
    offered: np.ndarray,
    wanted: np.ndarray,
    numbers: np.ndarray,
    values: np.ndarray,
    marks: np.ndarray,
) -> tuple[int, int]:
    """Write what `merge_scores` returns; return how many options and how many dropped products there are."""
    words, ends = widen(cells, bounds)
    models, most = len(max_age_ms), marks.shape[1]
    contacts = (len(ends) - 1) // models
    whole = models * contacts
    starts, as_of_ms, states = numbers[: contacts + 1], numbers[contacts + 1 :], numbers[2 * contacts + 1 :]
    products, dropped = numbers[2 * contacts + 1 + whole :], numbers[2 * contacts + 1 + whole + most :]
    levels, raw = values[:whole].reshape(models, contacts), values[whole:].reshape(models, most)
    scores, spare, spans = words.view(np.float32), np.empty(len(words), np.int64), np.empty((2, len(raw)), np.int64)
    count, drops, starts[0] = 0, 0, 0
    for contact in range(contacts):
        has_level, newest_ms = _open_contact(
            contact, words, scores, ends, max_age_ms, falls_back, now_ms, spans, levels, states
        )
        size = 0
        for model in range(len(raw)):
            size = _unite(words, spans[0, model], spans[1, model], products[count:], size, spare)
        size, drops = _offer(offered, products[count:], size, dropped, drops)
        is_alone = has_level and size == 0
        if is_alone:  # every product is an option
            size = _offer_all(offered, products[count:])
        end = count + size
        scored = marks[0, count:end]
        scored[:], marks[1, count:end] = False, is_alone
        for model in range(len(raw)):
            begin, stop, level = spans[0, model], spans[1, model], levels[model, contact]
            _write_scores(
                words, scores, begin, stop, level, products[count:end], raw[model, count:end], scored, falls_back, model
            )
        as_of_ms[contact] = newest_ms if scored.any() else 0
        _drop_fallbacks(raw[:, count:end], scored, falls_back)
        if len(wanted) and wanted[contact] != ANY:
            size = _keep_only(wanted[contact], products, raw, count, size, marks)
        count += size
        starts[contact + 1] = count
    _close_gaps(raw, count, values[whole:])
    return count, drops


def merge_scores(
    cells: np.ndarray,
    ends: np.ndarray,
    max_age_ms: np.ndarray,
    falls_back: np.ndarray,
    now_ms: int,
    offered: np.ndarray,
    wanted: np.ndarray = ANY_OF_ALL,
) -> MergedScores:
    """Return the products with a score of any model, for each contact.

    Parameters
    ----------
    cells
        All packed scores, of each model and contact, as cells of 4 bytes.
    ends
        Where the cells of each model and contact begin, and the end of the last, shape (models x contacts + 1,).
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
    models = len(max_age_ms)
    contacts = (len(ends) - 1) // models
    most = len(cells) + len(offered)
    if contacts > 1:
        most = most_options(cells, ends, contacts, len(offered))
    whole = models * contacts
    before = 2 * contacts + 1 + whole
    numbers, values = np.empty(before + most + len(cells), np.int64), np.empty(whole + models * most)
    marks = np.empty((2, most), bool)
    count, drops = _merge(cells, ends, max_age_ms, falls_back, now_ms, offered, wanted, numbers, values, marks)
    return MergedScores(
        numbers[: contacts + 1],
        numbers[before : before + count],
        values[whole : whole + models * count].reshape(models, count),
        marks[0, :count],
        marks[1, :count],
        numbers[contacts + 1 : 2 * contacts + 1],
        values[:whole].reshape(models, contacts),
        numbers[2 * contacts + 1 : before].reshape(models, contacts),
        numbers[before + most : before + most + drops],
    )
