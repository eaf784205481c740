"""The desk's figures of a tenant, read in the background and kept for ten minutes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dog.core.iso_weeks import DAY_MS
from dog.core.learning.pitch_cohorts import Outlook
from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.services.background_readings import BackgroundReadings, Reading
from dog.services.child_process import run_in_child_if_large
from dog.services.desk.largest_moves import PairMove, read_largest_moves
from dog.services.desk.list_funnel import ListFunnel, read_list_funnel
from dog.services.desk.pitch_figures import MONTH_DAYS, PitchFigures, read_pitch_figures
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.pairs.week_figures import Proportion, accept_rate, lists_this_week
from dog.services.runtime import Runtime

FRESH_MS = 600_000
MOST_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFigures:
    """All that is read in the background."""

    version: str | None  # that was active
    lists_this_week: Mapping[str, Any]  # week, lists, contacts
    accepts: Proportion  # of the last four weeks
    pitches: PitchFigures
    funnel: ListFunnel
    moves: Sequence[PairMove]


class DeskReader:
    """The figures of each tenant, one reading at a time."""

    def __init__(self) -> None:
        self._readings: BackgroundReadings[DeskFigures] = BackgroundReadings(most=MOST_KEPT)

    def read(self, runtime: Runtime, tenant: str) -> Reading[DeskFigures]:
        """Return the figures; start to read new ones where they are old or of another version."""

        def look_up(report: Callable[[float], None]) -> DeskFigures:
            return run_in_child_if_large(runtime, tenant, partial(_read, tenant=tenant), report)

        def is_old(last: DeskFigures) -> bool:
            if runtime.clock() - last.pitches.as_of_ms > FRESH_MS:
                return True
            return last.version != runtime.shared(Snapshots).current(runtime.store(tenant)).version_name

        return self._readings.read((tenant, "desk"), look_up, is_old)

    def close(self) -> None:
        """Read nothing more."""
        self._readings.close()


def _read(runtime: Runtime, report: Callable[[float], None], *, tenant: str) -> DeskFigures:
    return read_desk_figures(runtime, tenant, lambda start, length, share: report(start + length * share))


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
