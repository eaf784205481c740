"""What became of the rows of an import, and how many met which fate."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dog.errors import InvalidInput
from dog.storage.erasure import ERASED
from dog.storage.event_log import Status


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row."""

    status: Status
    code: str | None = None
    message: str | None = None


ACCEPTED = RowResult(Status.ACCEPTED)
DUPLICATE = RowResult(Status.DUPLICATE)
ERASED_ROW = RowResult(Status.REJECTED, *ERASED)


def refused(error: InvalidInput) -> RowResult:
    """Say why a row is refused."""
    return RowResult(Status.REJECTED, error.code, error.message)


@dataclass(slots=True)
class RowCounts:
    """How many rows of an import met which fate."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    by_code: Counter[str] = field(default_factory=Counter)

    def add(self, results: Sequence[RowResult]) -> None:
        """Count some more rows."""
        statuses = [result.status for result in results]
        self.accepted += statuses.count(Status.ACCEPTED)
        self.duplicates += statuses.count(Status.DUPLICATE)
        if rejected := statuses.count(Status.REJECTED):
            self.rejected += rejected
            self.by_code.update(result.code or "invalid_row" for result in results if result.status is Status.REJECTED)
