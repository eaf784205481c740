"""The stored scores of past pitches' pairs, looked up by tasks over partitions."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.kernels.widen_scores import widen_arrays
from dog.core.records import CONTACT_LEVEL, SCORES, pair_keys
from dog.offline.history.read_history import History
from dog.offline.statistics.discrimination import Floats
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.contacts import read_arrays


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PitchedPairs:
    """Contacts of one partition, by digest, and the pitches made to them, shape (pitches,)."""

    contacts: list[bytes]
    contact: NDArray[np.int64]
    product: NDArray[np.int64]
    at_ms: NDArray[np.int64]


def look_up_scores(
    runner: Runner, tenant: str, name: str, history: History, *, trust_scores: bool, every: bool
) -> tuple[Floats, Floats]:
    """Return the score of each pitch's pair, NaN where there is none; with `every`, all scores of the contacts, too.

    Scores younger than the pitch only count where they are trusted.
    """
    raw, stored = np.full(len(history.pitches), np.nan), [np.zeros(0)]
    rows, parts = zip(*_parts(history), strict=True)
    for own, (found, scores) in zip(rows, runner.map(_look_up, parts, tenant, name, trust_scores, every), strict=True):
        raw[own] = found
        stored.append(scores)
    return raw, np.concatenate(stored)


def _parts(history: History) -> Iterator[tuple[NDArray[np.int64], PitchedPairs]]:
    """Yield the pitches of each partition: their numbers, and what is looked up for them."""
    pitches, first = history.pitches, 0
    order = np.argsort(pitches.contact, kind="stable")
    contact = pitches.contact[order]
    for size in history.partitions:
        ends = np.searchsorted(contact, (first, first + size))
        rows = order[ends[0] : ends[1]]
        contacts = history.contacts[first : first + size]
        yield (
            rows,
            PitchedPairs(
                contacts=contacts,
                contact=pitches.contact[rows] - first,
                product=pitches.product[rows],
                at_ms=pitches.at_ms[rows],
            ),
        )
        first += size


def _look_up(
    runtime: Runtime, part: PitchedPairs, tenant: str, name: str, trust_scores: bool, every: bool
) -> tuple[Floats, Floats]:
    packed = [array or b"" for array in read_arrays(runtime.store(tenant), "scores", name, part.contacts)]
    words, starts = widen_arrays(packed)
    sizes = np.diff(starts)
    owner, has_scores = np.repeat(np.arange(len(packed)), sizes), sizes > 0
    as_of_ms = np.zeros(len(packed), np.int64)
    as_of_ms[has_scores] = words[starts[:-1][has_scores]]  # the first word of each array
    is_score = np.ones(len(words), bool)
    is_score[starts[:-1][has_scores]] = False
    records = words.view(SCORES)[is_score]
    keys, scores = pair_keys(owner[is_score], records["product"]), records["score"]
    raw = np.full(len(part.product), np.nan)
    for product in (np.full(len(part.product), CONTACT_LEVEL), part.product):
        wanted = pair_keys(part.contact, product)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        known = keys[place] == wanted if len(keys) else np.zeros(len(wanted), bool)
        raw[known] = scores[place[known]]
    if not trust_scores:
        raw[part.at_ms < as_of_ms[part.contact]] = np.nan
    return raw, scores if every else scores[:0]
