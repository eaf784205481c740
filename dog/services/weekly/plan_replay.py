"""Which published weeks a recompute replays: those that were asked for, or those that late outcomes belong to."""

from datetime import tzinfo

from dog.core.iso_weeks import format_week, week_end_ms, week_of
from dog.errors import InvalidInput
from dog.storage.late_outcomes import LateOutcomes, find_late
from dog.storage.ledgers import read_cut
from dog.storage.multiplier_versions import MultiplierVersion, first_week, read_version, read_weeks
from dog.storage.store import Store
from dog.storage.tenant_settings import read_replay_share
from dog.storage.week_archive import closed_until
from dog.storage.week_replay import Replay, read_replay

Asked = bool | int | None
"""True: from the earliest late outcome on. A week: from it on. False: none. None: where enough outcomes are late."""


def plan_replay(store: Store, asked: Asked, now_ms: int, zone: tzinfo) -> Replay | None:
    """Plan a replay, or continue the one that a killed run left; None where none is wanted or nothing is published.

    It starts after the archived weeks, at the earliest with the first outcome of all, be its week published or not.

    Raises
    ------
    InvalidInput
        The week asked for is not published, or archived.

    """
    published = read_weeks(store)
    week = None if isinstance(asked, bool) else asked
    if not published:
        if week is not None:
            raise InvalidInput("no week is published yet; leave out replay, all weeks with outcomes are due")
        return None
    last = max(published)
    if week is not None and week > last:
        raise InvalidInput(f"week {format_week(week)} is not published; the last that is is {format_week(last)}")
    if week is not None:
        week = max(week, first_week(store, zone) or week)
    left, open_from = read_replay(store), week_of(closed_until(store), zone)
    if left is not None and asked is not False and _goes_on(left, last, week, open_from):
        return left
    start = _start(store, asked, published, zone) if week is None else week
    if start is None or max(start, open_from) > last:
        if week is not None:
            raise InvalidInput(f"the weeks from {format_week(week)} on are archived; their counts are final")
        return None
    first = max(start, open_from)
    base = published.get(first - 1)
    return Replay(
        first=first,
        last=last,
        started_ms=now_ms,
        base=base if base is not None and read_version(store, base) is not None else None,
        arrivals=read_cut(store, 0).arrivals,
    )


def late_outcomes(store: Store, zone: tzinfo, share: float) -> LateOutcomes | None:
    """Find late outcomes as `find_late` does; None where nothing is published."""
    latest = latest_published(store, zone)
    return None if latest is None else find_late(store, *latest, share)


def latest_published(store: Store, zone: tzinfo) -> tuple[MultiplierVersion, int] | None:
    """Return the version of the latest published week and the end of that; None where nothing is published."""
    published = read_weeks(store)
    if not published:
        return None
    last = max(published)
    latest = read_version(store, published[last])
    if latest is None or not latest.arrivals:
        return None
    return latest, latest.end_ms or week_end_ms(last, zone)


def describe_late(store: Store, zone: tzinfo) -> str | None:
    """Return a sentence on what the next recompute does with events of published weeks; None where none has come."""
    late = late_outcomes(store, zone, 0.0)
    if late is None or late.first_ms is None:
        return None
    first, share = format_week(week_of(late.first_ms, zone)), read_replay_share(store)
    what = "came late or were undone" if late.undone else "came late"
    said = f"events of published weeks that {what}: {late.changes:,} ({late.changes / late.total:.1%} of all); "
    if late.exceeds(share):
        return said + f"the next recompute replays the weeks from {first} on (dog jobs recompute)"
    return said + f"the next week counts them; to replay the weeks from {first} on: dog jobs recompute --replay"


def _goes_on(left: Replay, last: int, week: int | None, open_from: int) -> bool:
    """Return whether a replay that was left unfinished is the one that is asked for, and can still continue."""
    return left.last == last and left.weeks[0] >= open_from and week in (None, left.first)


def _start(store: Store, asked: Asked, published: dict[int, str], zone: tzinfo) -> int | None:
    """Return the week to start with where none was named; None where no replay is wanted."""
    if asked is False:
        return None
    share = 0.0 if asked else read_replay_share(store)
    late = late_outcomes(store, zone, share)
    if late is not None and late.first_ms is not None and late.exceeds(share):
        return week_of(late.first_ms, zone)
    if not asked:
        return None
    earliest = first_week(store, zone)
    return min(published) if earliest is None else earliest
