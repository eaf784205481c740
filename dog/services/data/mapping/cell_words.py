"""Words of a column that the contract has a list of: in any case, or mapped by `dog.toml`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dog.core.spoken import counted
from dog.errors import InvalidInput

MAX_SHOWN = 10
EMPTY = ""
"""What a map gives to a value that empties its cell; in a required column it leaves the whole row out."""
ANY_OTHER = "*"
"""What a map calls all values that it does not name."""


class LeftOut(Exception):
    """The map leaves this row out: it is neither imported nor rejected."""


class WordReader:
    """Reads the words of one column: those of the map, then those of the contract in any case."""

    def __init__(
        self, table: str, column: str, stated: Mapping[str, str], choices: Sequence[str], *, is_required: bool = False
    ) -> None:
        """`table` of `dog.toml` has the map; in a required column an emptied value leaves the row out."""
        self.table, self.column, self.choices = table, column, choices
        self.stated, self.is_required = stated, is_required
        self.left_out = 0
        """Rows met so far that the map leaves out."""
        self.unmapped: Counter[str] = Counter()
        """Words met so far that are none of the list, and how often."""
        self._folded = {word.casefold(): word for word in choices}
        self._folded |= {text.strip().casefold(): word for text, word in stated.items()}

    def __call__(self, value: Any) -> Any:
        """Return the word; raise `InvalidInput` where it is none of a column with a list of words.

        Raise `LeftOut` where the map empties a required column.
        """
        if not isinstance(value, str | int | float):
            return value
        text = str(value)
        word = self.stated.get(text, self._folded.get(text.strip().casefold(), self.stated.get(ANY_OTHER)))
        if word == EMPTY and self.is_required:
            self.left_out += 1
            raise LeftOut
        if word is None and self.choices:
            self.unmapped[text[:60]] += 1
            raise InvalidInput(
                f"{self.column}: {text[:60]!r} is none of {', '.join(self.choices)}; map it in dog.toml under "
                f'[{self.table}.values.{self.column}], as in "{text[:60]}" = "..."',
                code="unmapped_value",
            )
        return value if word is None else word

    def advice(self) -> str:
        """Return what a summary says of rows left out, or else of words not mapped; empty where there are none."""
        if self.left_out and not self.unmapped:
            return f'{counted(self.left_out, "row")} left out: {self.column} is mapped to ""'
        if not self.unmapped:
            return ""
        shown = ", ".join(f"{text} ({counted(count, 'row')})" for text, count in self.unmapped.most_common(MAX_SHOWN))
        more = ", ..." if len(self.unmapped) > MAX_SHOWN else ""
        return f"{self.column} not mapped: {shown}{more}; map in dog.toml under [{self.table}.values.{self.column}]"

    def __str__(self) -> str:
        """Return what a summary says of it."""
        return f"{self.column} mapped" if self.stated else f"{self.column} in any case"


class WordEvidence:
    """Whether the words of one column are those of the contract."""

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = frozenset(choices)
        self.is_foreign = False

    def add(self, _line: int, value: Any) -> None:
        """Take note of a value."""
        if isinstance(value, str) and value not in self.choices:
            self.is_foreign = True
