"""Snoozes of a rep: kept until they end, each rep's own, gone with the contact."""

from dog.core.iso_weeks import DAY_MS
from dog.storage.actor_snoozes import (
    ActorSnooze,
    forget_snoozes,
    read_snoozes,
    read_snoozes_of,
    remove_snooze,
    write_snooze,
)
from dog.storage.store import Store

NOW_MS = 1_795_000_000_000


def snooze(store: Store, contact_id: str, days: int, product: int | None = None, actor: str = "Ann") -> ActorSnooze:
    made = ActorSnooze(store.tenant.contact(contact_id), product, actor, NOW_MS + days * DAY_MS)
    write_snooze(store, made, NOW_MS)
    return made


def test_an_actor_reads_its_own_snoozes_the_first_to_end_first(store: Store) -> None:
    later, sooner = snooze(store, "c1", 9), snooze(store, "c2", 2, product=3)
    snooze(store, "c1", 5, actor="Bob")

    assert read_snoozes(store, "Ann", NOW_MS) == [sooner, later]


def test_a_snooze_ends_by_itself_and_is_dropped_with_the_next_one(store: Store) -> None:
    snooze(store, "c1", 1)
    key = store.keys.of("snoozed")

    assert read_snoozes(store, "Ann", NOW_MS + DAY_MS) == []
    assert store.execute("PTTL", key) > 300 * DAY_MS
    later = ActorSnooze(store.tenant.contact("c2"), None, "Ann", NOW_MS + 5 * DAY_MS)
    write_snooze(store, later, NOW_MS + DAY_MS)
    assert store.execute("ZCARD", key) == 1


def test_a_snooze_written_again_has_the_new_end_and_can_be_removed_once(store: Store) -> None:
    snooze(store, "c1", 1)
    again = snooze(store, "c1", 3)

    assert read_snoozes(store, "Ann", NOW_MS) == [again]
    assert remove_snooze(store, again)
    assert not remove_snooze(store, again)
    assert read_snoozes(store, "Ann", NOW_MS) == []


def test_all_snoozes_of_a_contact_are_forgotten_and_no_other(store: Store) -> None:
    for actor in ("Ann", "Bob"):
        snooze(store, "c1", 1, actor=actor)
    other = snooze(store, "c2", 1)
    assert len(read_snoozes_of(store, store.tenant.contact("c1"))) == 2
    forget_snoozes(store, store.tenant.contact("c1"))
    forget_snoozes(store, store.tenant.contact("c1"))

    assert read_snoozes_of(store, store.tenant.contact("c1")) == []
    assert read_snoozes_of(store, other.contact) == [other]
