"""Contacts that an open inbox has at hand, so that no other shows them at the same time: held for ten minutes."""

from collections.abc import Collection, Iterable

from dog.storage.store import Store

HELD_SECONDS = 600


def hold_contacts(store: Store, contacts: Iterable[bytes], holder: str, now_ms: int) -> None:
    """Hold contacts, given their digests, for an inbox; those that it holds already for longer."""
    until = f"{now_ms + 1000 * HELD_SECONDS}:{holder}"
    held = [part for contact in contacts for part in (contact, until)]
    if held:
        key = store.keys.of("held")
        store.execute_all([("HSET", key, *held), ("EXPIRE", key, HELD_SECONDS)])


def held_by_others(store: Store, holder: str, now_ms: int) -> Collection[bytes]:
    """Return the digests of the contacts that other inboxes hold; forget those whose time is over."""
    key = store.keys.of("held")
    places = {contact: value.decode().partition(":") for contact, value in store.execute("HGETALL", key).items()}
    over = [contact for contact, (until, _, _) in places.items() if int(until) <= now_ms]
    if over:
        store.execute("HDEL", key, *over)
    return {contact for contact, (_, _, by) in places.items() if by != holder}.difference(over)
