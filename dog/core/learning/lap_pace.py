"""The pace at which laps are counted, and how long it takes to the next recursion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

import numpy as np

from dog.core.learning.recursion import recursions_due

SOON_WEEKS = 4
NEAREST = 5


def laps_to_next(laps: np.ndarray, laps_between: int) -> np.ndarray:
    """Return the laps that are missing for the next recursion.

    Examples
    --------
    >>> laps_to_next(np.array([0, 499, 500, 501, 1000]), 500)
    array([501,   2,   1, 500,   1])

    """
    return np.asarray(laps_between * (recursions_due(laps, laps_between) + 1) + 1 - laps)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearContact:
    """A contact on its way to a recursion."""

    contact: bytes  # digest
    to_go: int  # laps
    weeks: float  # at its own pace


@dataclass(slots=True, kw_only=True)
class LapPace:
    """The laps of a tenant's contacts, added up partition by partition.

    `weeks` is the length of the time over which recent laps were counted.
    """

    laps_between: int
    weeks: float
    contacts: int = 0  # that had recent laps
    recent: int = 0  # their recent laps
    total: int = 0  # laps of all contacts ever
    waiting: int = 0  # laps since the last published week
    reached: int = 0  # contacts whose recursion is due with the next recompute
    soon: int = 0  # contacts that reach their next within `SOON_WEEKS`
    nearest: list[NearContact] = field(default_factory=list)

    def add(self, contacts: Sequence[bytes], laps: np.ndarray, recent: np.ndarray, waiting: np.ndarray) -> None:
        """Add contacts: their laps ever, recent ones, and those since the last published week, shape (contacts,)."""
        self.contacts += int((recent > 0).sum())
        self.recent += int(recent.sum())
        self.total += int(laps.sum())
        self.waiting += int(waiting.sum())
        due = recursions_due(laps, self.laps_between) > recursions_due(laps - waiting, self.laps_between)
        self.reached += int(due.sum())
        to_go = laps_to_next(laps, self.laps_between)
        weeks = np.divide(to_go * self.weeks, recent, out=np.full(len(laps), np.inf), where=recent > 0)
        self.soon += int((weeks <= SOON_WEEKS).sum())
        places = np.argsort(weeks, kind="stable")[:NEAREST].tolist()
        self._keep(
            NearContact(contact=contacts[place], to_go=int(to_go[place]), weeks=float(weeks[place]))
            for place in places
            if np.isfinite(weeks[place])
        )

    def _keep(self, found: Iterable[NearContact]) -> None:
        self.nearest = nsmallest(NEAREST, [*self.nearest, *found], key=lambda one: (one.weeks, one.contact))

    @property
    def of_contact(self) -> float:
        """Lists a week of a contact that is served at all; 0 where none was."""
        return self.recent / self.weeks / self.contacts if self.contacts else 0.0

    @property
    def of_tenant(self) -> float:
        """Lists a week of all contacts together."""
        return self.recent / self.weeks

    @property
    def tenant_to_go(self) -> int:
        """Laps of all contacts together that are missing for the next recursion."""
        return int(laps_to_next(np.array(self.total), self.laps_between))

    @property
    def tenant_reached(self) -> bool:
        """Whether the laps since the last published week reach a recursion of the tenant."""
        before, now = recursions_due(np.array([self.total - self.waiting, self.total]), self.laps_between).tolist()
        return bool(now > before)
