"""Attributes of contacts or products as numbers: one column a frequent text, one a number; 0 is the average."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any, Self

import numpy as np

from dog.models.start.taste import Floats

MOST_VALUES = 50
"""Values of one text attribute that get a column: the most frequent ones."""
MOST_COLUMNS = 200
LEAST_RECORDS = 10
"""Records that must have a value, so that its column can be learned."""
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
        """Return how many deviations a number lies above the mean; 0 where it is no number."""
        found = (number - self.mean) / self.spread
        return min(max(found, -FARTHEST), FARTHEST) if isfinite(found) else 0.0


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
    _texts: Mapping[tuple[str, str], int] = field(init=False, repr=False, compare=False)
    _shares: Mapping[str, Floats] = field(init=False, repr=False, compare=False)  # of the values of a text

    def __post_init__(self) -> None:
        placed = list(enumerate(self.columns))
        shares: dict[str, Floats] = {}
        for place, column in placed:
            if column.text is not None:
                shares.setdefault(column.name, np.zeros(len(placed)))[place] = column.mean
        numbers = {column.name: place for place, column in placed if column.text is None}
        texts = {(column.name, column.text): place for place, column in placed if column.text is not None}
        object.__setattr__(self, "_numbers", numbers)
        object.__setattr__(self, "_texts", texts)
        object.__setattr__(self, "_shares", shares)

    @classmethod
    def fit(cls, records: Sequence[Record], leave_out: Iterable[str] = ()) -> Self:
        """Return an encoder of the attributes of some records, without those to be left out."""
        names = dict.fromkeys(name for record in records for name in record)
        found: list[tuple[int, EncodedColumn]] = []
        for name in (name for name in names if name not in set(leave_out)):
            values = [record[name] for record in records if record.get(name) is not None]
            found += _number_column(name, values) or _text_columns(name, values)
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
        for name, value in record.items():
            if (place := self._numbers.get(name)) is not None and isinstance(value, int | float):
                encoded[place] = self.columns[place].standardise(value)
            elif (place := self._texts.get((name, str(value)))) is not None:
                encoded -= self._shares[name]
                encoded[place] += 1.0
        return encoded

    def encode_all(self, records: Sequence[Record]) -> Floats:
        """Return the columns of records, shape (records, columns)."""
        return np.array([self.encode(record) for record in records], np.float64).reshape(
            len(records), len(self.columns)
        )


def _number_column(name: str, values: Sequence[Any]) -> list[tuple[int, EncodedColumn]]:
    """Return the column of a number; none where the attribute is a text, or always the same."""
    if len(values) < LEAST_RECORDS or not all(isinstance(value, int | float) for value in values):
        return []
    numbers = np.array(values, np.float64)
    numbers = numbers[np.isfinite(numbers)]
    spread = float(numbers.std()) if len(numbers) else 0.0
    if not spread > 0:
        return []
    return [(len(numbers), EncodedColumn(name=name, text=None, mean=float(numbers.mean()), spread=spread))]


def _text_columns(name: str, values: Sequence[Any]) -> list[tuple[int, EncodedColumn]]:
    """Return a column for each frequent value of a text; none where only one value is frequent."""
    counts = Counter(str(value) for value in values if isinstance(value, str | bool))
    frequent = [(text, count) for text, count in counts.most_common(MOST_VALUES) if count >= LEAST_RECORDS]
    whole = sum(count for _, count in frequent)
    return [
        (count, EncodedColumn(name=name, text=text, mean=count / whole, spread=1.0))
        for text, count in sorted(frequent)
        if count < whole
    ]
