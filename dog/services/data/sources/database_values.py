"""Values of a database as those of a file: numbers, texts and times; and the value of a cursor as text and back."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from dog.errors import InvalidInput

AS_IT_IS = frozenset({type(None), bool, int, float, str, datetime, date})


def plain_value(value: Any) -> Any:
    r"""Return a value as the importers take it.

    Examples
    --------
    >>> plain_value(Decimal("12.50")), plain_value(Decimal("7")), plain_value(b"\x01\xff")
    (12.5, 7, '01ff')

    """
    if type(value) in AS_IT_IS:
        return value
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, list | tuple):
        return [str(plain_value(each)) for each in value]
    if isinstance(value, dict):
        return orjson.dumps(value, default=str).decode()
    return str(value)


WRITERS: Mapping[type, Callable[[Any], str]] = {
    int: str,
    float: repr,
    str: str,
    Decimal: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
    UUID: str,
    bytes: bytes.hex,
}
READERS: Mapping[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "str": str,
    "Decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "UUID": UUID,
    "bytes": bytes.fromhex,
}


def write_cursor(column: str, value: Any) -> tuple[str, str]:
    """Return the type and text of a cursor's value."""
    kind = type(value)
    if kind not in WRITERS or value != value:  # noqa: PLR0124  # NaN, which no row comes after
        raise InvalidInput(
            f"{column} has the value {str(value)[:60]!r}, from which a later load cannot continue; name a column "
            "with whole numbers, times or dates as cursor"
        )
    return kind.__name__, WRITERS[kind](value)


def read_cursor(written: tuple[str, str]) -> Any:
    """Return the value of a cursor.

    Examples
    --------
    >>> read_cursor(write_cursor("n", Decimal("1.10")))
    Decimal('1.10')

    """
    kind, text = written
    return READERS[kind](text)
