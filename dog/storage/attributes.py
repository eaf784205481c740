"""Which attributes the loaded products and contacts have, and what they hold: the columns of conditions."""

from collections.abc import Iterable, Mapping
from typing import Any

from dog.core.rulebook.columns import Kind
from dog.storage.store import Store

MAX_ATTRIBUTES = 1000


def kind_of(value: Any) -> Kind:
    """Tell what a value is."""
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "text"


def note_attributes(store: Store, root: str, records: Iterable[Mapping[str, Any]]) -> None:
    """Remember the attributes of loaded rows (`product` or `contact`); the first kind seen stays."""
    found: dict[str, Kind] = {}
    for record in records:
        for name, value in record.items():
            found.setdefault(f"{root}.{name}", kind_of(value))
    trip = store.trip()
    for name, kind in list(found.items())[:MAX_ATTRIBUTES]:
        trip.add("HSETNX", store.keys.of("attributes"), name, kind)
    trip.send()


def read_attributes(store: Store) -> tuple[dict[str, Kind], dict[str, Kind]]:
    """Read the attributes of products and of contacts, with their kinds."""
    trip = store.trip()
    trip.add("HGETALL", store.keys.of("attributes"))
    roots: dict[str, dict[str, Kind]] = {"product": {}, "contact": {}}
    for name, kind in trip.send()[0].items():
        root, _, leaf = name.decode().partition(".")
        roots[root][leaf] = kind.decode()
    return roots["product"], roots["contact"]
