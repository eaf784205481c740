"""What a week learns of channels and times over all contacts of a policy, and how a version describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dog.core.learning.attribute_counts import AttributeSums, value_key
from dog.core.learning.attribute_ratios import ValueTally, segment_ratios
from dog.core.learning.attribute_trust import learn_trust
from dog.core.learning.trust import SettledPitches, Trust
from dog.core.records import ATTRIBUTES
from dog.storage.store import Store
from dog.storage.value_numbers import read_value_numbers

Described = Mapping[str, Any]
"""A version's part on the attributes of one policy, by attribute; empty where no pitch had any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedAttributes:
    """Tallies of segments and trust, by attribute."""

    described: Described = field(default_factory=dict)
    ratios: Mapping[int, float] = field(default_factory=dict)  # r_s by key (`value_key`)


def learn_attributes(store: Store, known: Described, sums: AttributeSums, rows: SettledPitches) -> LearnedAttributes:
    """Describe the segments of a policy and update its trust.

    Parameters
    ----------
    known
        The description in the version before.
    sums
        Of all pitches with a channel or time.
    rows
        Those that were settled since that version (`attribute_pitches`).

    """
    tallies = sums.tallies()
    if not tallies and not known:
        return LearnedAttributes()
    numbers = read_value_numbers(store)
    before = _ratios(
        {
            value_key(attribute, numbers["segment"].get(segment, 0), numbers[name].get(value, 0)): ValueTally(*tally)
            for attribute, name in enumerate(ATTRIBUTES)
            for segment, by_value in known.get(name, {}).get("segments", {}).items()
            for value, tally in by_value.items()
        }
    )
    described = {}
    for attribute, name in enumerate(ATTRIBUTES):
        known_numbers = set(numbers[name].values())
        own = {key: it for key, it in tallies.items() if key >> 16 == attribute and key & 0xFF in known_numbers}
        if own or name in known:
            trust = Trust.from_list(known[name]["trust_state"]) if name in known else Trust()
            described[name] = _describe(own, learn_trust(trust, rows, attribute, before), name, numbers)
    return LearnedAttributes(described=described, ratios=_ratios(tallies))


def _ratios(tallies: Mapping[int, ValueTally]) -> dict[int, float]:
    """Return r_s of each key, each segment compared in itself."""
    segments: dict[int, dict[int, ValueTally]] = {}
    for key, tally in tallies.items():
        segments.setdefault(key >> 8, {})[key] = tally
    return {key: found.ratio for own in segments.values() for key, found in segment_ratios(own).items()}


def _describe(
    tallies: Mapping[int, ValueTally], trust: Trust, name: str, numbers: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    """Describe one attribute; values and segments are named as the tenant does."""
    values = {number: value for value, number in numbers[name].items()}
    segments = {0: ""} | {number: segment for segment, number in numbers["segment"].items()}
    by_segment: dict[str, dict[str, list[float]]] = {}
    for key, tally in tallies.items():
        by_segment.setdefault(segments.get(key >> 8 & 0xFF, ""), {})[values[key & 0xFF]] = list(tally)
    used = sorted({key & 0xFF for key in tallies})
    return {
        "segments": by_segment,
        "numbers": {values[number]: number for number in used},
        "trust": dict(zip(("segment", "contact"), trust.values, strict=True)),
        "trust_state": trust.to_list(),
    }
