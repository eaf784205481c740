"""The desk's figures of a tenant, read in the background and kept for ten minutes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dog.core.iso_weeks import DAY_MS
from dog.core.learning.pitch_cohorts import Outlook
from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.errors import DogError
from dog.services.background_tasks import BackgroundResults
from dog.services.desk.largest_moves import PairMove, read_largest_moves
from dog.services.desk.list_funnel import ListFunnel, read_list_funnel
from dog.services.desk.pitch_figures import MONTH_DAYS, PitchFigures, read_pitch_figures
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.pairs.week_figures import Proportion, accept_rate, lists_this_week
from dog.services.runtime import Runtime

FRESH_MS = 600_000
WAIT_SECONDS = 0.5
"""Figures of small tenants are there with the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFigures:
    """All that is read in the background."""

    version: str | None  # that was active
    lists_this_week: Mapping[str, Any]  # week, lists, contacts
    accepts: Proportion  # of the last four weeks
    pitches: PitchFigures
    funnel: ListFunnel
    moves: Sequence[PairMove]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The last figures, if there are any, and how far new ones are."""

    figures: DeskFigures | None = None
    error: str = ""
    progress: float | None = None  # None while nothing is read


class DeskReader:
    """The figures of each tenant, one reading of a tenant at a time."""

    def __init__(self) -> None:
        self._found = BackgroundResults()
        self._last: dict[str, DeskFigures] = {}
        self._progress: dict[str, float] = {}

    def read(self, runtime: Runtime, tenant: str) -> Reading:
        """Return the figures; start to read new ones where they are old or of another version."""
        key, last = (tenant, "desk"), self._last.get(tenant)
        found, running = self._found.result(key)
        if not running and self._is_old(runtime, tenant, last):
            self._progress[tenant] = 0.0
            self._found.start(key, partial(self._read, runtime, tenant))
            found, running = self._found.result(key, WAIT_SECONDS)
        progress = self._progress.get(tenant, 0.0) if running else None
        error = found.message if isinstance(found, DogError) else ""
        return Reading(figures=self._last.get(tenant), error=error, progress=progress)

    def _is_old(self, runtime: Runtime, tenant: str, last: DeskFigures | None) -> bool:
        if last is None or runtime.clock() - last.pitches.as_of_ms > FRESH_MS:
            return True
        version = runtime.shared(Snapshots).current(runtime.store(tenant)).version
        return last.version != (version.version if version else None)

    def _read(self, runtime: Runtime, tenant: str) -> DeskFigures:
        def note(start: float, length: float, share: float) -> None:
            self._progress[tenant] = start + length * share

        found = read_desk_figures(runtime, tenant, note)
        self._last[tenant] = found
        return found


def read_desk_figures(
    runtime: Runtime, tenant: str, note: Callable[[float, float, float], None] = lambda *_: None
) -> DeskFigures:
    """Read all figures of a tenant, as its default policy sees them; `note` is given start, length and share done."""
    store = runtime.store(tenant)
    lists = lists_this_week(runtime, tenant)  # writes the decisions that wait, too
    snapshot = runtime.shared(Snapshots).current(store)
    outlook = outlook_of(snapshot, runtime.clock() + 1)
    zone, today = runtime.settings.zone, runtime.today()
    pitches = read_pitch_figures(
        store, outlook, snapshot.catalogue.ids, today=today, zone=zone, report=partial(note, 0.0, 0.3)
    )
    funnel = read_list_funnel(store, snapshot.catalogue, outlook, partial(note, 0.3, 0.5))
    version, source = snapshot.version, snapshot.policy(None).multipliers_of
    moves = read_largest_moves(store, version.version, source, partial(note, 0.8, 0.2)) if version else []
    return DeskFigures(
        version=version.version if version else None,
        lists_this_week=lists,
        accepts=accept_rate(store, runtime.clock(), MONTH_DAYS),
        pitches=pitches,
        funnel=funnel,
        moves=moves,
    )


def outlook_of(snapshot: Snapshot, as_of_ms: int) -> Outlook:
    """Return by what open pitches are judged: the default policy and its part of the active version."""
    active = snapshot.policy(None)
    known = snapshot.version.policies.get(active.multipliers_of, {}) if snapshot.version else {}
    return Outlook(
        as_of_ms=as_of_ms,
        maturation_ms=round(active.policy.reinforcement.maturation_days * DAY_MS),
        delay_curve=tuple(known.get("delay_curve", ())),
        tenant_ratio=known.get("tenant_ratio", 1.0),
        global_rate=known.get("global_rate", NO_EVIDENCE_RATE),
    )
