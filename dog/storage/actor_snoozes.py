"""What a rep has put off until a day: contacts, and products of a contact, each for that rep alone."""

from collections.abc import Iterator
from typing import NamedTuple

from dog.core.iso_weeks import DAY_MS
from dog.core.records import NO_PRODUCT
from dog.storage.store import Store
from dog.storage.stretches import read_zset

LONGEST_DAYS = 366
CONTACT_BYTES, PRODUCT_BYTES = 16, 4


class ActorSnooze(NamedTuple):
    """A contact that an actor does not want to see until a time; `product` where it is one product of it alone."""

    contact: bytes  # digest
    product: int | None  # number
    actor_id: str
    until_ms: int

    @property
    def member(self) -> bytes:
        """The member of the sorted set, whose score is the end."""
        product = NO_PRODUCT if self.product is None else self.product
        return self.contact + product.to_bytes(PRODUCT_BYTES, "little") + self.actor_id.encode()


def write_snooze(store: Store, snooze: ActorSnooze, now_ms: int) -> None:
    """Write a snooze, in place of an earlier one of the same actor, contact and product; drop those that have ended."""
    key = store.keys.of("snoozed")
    store.execute_all(
        [
            ("ZREMRANGEBYSCORE", key, "-inf", now_ms),
            ("ZADD", key, snooze.until_ms, snooze.member),
            ("PEXPIRE", key, LONGEST_DAYS * DAY_MS),
        ]
    )


def remove_snooze(store: Store, snooze: ActorSnooze) -> bool:
    """Remove a snooze whatever its end; return whether there was one."""
    return bool(store.execute("ZREM", store.keys.of("snoozed"), snooze.member))


def read_snoozes(store: Store, actor_id: str, now_ms: int) -> list[ActorSnooze]:
    """Read the snoozes of an actor that have not ended, the first to end first."""
    found = store.execute("ZRANGEBYSCORE", store.keys.of("snoozed"), f"({now_ms}", "+inf", "WITHSCORES")
    own = actor_id.encode()
    return [_snooze(member, end) for member, end in found if member[CONTACT_BYTES + PRODUCT_BYTES :] == own]


def read_snoozes_of(store: Store, contact: bytes) -> list[ActorSnooze]:
    """Read all snoozes of a contact, of whichever actor."""
    return [_snooze(member, end) for member, end in _of_contact(store, contact)]


def forget_snoozes(store: Store, contact: bytes) -> None:
    """Remove all snoozes of a contact."""
    if members := [member for member, _ in _of_contact(store, contact)]:
        store.execute("ZREM", store.keys.of("snoozed"), *members)


def _of_contact(store: Store, contact: bytes) -> Iterator[tuple[bytes, float]]:
    for member, end in read_zset(store, store.keys.of("snoozed")).items():
        if member.startswith(contact):
            yield member, end


def _snooze(member: bytes, until_ms: float) -> ActorSnooze:
    product = int.from_bytes(member[CONTACT_BYTES : CONTACT_BYTES + PRODUCT_BYTES], "little")
    return ActorSnooze(
        contact=member[:CONTACT_BYTES],
        product=None if product == NO_PRODUCT else product,
        actor_id=member[CONTACT_BYTES + PRODUCT_BYTES :].decode(),
        until_ms=int(until_ms),
    )
