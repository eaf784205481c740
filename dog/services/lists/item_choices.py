"""Choose the channel and the time of each item, and say why.

The request's context first; else of the values that contact and product allow those that no verdict refuses, and of
these the one that wins (`attribute_ratios.py`), unless the first allowed is as good.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from dog.core.learning.attribute_ratios import LearnedValues, ValueRatio, ValueRecords
from dog.core.rationale import ProvenValue
from dog.core.records import ATTRIBUTES
from dog.core.traffic_split import NO_MULTIPLIER
from dog.core.verdicts.verdict_multipliers import choose_value
from dog.services.lists.rank_request import Ranking

LISTS = {"channel": "channels", "time": "times"}
"""Where contacts, products and policies list the values that they allow."""
NOTHING: tuple[tuple[str, ...], ...] = ((), ())
"""What a product lists that leaves times and channels to others."""


class ChosenValue(NamedTuple):
    """A value of one attribute, and why it was chosen."""

    value: str | None = None
    because: Literal["request", "verdict", "record", "default"] = "default"
    records: ValueRecords | None = None  # what is known of the values; None where nothing was learned

    def describe(self) -> dict[str, Any]:
        """Return it as a receipt shows it."""
        described: dict[str, Any] = {"value": self.value, "because": self.because}
        if self.records is None or self.value is None:
            return described
        levels = {"segment": self.records.segment, "contact": self.records.contact}
        shown = {name: _numbers(known[self.value]) for name, known in levels.items() if self.value in known}
        return {**described, "factor": self.records.factor(self.value), **shown}


def _numbers(found: ValueRatio) -> dict[str, float]:
    return {name: getattr(found, name) for name in ("wins", "pitches", "expected", "ratio")}


class ItemChoices:
    """Chooses the values of each item; many products allow the same."""

    def __init__(self, ranking: Ranking) -> None:
        self._ranking = ranking
        policy, verdicts = ranking.active.policy, ranking.contact.verdicts
        self._defaults = {"time": policy.times, "channel": policy.channels}
        self._runs = {"time": verdicts.times, "channel": verdicts.channels} if verdicts else {}
        record = ranking.contact.record or {}
        self._own = {name: split_values(record.get(LISTS[name])) for name in self._defaults}
        self._records = _read_records(ranking, str(record.get("segment") or ""))
        usual = {name: self._choose(name, self._own[name]) for name in self._defaults}
        self._made: dict[tuple[tuple[str, ...], ...], Mapping[str, ChosenValue]] = {NOTHING: usual}

    def of(self, products: Sequence[int]) -> list[Mapping[str, ChosenValue]]:
        """Return the choices of each option by attribute, given the number of its product."""
        known = self._ranking.active.receipts.allowed
        return [self._of(known[number] if number in known else self._allowed(number)) for number in products]

    def _allowed(self, number: int) -> tuple[tuple[str, ...], ...]:
        """Return what a product allows, by attribute."""
        records = self._ranking.snapshot.catalogue.records
        if number >= len(records):  # a candidate that was never loaded
            return NOTHING
        allowed = tuple(tuple(split_values(records[number].get(LISTS[name]))) for name in self._defaults)
        self._ranking.active.receipts.allowed[number] = allowed
        return allowed

    def _of(self, allowed: tuple[tuple[str, ...], ...]) -> Mapping[str, ChosenValue]:
        """Return the values for a product, of those that both contact and product allow."""
        if allowed not in self._made:
            usual, by_attribute = self._made[NOTHING], zip(self._defaults, allowed, strict=True)
            self._made[allowed] = {
                name: self._choose(name, self._shared(name, values)) if values else usual[name]
                for name, values in by_attribute
            }
        return self._made[allowed]

    def _shared(self, name: str, offered: Sequence[str]) -> Sequence[str]:
        own = self._own[name]
        return [value for value in own if value in offered] if own else offered

    def _choose(self, name: str, allowed: Sequence[str]) -> ChosenValue:
        values, records = allowed or list(self._defaults[name]), self._records.get(name)
        wanted = self._ranking.request.context.get(name)
        if isinstance(wanted, str) and (wanted in values or not values):
            return ChosenValue(wanted, "request", records)
        if not values:
            return ChosenValue()
        ordered = records.in_order(values) if records and len(values) > 1 else values
        value = self._unrefused(name, ordered)
        because: Literal["verdict", "record", "default"] = "default" if value == values[0] else "record"
        return ChosenValue(value, because if value == ordered[0] else "verdict", records)

    def _unrefused(self, name: str, values: Sequence[str]) -> str | None:
        """Return the first value, unless verdicts are for another."""
        ranking, runs = self._ranking, self._runs.get(name)
        if not runs or len(values) < 2:
            return values[0]
        digests = [ranking.context.store.tenant.digest64(value) for value in values]
        streak = ranking.active.policy.reinforcement.streak
        return choose_value(values, digests, runs, ranking.context.now_ms, streak)


def learned_values(ranking: Ranking) -> Mapping[str, LearnedValues]:
    """Return what the version holds, by attribute; nothing for contacts without multipliers."""
    multipliers = ranking.active.multipliers
    return {} if multipliers is None or ranking.active.variant == NO_MULTIPLIER else multipliers.values


def _read_records(ranking: Ranking, segment: str) -> dict[str, ValueRecords]:
    """Return what was learned for the contact, by attribute."""
    own = ranking.contact.choices
    return {
        name: learned.of(segment, own[own["attribute"] == ATTRIBUTES.index(name)])
        for name, learned in learned_values(ranking).items()
    }


def proven_values(ranking: Ranking, choices: Mapping[str, ChosenValue]) -> Iterator[ProvenValue]:
    """Yield the values that their record has chosen, with the level that speaks for them most."""
    for name in ATTRIBUTES:
        value, because, records = choices[name]
        if because != "record" or records is None or value is None:
            continue
        levels = zip(records.trust, (records.segment, records.contact), strict=True)
        weighed = [known[value].ratio ** trust if value in known else 1.0 for trust, known in levels]
        by_contact = weighed[1] > weighed[0]
        found = (records.contact if by_contact else records.segment)[value]
        segment = str((ranking.contact.record or {}).get("segment") or "")
        yield ProvenValue(
            name, value, round(found.wins), round(found.pitches), found.expected, None if by_contact else segment
        )


def split_values(value: Any) -> list[str]:
    """Return the values that a record allows: a list, or text with semicolons (`email;call`); none without either."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return [str(item) for item in value] if isinstance(value, list) else []
