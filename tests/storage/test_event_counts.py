from dog.storage.event_counts import day_of, retention_seconds

DAY_MS = 86_400_000


def test_days_change_at_midnight_utc() -> None:
    assert (day_of(DAY_MS - 1), day_of(DAY_MS)) == (0, 1)


def test_older_events_are_counted_for_less_time() -> None:
    now = 400 * DAY_MS

    assert retention_seconds(now, now) > retention_seconds(now - DAY_MS, now) > 0


def test_the_counts_of_a_day_are_kept_for_367_days_from_its_start() -> None:
    assert retention_seconds(400 * DAY_MS + 5, 400 * DAY_MS + 5_000) == 367 * 86_400 - 5
    assert retention_seconds(0, 367 * DAY_MS) == 0
    assert retention_seconds(0, 500 * DAY_MS) == 0
