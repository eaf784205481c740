"""Values of an imported row, parsed and checked, and the result of each row."""

import math
from collections import Counter
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from dog.core.policy.policy_settings import START
from dog.errors import InvalidInput
from dog.services.feedback.parse_event import parse_instant, read_moment, read_number
from dog.services.lists.unknown_names import UnknownName
from dog.storage.erasure import ERASED
from dog.storage.event_log import Status
from dog.storage.ids import clean_id


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """Result of one row."""

    status: Status
    code: str | None = None
    message: str | None = None
    in_published_week: bool = field(default=False, kw_only=True)  # feedback alone: see `EventResult`
    warning: UnknownName | None = field(default=None, kw_only=True)


ACCEPTED = RowOutcome(Status.ACCEPTED)
ACCEPTED_LATE = RowOutcome(Status.ACCEPTED, in_published_week=True)
DUPLICATE = RowOutcome(Status.DUPLICATE)
ERASED_ROW = RowOutcome(Status.REJECTED, *ERASED)


@dataclass(slots=True, kw_only=True)
class RowCounts:
    """Number of rows of an import by result."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    quarantined: int = 0
    in_published_weeks: int = 0  # among the accepted
    by_code: Counter[str] = field(default_factory=Counter)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)  # rows by kind and unknown name

    @property
    def total(self) -> int:
        """Number of all rows."""
        return self.accepted + self.duplicates + self.rejected + self.quarantined

    def __str__(self) -> str:
        """Return the numbers as `load` prints them."""
        held = f", {self.quarantined:,} quarantined" if self.quarantined else ""
        return f"{self.accepted:,} accepted, {self.duplicates:,} duplicates, {self.rejected:,} rejected{held}"

    def add(self, results: Collection[RowOutcome], *, accepted: int = 0, duplicates: int = 0) -> None:
        """Count more rows: those with results of their own, and how many are accepted and duplicates besides."""
        self.accepted += accepted
        self.duplicates += duplicates
        statuses = [result.status for result in results]
        self.accepted += statuses.count(Status.ACCEPTED)
        self.duplicates += statuses.count(Status.DUPLICATE)
        self.quarantined += statuses.count(Status.QUARANTINED)
        self.unknown.update((found.kind, found.name) for result in results if (found := result.warning) is not None)
        self.in_published_weeks += sum(result.in_published_week for result in results)
        if rejected := statuses.count(Status.REJECTED):
            self.rejected += rejected
            self.by_code.update(result.code or "invalid_row" for result in results if result.status is Status.REJECTED)


MAX_ATTRIBUTES = 200
MAX_TEXT_CHARACTERS = 4096


def parse_attributes(row: Mapping[str, Any], without: set[str]) -> dict[str, Any]:
    """Return a row's columns, without some, as attributes; empty ones are left out."""
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


def parse_contact_attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a contact's row; `channels` become a list of texts."""
    record = parse_attributes(row, {"contact_id"})
    if "account_id" in record:
        record["account_id"] = clean_id(record["account_id"], "account_id")
    channels = record.get("channels")
    if isinstance(channels, str):
        record["channels"] = [name.strip() for name in channels.split(";") if name.strip()]
    elif channels is not None and not is_list_of_text(channels):
        raise InvalidInput("channels must be text such as email;call, or a list of texts", code="invalid_row")
    return record


def parse_product_attributes(row: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """Return the attributes of a product's row; `zone` is the time zone of times without offset."""
    record = parse_attributes(row, {"product_id"})
    if "value" in record:
        record["value"] = parse_number(record["value"], "value")
    for name in ("active_from", "active_to"):
        if name in record:
            record[name] = parse_day(record[name], name, zone)
    return record


def is_list_of_text(value: Any) -> bool:
    """Return whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def refuse_columns(row: Mapping[str, Any], known: AbstractSet[str]) -> None:
    """Raise `InvalidInput` if a row has an unknown column."""
    if unknown := sorted(set(row) - known):
        raise InvalidInput(f"unknown column {unknown[0]}; known are {', '.join(sorted(known))}", code="unknown_field")


def refuse_computed(model: str) -> None:
    """Raise `InvalidInput` for the model whose scores the service computes itself."""
    if model == START:
        raise InvalidInput(
            f"model '{START}' is computed by the service, so its scores cannot be loaded or changed: "
            "dog jobs train fits it; give a model of your own another name",
            code="computed_model",
        )


def parse_number(value: Any, field_name: str) -> float:
    """Return a finite number, also from text."""
    number = read_number(value)
    if math.isnan(number):
        raise InvalidInput(f"{field_name} must be a finite number", code="invalid_row")
    return number


def parse_row_time(value: Any, field_name: str, zone: tzinfo) -> int:
    """Return a time or day in milliseconds since 1970."""
    if isinstance(value, date):
        return read_moment(value, field_name, zone)
    if isinstance(value, str) and len(value) == 10:
        value += "T00:00:00"
    return parse_instant(value, field_name, zone)


def parse_day(value: Any, field_name: str, zone: tzinfo) -> str:
    """Return a day as ISO text."""
    return (
        datetime.fromtimestamp(parse_row_time(value, field_name, zone) / 1000, UTC).astimezone(zone).date().isoformat()
    )
