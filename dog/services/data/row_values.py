"""Values of a row, as they come from JSON, CSV or Parquet, checked and made plain."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from dog.errors import InvalidInput
from dog.services.feedback.parse_event import parse_instant

MAX_ATTRIBUTES = 200
MAX_TEXT_CHARACTERS = 4096


def read_attributes(row: Mapping[str, Any], without: set[str]) -> dict[str, Any]:
    """Read a row's columns but some as attributes; empty ones are left out."""
    record = {name: value for name, value in row.items() if name not in without and value not in (None, "")}
    if len(record) > MAX_ATTRIBUTES:
        raise InvalidInput(f"has more than {MAX_ATTRIBUTES} columns", code="invalid_row")
    for name, value in record.items():
        if isinstance(value, str) and len(value) > MAX_TEXT_CHARACTERS:
            raise InvalidInput(f"{name} is longer than {MAX_TEXT_CHARACTERS} characters", code="invalid_row")
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidInput(f"{name} must be a finite number", code="invalid_row")
        if isinstance(value, date):
            record[name] = value.isoformat()
        elif not isinstance(value, str | int | float | bool) and not is_list_of_text(value):
            raise InvalidInput(f"{name} must be text, a number, true or false", code="invalid_row")
    return record


def is_list_of_text(value: Any) -> bool:
    """Tell whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def refuse_columns(row: Mapping[str, Any], known: set[str]) -> None:
    """Refuse a row with a column that is not known."""
    if unknown := sorted(set(row) - known):
        raise InvalidInput(f"unknown column {unknown[0]}; known are {', '.join(sorted(known))}", code="unknown_field")


def read_text(value: Any) -> Any:
    """Read an id or name: a whole number counts as its text, nothing as empty."""
    return "" if value is None else str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def read_number(value: Any, field_name: str) -> float:
    """Read a finite number, also from text."""
    if isinstance(value, str):
        try:
            number = float(value) if value.isascii() and "_" not in value else math.nan
        except ValueError:
            number = math.nan
    else:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not math.isfinite(number):
        raise InvalidInput(f"{field_name} must be a finite number", code="invalid_row")
    return number


def read_instant(value: Any, field_name: str, zone: tzinfo) -> int:
    """Read a time or a day as milliseconds since 1970."""
    if isinstance(value, datetime):
        return round((value if value.tzinfo else value.replace(tzinfo=zone)).timestamp() * 1000)
    if isinstance(value, str) and len(value) == 10:
        value += "T00:00:00"
    if isinstance(value, date):
        value = f"{value.isoformat()}T00:00:00"
    return parse_instant(value, field_name, zone)


def read_day(value: Any, field_name: str, zone: tzinfo) -> str:
    """Read a day as ISO text."""
    return datetime.fromtimestamp(read_instant(value, field_name, zone) / 1000, UTC).astimezone(zone).date().isoformat()
