"""One row of a load."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row cannot be read."""

    message: str
    code: str = "broken_line"
    cells: Sequence[str] = ()  # what the row has instead of fields
    _: KW_ONLY
    event_id: Any = None  # of feedback, where it can be read


@dataclass(slots=True)
class Row:
    """One row: its line from 1 (in Parquet its number), and its fields or the fault that it has instead.

    Never changed once made; not frozen, which would take three times as long to create.
    """

    line: int
    fields: dict[str, Any]
    fault: RowFault | None = None
    _: KW_ONLY
    original: dict[str, Any] | None = None  # the fields as the file has them, where they were mapped
