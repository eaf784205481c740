"""Estimate what another policy would have won from a file of served options with propensities."""

from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np

from dog.core.iso_weeks import week_of
from dog.errors import InvalidInput
from dog.offline.off_policy.estimators import Logged, Target
from dog.offline.off_policy.policy_value import PolicyValue, estimate_value
from dog.offline.statistics.intervals import Clusters
from dog.services.data.read_rows import DataFile
from dog.services.data.row_values import parse_row_time

REQUIRED_COLUMNS = ("reward", "propensity", "chance")
MODEL_COLUMNS = ("predicted", "direct")


def estimate_from_file(file: Path, clip: float | None = None, seed: int = 0) -> PolicyValue:
    """Estimate what a policy would have won on the log of a file.

    Its rows hold contact_id, reward, propensity and chance; both or neither, predicted and direct; and occurred_at,
    from which the intervals over weeks are made, in all of them or in none. `clip` is the largest weight, by default
    the square root of the rows. Raises `InvalidInput`, which names the line, where a row
    lacks a number or a number is not a probability, and `NotReady` where the log is too small.
    """
    contacts: dict[str, int] = {}
    contact: list[int] = []
    week: list[int] = []
    numbers: list[list[float]] = []
    columns: tuple[str, ...] | None = None
    for row in DataFile(file).rows():
        if row.fault is not None or not row.fields.get("contact_id"):
            raise InvalidInput(
                f"{file.name}: line {row.line}: {row.fault.message if row.fault else 'contact_id is missing'}"
            )
        if columns is None:
            columns = REQUIRED_COLUMNS + (
                MODEL_COLUMNS if _given(row.fields, "predicted") and _given(row.fields, "direct") else ()
            )
        contact.append(contacts.setdefault(str(row.fields["contact_id"]), len(contacts)))
        if _given(row.fields, "occurred_at"):
            week.append(_week(file, row.line, row.fields))
        numbers.append([_number(file, row.line, row.fields, name) for name in columns])
    if not numbers:
        raise InvalidInput(f"{file.name}: there are no rows")
    table = np.array(numbers, np.float64).T
    reward, propensity, chance = table[:3]
    predicted, direct = (
        table[3:] if len(table) > len(REQUIRED_COLUMNS) else (np.zeros(len(reward)), np.zeros(len(reward)))
    )
    if week and len(week) < len(contact):
        raise InvalidInput(f"{file.name}: occurred_at is given in {len(week):,} of {len(contact):,} rows; give all")
    clusters = Clusters(np.array(contact, np.int64), np.array(week, np.int64) if week else None)
    return estimate_value(clusters, Logged(reward, propensity), Target(chance, predicted, direct), clip=clip, seed=seed)


def _given(fields: Mapping[str, Any], name: str) -> bool:
    return fields.get(name) not in (None, "")


def _week(file: Path, line: int, fields: Mapping[str, Any]) -> int:
    try:
        return week_of(parse_row_time(fields["occurred_at"], "occurred_at", UTC), UTC)
    except InvalidInput as error:
        raise InvalidInput(f"{file.name}: line {line}: {error.message}") from None


def _number(file: Path, line: int, fields: Mapping[str, Any], name: str) -> float:
    try:
        number = float(fields[name])
    except (KeyError, TypeError, ValueError):
        raise InvalidInput(f"{file.name}: line {line}: {name} must be a number; it is {fields.get(name)!r}") from None
    if not np.isfinite(number):
        raise InvalidInput(f"{file.name}: line {line}: {name} must be a finite number")
    if name in ("propensity", "chance") and not (0 <= number <= 1 and (number > 0 or name == "chance")):
        raise InvalidInput(f"{file.name}: line {line}: {name} must be a chance, {number:g} is none")
    return number
