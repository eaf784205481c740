"""How often unknown names were sent, by kind and name: what `doctor` lists.

Contacts are counted together: their ids would have to be erased here too.
"""

from collections.abc import Iterable, Mapping

from dog.storage.store import Store

MAX_NAMES = 1000
CONTACTS = ("contact", "")


def count_unknown_names(store: Store, counts: Mapping[tuple[str, str], int]) -> None:
    """Add how many events or rows named each unknown name, by kind and name; names beyond the bound are left out."""
    key = store.keys.of("unknown_names")
    kept, free = store.execute("HKEYS", key), MAX_NAMES
    known, commands = set(kept), []
    for (kind, name), count in counts.items():
        field = b"%b:%b" % (kind.encode(), b"" if kind == "contact" else name.encode())
        if field in known or len(known) < free:
            known.add(field)
            commands.append(("HINCRBY", key, field, count))
    store.execute_all(commands)


def read_unknown_names(store: Store) -> dict[tuple[str, str], int]:
    """Read the counts by kind and name; the name of contacts is empty."""
    found = store.execute("HGETALL", store.keys.of("unknown_names"))
    parts = {field.decode().partition(":")[::2]: int(count) for field, count in found.items()}
    return {(kind, name): count for (kind, name), count in parts.items()}


def uncount_unknown_names(store: Store, counts: Mapping[tuple[str, str], int]) -> None:
    """Take counts back, as far as they are there."""
    key, known = store.keys.of("unknown_names"), read_unknown_names(store)
    left = {name: known[name] - count for name, count in counts.items() if name in known}
    forget_unknown_names(store, [name for name, count in left.items() if count <= 0])
    store.execute_all(("HSET", key, f"{kind}:{name}", count) for (kind, name), count in left.items() if count > 0)


def forget_unknown_names(store: Store, names: Iterable[tuple[str, str]]) -> None:
    """Delete the counts of names that are known by now."""
    fields = [f"{kind}:{name}" for kind, name in names]
    if fields:
        store.execute("HDEL", store.keys.of("unknown_names"), *fields)
