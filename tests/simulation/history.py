"""What the clients sent and were answered, and what the readers saw; steps of the scheduler are the times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Body = dict[str, Any]


@dataclass(slots=True)
class Version:
    """One body that was sent under an event's id."""

    body: Body
    sender: str
    sent_step: int
    acknowledged_step: int | None = None


@dataclass(slots=True)
class Sent:
    """An event's id: the bodies sent under it, and its retraction."""

    event_id: str
    versions: list[Version] = field(default_factory=list)
    retract_sent_step: int | None = None
    retracted_step: int | None = None

    @property
    def contact(self) -> str:
        """The contact, the same in all bodies."""
        return str(self.versions[0].body["contact_id"])

    @property
    def at_ms(self) -> int:
        """When it occurred, the same in all bodies."""
        return round(datetime.fromisoformat(self.versions[0].body["occurred_at"]).timestamp() * 1000)

    @property
    def sent_step(self) -> int:
        """When it was first sent."""
        return min(version.sent_step for version in self.versions)

    @property
    def acknowledged_step(self) -> int | None:
        """When it was first acknowledged, if ever."""
        steps = [version.acknowledged_step for version in self.versions if version.acknowledged_step is not None]
        return min(steps, default=None)

    @property
    def is_wide(self) -> bool:
        """Whether it is an acknowledged verdict on market, business or account."""
        reason = self.versions[0].body.get("reason", {})
        return self.acknowledged_step is not None and reason.get("trigger") in ("market", "business", "discomfort")

    def version_stored_as(self, stored: tuple[Any, ...]) -> Version:
        """Return the body that is stored, given (type, time, product, actor)."""
        return next(version for version in self.versions if version.body.get("actor_id") == stored[3])


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRead:
    """What a read of a contact's log showed."""

    contact: str
    began: int
    ended: int
    counted: frozenset[str]
    retracted: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRead:
    """The multiplier version that an answer named, and the numbers it showed of pairs."""

    kind: str  # list or pairs
    process: str
    began: int
    ended: int
    version: str | None
    is_degraded: bool
    numbers: Mapping[tuple[str, str], tuple[float, ...]]


@dataclass(slots=True)
class History:
    """Everything that was sent and seen in a run."""

    sent: dict[str, Sent] = field(default_factory=dict)
    log_reads: list[LogRead] = field(default_factory=list)
    version_reads: list[VersionRead] = field(default_factory=list)
    weeks: list[tuple[int, int]] = field(default_factory=list)  # each published week, and the step
    flips: list[tuple[str, int]] = field(default_factory=list)  # each version that became active, and the step
    forgotten: list[str] = field(default_factory=list)  # acknowledged events that a retraction did not find
    faults: list[str] = field(default_factory=list)  # what is wrong already during the run
