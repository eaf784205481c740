from dog.storage.contact_lists import RETENTION_SECONDS
from dog.storage.decisions import (
    KeptDecision,
    annotate_decision,
    read_decision,
    read_decisions,
    read_fired_counts,
    write_decisions,
    write_new_decisions,
)
from dog.storage.store import Store

REQUEST = b"12345678"


def decision(store: Store, decision_id: str, *fired: str) -> KeptDecision:
    return KeptDecision(
        decision_id=decision_id,
        request=REQUEST,
        contact=store.tenant.contact("c1"),
        week="2026-W47",
        content=b'{"decision_id":"%b"}' % decision_id.encode(),
        fired=fired,
    )


def test_a_decision_is_kept_once_and_tells_whether_it_was_new(store: Store) -> None:
    first = write_decisions(store, [decision(store, "a"), decision(store, "b")])
    again = write_decisions(store, [decision(store, "b"), decision(store, "c")])

    assert (first, again) == ([True, True], [False, True])
    assert read_decision(store, "a") == (REQUEST, {"decision_id": "a"})
    assert read_decisions(store, ["a", "nope"]) == {"a": {"decision_id": "a"}}


def test_a_repeated_decision_counts_neither_its_lap_nor_its_rules_again(store: Store) -> None:
    write_decisions(store, [decision(store, "a", "recommended:two-of-a-category")])
    write_decisions(store, [decision(store, "a", "recommended:two-of-a-category")])
    contact = store.tenant.contact("c1")

    assert store.redis.hget(store.tenant.partition(contact).of("laps"), contact) == b"1"
    assert read_fired_counts(store, "recommended", "2026-W47") == {"two-of-a-category": 1}


def test_a_field_can_be_added_only_to_a_decision_that_is_kept(store: Store) -> None:
    write_decisions(store, [decision(store, "a")])

    assert annotate_decision(store, "a", "shadow", ["p1"])
    assert not annotate_decision(store, "b", "shadow", ["p1"])
    assert read_decision(store, "a") == (REQUEST, {"decision_id": "a", "shadow": ["p1"]})


def test_a_decision_expires_after_35_days_annotated_or_not(store: Store) -> None:
    write_decisions(store, [decision(store, "a")])
    annotate_decision(store, "a", "shadow", [])
    [key] = [key for key in store.redis.keys("*:decision:*")]  # noqa: C416  # the client's type is a union

    assert 0 < store.redis.ttl(key) <= RETENTION_SECONDS


def test_new_decisions_are_written_in_one_trip_as_others_are_in_several(store: Store) -> None:
    counts = []
    for write in (write_new_decisions, write_decisions):
        write(store, [decision(store, f"{write.__name__} {number}", "recommended:a") for number in range(3)])
        contact, keys = store.tenant.contact("c1"), store.tenant.partition(store.tenant.contact("c1"))
        laps = [store.redis.hget(key, contact) for key in (keys.of("laps"), keys.of("laps", "2026-W47"))]
        expiring = (keys.of("laps", "2026-W47"), store.keys.of("fired", "2026-W47"))
        expiry = [round(store.redis.ttl(key) / 86400) for key in expiring]
        counts.append((laps, expiry, read_fired_counts(store, "recommended", "2026-W47")))
        store.redis.delete(keys.of("laps"), keys.of("laps", "2026-W47"), store.keys.of("fired", "2026-W47"))

        assert read_decision(store, f"{write.__name__} 2") == (REQUEST, {"decision_id": f"{write.__name__} 2"})

    assert counts[0] == counts[1] == ([b"3", b"3"], [420, 70], {"a": 3})
