"""What the conditions of a rulebook say of contact and context alone: made once for each value, and kept."""

import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from dog.core.bounded_cache import remember
from dog.core.kernels.rank_by_rules import TRUE
from dog.core.rulebook.columns import Column, Frame, TextColumn, encode

CONTEXT = "context."
COLUMNS = (np.ndarray, TextColumn)
MOST_CACHED, LONGEST_KEY = 4_096, 256
"""Values (or combinations that one part of a condition reads) of which a fact is kept; and bytes of a value."""


class ContactFacts(NamedTuple):
    """What follows from contacts and the context of a request alone."""

    states: np.ndarray  # of the parts that read nothing else, shape (rules, contacts)
    values: np.ndarray  # what programs read, shape (values, contacts)
    nulls: np.ndarray  # of `FactReader.attributes`, shape (columns, contacts)


@dataclass(frozen=True, slots=True)
class Fact:
    """A number that follows from some columns of contact and context: a state, a value, or whether one is null."""

    columns: tuple[str, ...]
    read: Callable[[Frame], Any]
    cached: dict[bytes, Any] = field(default_factory=dict, repr=False, compare=False)  # by the values of the columns

    def of_one(self, given: Mapping[str, Any], keys: Mapping[str, bytes]) -> Any:
        """Return the number of one contact, given the value of each column, and bytes that differ where values do."""
        key = keys[self.columns[0]] if len(self.columns) == 1 else b"".join([keys[name] for name in self.columns])
        found = self.cached.get(key)
        if found is None:
            frame = Frame(1, {name: encode([given[name]]) for name in self.columns})
            found = remember(self.cached, key, np.asarray(self.of(frame))[0].item(), most=MOST_CACHED)
        return found

    def of(self, frame: Frame) -> Any:
        """Return the number of each row, shape (rows,), or (1,) where all are the same."""
        with np.errstate(all="ignore"):
            return self.read(frame)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactReader:
    """Reads what conditions say of contacts.

    Parameters
    ----------
    rules
        How many there are.
    parts
        Rule and state of each part of a condition that reads contact and context alone.
    values
        What programs read of contact and context.
    attributes
        Columns of contact and context that conditions read.

    """

    rules: int
    parts: Sequence[tuple[int, Fact]]
    values: Sequence[Fact]
    attributes: Sequence[str]
    nulls: Sequence[Fact] = field(init=False)

    def __post_init__(self) -> None:
        nulls = [Fact((name,), partial(Frame.nulls, name=name)) for name in self.attributes]
        object.__setattr__(self, "nulls", nulls)

    def read(self, attributes: Mapping[str, Any], context: Mapping[str, Any], contacts: int) -> ContactFacts:
        """Return what follows from contacts and context alone.

        Parameters
        ----------
        attributes
            Values of the contacts by column, such as `contact.segment`: a list with one for each, or a column.
        context
            Values of the request by name: plain ones, or columns.
        contacts
            How many.

        """
        if contacts == 1 and (given := self._plain(attributes, context)) is not None:
            return self._read_one(*given)
        frame = Frame(contacts, {**encode_attributes(attributes), **encode_context(context)})
        states = np.full((self.rules, contacts), TRUE, np.int8)
        values = np.empty((len(self.values), contacts))
        nulls = np.empty((len(self.nulls), contacts), bool)
        for rule, part in self.parts:
            np.minimum(states[rule], part.of(frame), out=states[rule])
        for row, fact in zip([*values, *nulls], [*self.values, *self.nulls], strict=True):
            row[:] = fact.of(frame)
        return ContactFacts(states, values, nulls)

    def _plain(
        self, attributes: Mapping[str, Any], context: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, bytes]] | None:
        """Return the value of each column for one contact, and bytes that differ where values do.

        None where a column is given in place of a value, or a value is long or not one of JSON.
        """
        given, keys = {}, {}
        for name in self.attributes:
            values = attributes[name] if name in attributes else [context.get(name.removeprefix(CONTEXT))]
            if not isinstance(values, list) or isinstance(values[0], COLUMNS):
                return None
            given[name] = values[0]
            try:
                keys[name] = marshal.dumps(values[0], 2)  # in this version the same value has the same bytes
            except ValueError:
                return None
            if len(keys[name]) > LONGEST_KEY:
                return None
        return given, keys

    def _read_one(self, given: Mapping[str, Any], keys: Mapping[str, bytes]) -> ContactFacts:
        states = [TRUE] * self.rules
        for rule, part in self.parts:
            state = part.of_one(given, keys)
            if state != TRUE:
                states[rule] = min(states[rule], state)
        values = [fact.of_one(given, keys) for fact in self.values]
        nulls = [fact.of_one(given, keys) for fact in self.nulls]
        return ContactFacts(
            np.array(states, np.int8)[:, None],
            np.array(values, np.float64)[:, None],
            np.array(nulls, np.bool_)[:, None],
        )


def encode_attributes(attributes: Mapping[str, Any]) -> dict[str, Column]:
    """Return the values of contacts as columns; what is a column already stays as it is."""
    return {name: _encode(values, values) for name, values in attributes.items()}


def encode_context(context: Mapping[str, Any]) -> dict[str, Column]:
    """Return the values of a request as columns of one row; what is a column already stays as it is."""
    return {f"{CONTEXT}{name}": _encode(value, [value]) for name, value in context.items()}


def _encode(given: Any, values: Any) -> Column:
    return given if isinstance(given, COLUMNS) else encode(values)
