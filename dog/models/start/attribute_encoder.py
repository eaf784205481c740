"""Attributes of contacts or products as numbers: one column a frequent text, one a number; 0 is the average."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import inf, isfinite
from typing import Any, NamedTuple, Self

import numpy as np

from dog.models.start.taste import Floats

MOST_VALUES = 50
"""Values of one text attribute that get a column: the most frequent ones."""
MOST_COLUMNS = 200
LEAST_RECORDS = 10
"""Records that must have a value, so that its column can be learned."""
LONGEST_TEXT = 200
"""Characters of a category or a name; longer ones are not categories, and would fill the stored model."""
FARTHEST = 3.0
"""Deviations from the mean at which numbers are cut off."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedColumn:
    """One column: whether an attribute has a text, less the share that has it; or a number, standardised.

    `mean` is that share, or the mean of the number; `spread` its deviation.
    """

    name: str
    text: str | None  # None: a number
    mean: float
    spread: float

    def standardise(self, number: float) -> float:
        """Return how many deviations a number lies above the mean."""
        return min(max((number - self.mean) / self.spread, -FARTHEST), FARTHEST)


class _Texts(NamedTuple):
    """The texts of one attribute: the column of each, and the shares of all, shape (columns,)."""

    columns: dict[str, int]
    shares: Floats


@dataclass(frozen=True, slots=True)
class AttributeEncoder:
    """The columns of attributes, in a fixed order.

    A value that is missing or was not seen often enough leaves its columns at 0: such a record counts as average.

    Examples
    --------
    >>> records = [{"segment": "gold"}] * 10 + [{"segment": "silver"}] * 10
    >>> encoder = AttributeEncoder.fit(records)
    >>> encoder.encode({"segment": "gold"}).tolist(), encoder.encode({"segment": "new"}).tolist()
    ([0.5, -0.5], [0.0, 0.0])

    """

    columns: tuple[EncodedColumn, ...] = ()
    _numbers: Mapping[str, int] = field(init=False, repr=False, compare=False)
    _texts: Mapping[str, _Texts] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers: dict[str, int] = {}
        texts: dict[str, _Texts] = {}
        for place, column in enumerate(self.columns):
            if column.text is None:
                numbers[column.name] = place
            else:
                own = texts.setdefault(column.name, _Texts({}, np.zeros(len(self.columns))))
                own.columns[column.text], own.shares[place] = place, column.mean
        object.__setattr__(self, "_numbers", numbers)
        object.__setattr__(self, "_texts", texts)

    @classmethod
    def fit(cls, records: Sequence[Record], leave_out: Iterable[str] = ()) -> Self:
        """Return an encoder of the attributes of some records, without those to be left out."""
        values: dict[str, list[Any]] = defaultdict(list)
        for record in records:
            for name, value in record.items():
                values[name].append(value)
        left_out = set(leave_out)
        found: list[tuple[int, EncodedColumn]] = []
        for name, own in values.items():
            if name not in left_out and len(own) >= LEAST_RECORDS and len(name) <= LONGEST_TEXT:
                found += _fit_columns(name, own)
        found.sort(key=lambda counted: -counted[0])
        return cls(tuple(column for _, column in found[:MOST_COLUMNS]))

    @classmethod
    def read(cls, document: Sequence[Mapping[str, Any]]) -> Self:
        """Read what `to_document` wrote."""
        return cls(tuple(EncodedColumn(**column) for column in document))

    def to_document(self) -> list[dict[str, Any]]:
        """Return the columns as JSON values."""
        return [asdict(column) for column in self.columns]

    def encode(self, record: Record) -> Floats:
        """Return the columns of a record, shape (columns,)."""
        encoded = np.zeros(len(self.columns))
        for name, place in self._numbers.items():
            if (number := finite_number(record.get(name))) is not None:
                encoded[place] = self.columns[place].standardise(number)
        for name, texts in self._texts.items():
            text = _text(record.get(name))
            if text is not None and text in texts.columns:
                encoded -= texts.shares
                encoded[texts.columns[text]] += 1.0
        return encoded

    def encode_all(self, records: Sequence[Record]) -> Floats:
        """Return the columns of records, shape (records, columns)."""
        encoded = [self.encode(record) for record in records]
        return np.array(encoded, np.float64).reshape(len(records), len(self.columns))


def finite_number(value: Any) -> float | None:
    """Return a value as a real; None where it is not a finite number.

    >>> finite_number(3), finite_number("3"), finite_number(float("nan")), finite_number(10**400)
    (3.0, None, None, None)

    """
    if not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def _text(value: Any) -> str | None:
    """Return a value as the name of a category; None where it is none, or empty."""
    if isinstance(value, str):
        return value or None
    return None if finite_number(value) is None else str(value)


def _fit_columns(name: str, values: Sequence[Any]) -> list[tuple[int, EncodedColumn]]:
    """Return the columns of an attribute, each with the number of records that it was fitted to."""
    numbers = [number for value in values if (number := finite_number(value)) is not None]
    texts = [text for value in values if (text := _text(value)) is not None]
    return _number_column(name, numbers) if 2 * len(numbers) > len(texts) else _text_columns(name, texts)


def _number_column(name: str, values: Sequence[float]) -> list[tuple[int, EncodedColumn]]:
    """Return the column of a number; none where it is always the same, or too large for its variance."""
    numbers = np.array(values, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        mean, spread = float(numbers.mean()), float(numbers.std())
    if len(numbers) < LEAST_RECORDS or numbers.min() == numbers.max() or not 0 < spread < inf:
        return []
    return [(len(numbers), EncodedColumn(name=name, text=None, mean=mean, spread=spread))]


def _text_columns(name: str, texts: Sequence[str]) -> list[tuple[int, EncodedColumn]]:
    """Return a column for each frequent text; none where only one is frequent."""
    counts = Counter(text for text in texts if len(text) <= LONGEST_TEXT)
    frequent = [(text, count) for text, count in counts.most_common(MOST_VALUES) if count >= LEAST_RECORDS]
    whole = sum(count for _, count in frequent)
    return [
        (count, EncodedColumn(name=name, text=text, mean=count / whole, spread=1.0))
        for text, count in sorted(frequent)
        if count < whole
    ]
