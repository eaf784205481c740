"""Numbers as people write them: decimal point or comma, grouped thousands, a currency sign; nothing is guessed."""

import math
import re
from collections.abc import Mapping
from typing import Any

from dog.errors import InvalidInput
from dog.services.feedback.parse_event import read_number

NUMBERS: Mapping[str, re.Pattern[str]] = {
    decimal: re.compile(
        rf"[€$£]? ?(?P<sign>[+-]?)(?P<whole>\d+|[1-9]\d{{0,2}}(?P<group>[{group}' \u00a0\u202f’])\d{{3}}"
        rf"(?:(?P=group)\d{{3}})*)(?P<rest>[{decimal}]\d+)?(?P<power>[eE][+-]?\d{{1,3}})? ?[€$£]?",
        re.ASCII,
    )
    for decimal, group in ((".", ","), (",", "."))
}
"""A number by its decimal sign; thousands may be grouped by the other sign, an apostrophe or a space."""
SIGN_NAMES = {".": "decimal point", ",": "decimal comma"}
EITHER = "either"


def read_decimal(text: str, decimal: str) -> str | None:
    """Return a number as `float` reads it; None where it is not a number with this decimal sign.

    Examples
    --------
    >>> read_decimal("1.234,50 €", ","), read_decimal("1,5", ","), read_decimal("1.50", ",")
    ('1234.50', '1.5', None)

    """
    found = NUMBERS[decimal].fullmatch(text.strip())
    if found is None:
        return None
    whole, rest = re.sub(r"\D", "", found["whole"]), found["rest"]
    return f"{found['sign']}{whole}{f'.{rest[1:]}' if rest else ''}{found['power'] or ''}"


class DecimalReader:
    """Reads the numbers of one column as text that `float` reads."""

    def __init__(self, column: str, decimal: str) -> None:
        self.column, self.decimal = column, decimal

    def __call__(self, value: Any) -> Any:
        """Return the number; raise `InvalidInput` where a text is none."""
        if not isinstance(value, str):
            return value
        number = read_decimal(value, self.decimal)
        if number is None:
            raise InvalidInput(f"{self.column}: {value[:60]!r} is not a number with a {SIGN_NAMES[self.decimal]}")
        return number

    def __str__(self) -> str:
        """Return what a summary says of it."""
        return f"{SIGN_NAMES[self.decimal]} in {self.column}"


class DecimalEvidence:
    """Which decimal sign the numbers of one column have."""

    def __init__(self, column: str, *, dots_are_points: bool) -> None:
        """`dots_are_points`: the file has commas as delimiter, so that a dot that may be a decimal point is one."""
        self.column, self.dots_are_points = column, dots_are_points
        self.is_foreign = False
        """Whether a number is not written as `float` reads it."""
        self._first: dict[str, tuple[int, str]] = {}

    def add(self, line: int, value: Any) -> None:
        """Take note of a value."""
        if not isinstance(value, str):
            return
        point, comma = read_decimal(value, "."), read_decimal(value, ",")
        if point is None and comma is None:
            return
        self.is_foreign = self.is_foreign or math.isnan(read_number(value))
        if point != comma:
            sign = "," if point is None else "." if comma is None else EITHER
            self._first.setdefault(sign, (line, value.strip()))

    def reader(self, stated: str | None) -> DecimalReader | None:
        """Return what reads the column, None where it needs no reading; `InvalidInput` where its sign is unclear."""
        decimal = stated or self._decimal()
        return DecimalReader(self.column, decimal) if decimal == "," or self.is_foreign else None

    def _decimal(self) -> str:
        if "." in self._first and "," in self._first:
            if self.dots_are_points:
                return "."  # as the contract has it; the others are rejected one by one
            (line, point), (other, comma) = self._first["."], self._first[","]
            raise InvalidInput(
                f"{self.column} has {point} (line {line:,}) and {comma} (line {other:,}); write all with the same "
                "decimal sign, or state it and the other rows are rejected: --decimal . or --decimal ,",
                code="ambiguous_number",
            )
        if EITHER in self._first and len(self._first) == 1 and (self.is_foreign or not self.dots_are_points):
            line, text = self._first[EITHER]
            meanings = " or ".join(f"{float(read_decimal(text, sign) or 0):.10g}" for sign in ".,")
            raise InvalidInput(
                f"{self.column}: {text} (line {line:,}) may be {meanings}; state the decimal sign: "
                "--decimal . or --decimal , (decimal in dog.toml)",
                code="ambiguous_number",
            )
        return "," if "," in self._first else "."
