import pytest

from dog.core.iso_weeks import week_of
from dog.errors import InvalidInput
from dog.services.runtime import Runtime
from dog.services.weekly.due_weeks import due_weeks
from dog.storage.store import Store
from dog.storage.versions import Version, publish_version


def test_without_events_only_the_last_ended_week_is_due(runtime: Runtime, store: Store) -> None:
    now = runtime.clock()

    assert due_weeks(store, now, runtime.settings.zone) == [week_of(now, runtime.settings.zone) - 1]


def test_every_week_after_the_last_published_is_due_up_to_the_one_named(runtime: Runtime, store: Store) -> None:
    now, zone = runtime.clock(), runtime.settings.zone
    current = week_of(now, zone)
    done = Version(version="v", week=current - 4, published_at_ms=0, timezone="UTC", policies={}, counts={})
    publish_version(store, done, 0)

    assert due_weeks(store, now, zone) == [current - 3, current - 2, current - 1]
    assert due_weeks(store, now, zone, current - 3) == [current - 3]


def test_a_week_that_has_not_ended_cannot_be_named(runtime: Runtime, store: Store) -> None:
    now, zone = runtime.clock(), runtime.settings.zone

    with pytest.raises(InvalidInput, match="has not ended"):
        due_weeks(store, now, zone, week_of(now, zone))
