"""What the doctor says about sizes."""

from dog.core.iso_weeks import parse_week
from dog.services.feedback.record_feedback import record_feedback
from dog.services.operations.key_sizes import forecast_log_size, measure_keys
from dog.services.runtime import Runtime
from dog.storage.store import Store


def test_every_key_of_the_tenant_is_counted_in_its_class_and_no_other_tenants(runtime: Runtime, store: Store) -> None:
    events = [
        {
            "event_id": f"e{number}",
            "type": "pitch",
            "contact_id": f"c{number % 50}",
            "product_id": "p1",
            "occurred_at": "2026-11-10T09:00:00Z",
        }
        for number in range(1000)
    ]
    record_feedback(store, events, runtime.clock())
    record_feedback(runtime.store("default2", create=True), events, runtime.clock())
    sizes = measure_keys(store)
    keys = [str(key) for key in store.redis.scan_iter("dog:*")]
    tenant_keys = [key for key in keys if "{default}" in key or "{default:" in key]

    assert sizes["log"].keys == sizes["outcomes"].keys == 50
    assert sum(size.keys for size in sizes.values()) == len(tenant_keys)
    assert 40_000 < sizes["outcomes"].bytes < 60_000


def test_the_forecast_is_the_pace_of_the_last_weeks_times_the_weeks_kept(runtime: Runtime, store: Store) -> None:
    events = [
        {
            "event_id": f"e{number}",
            "type": "pitch",
            "contact_id": f"c{number}",
            "product_id": "p1",
            "occurred_at": f"2026-{10 + number % 2}-10T09:00:00Z",  # half of them long ago
        }
        for number in range(2000)
    ]
    for start in (0, 1000):
        record_feedback(store, events[start : start + 1000], runtime.clock())
    expected = forecast_log_size(store, measure_keys(store), parse_week("2026-W47"), 53)

    # one of 64 partitions of ids is looked at: some 31 events, half of them in the last four weeks
    assert 800 < expected.events < 3400
    assert expected.events_a_week * 4 < expected.events
    assert expected.bytes == round(expected.events_a_week * 53 * expected.bytes_an_event)
