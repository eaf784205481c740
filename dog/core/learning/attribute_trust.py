"""The rows from which trust in the records of channels and times is learned: `trust.py` with other levels.

In place of a product and a pair a row has a segment's and a contact's ratio of the value that the pitch went by, as the
version before knew them: the outcome of a pitch that is newly settled was not known to it.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import log

import numpy as np

from dog.core.learning.attribute_counts import has_values, keyed_pitches
from dog.core.learning.attribute_ratios import ValueTally, contact_ratios
from dog.core.learning.ledger_chunk import LedgerChunk
from dog.core.learning.pitch_results import NO_PITCHES
from dog.core.learning.trust import SettledPitches, Trust


def attribute_pitches(
    chunk: LedgerChunk, rows: np.ndarray, won: np.ndarray, held: Mapping[int, np.ndarray]
) -> SettledPitches:
    """Return a row for each attribute of newly settled pitches: `product` is its key, `pair_log_ratio` ln r_c.

    Parameters
    ----------
    chunk
        The outcomes.
    rows, won
        From `newly_settled`.
    held
        By the index of a contact, its records of `VALUE_COUNTS` in the version before.

    """
    pitches = chunk.outcomes.take(rows)
    if not has_values(pitches).any():
        return NO_PITCHES
    place, key = keyed_pitches(pitches)
    log_ratios = np.zeros(len(key))
    if held:
        owner = chunk.contact[np.searchsorted(chunk.starts, rows[place], side="right") - 1]
        known = {contact: _log_ratios(records) for contact, records in held.items()}
        found = (known.get(contact, {}) for contact in owner.tolist())
        log_ratios = np.array(
            [own.get((one >> 16, one & 0xFF), 0.0) for own, one in zip(found, key.tolist(), strict=True)]
        )
    return SettledPitches(
        product=key,
        score=pitches["score"][place].astype(np.float64),
        product_log_ratio=np.zeros(len(key)),
        pair_log_ratio=log_ratios,
        won=won[place],
    )


def _log_ratios(records: np.ndarray) -> dict[tuple[int, int], float]:
    """Return ln r_c by attribute and value of one contact."""
    by_attribute: dict[int, dict[int, ValueTally]] = {}
    for attribute, value, wins, pitches, expected in records.tolist():
        by_attribute.setdefault(attribute, {})[value] = ValueTally(wins, pitches, expected)
    return {
        (attribute, value): log(found.ratio)
        for attribute, tallies in by_attribute.items()
        for value, found in contact_ratios(tallies).items()
    }


def learn_trust(before: Trust, rows: SettledPitches, attribute: int, ratios: Mapping[int, float]) -> Trust:
    """Update the trust in one attribute with the rows of a week; `ratios` is r_s of each key in the version before.

    A row counts 1 in contacts, and 1 / (1 + the wins expected of its segment's rows by that value) in segments.
    """
    mine = np.flatnonzero(rows.product >> 16 == attribute)
    if not len(mine):
        return before
    keys = rows.product[mine]
    return before.learn(
        replace(
            rows,
            product=keys & 0xFFFF,
            score=rows.score[mine],
            product_log_ratio=np.log([ratios.get(key, 1.0) for key in keys.tolist()]),
            pair_log_ratio=rows.pair_log_ratio[mine],
            won=rows.won[mine],
        )
    )
