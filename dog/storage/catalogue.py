"""The catalogue of a tenant: products with their dense numbers, models, and attributes of products and contacts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson

from dog.core.rulebook.columns import Kind
from dog.storage.load_journal import add_tenant_rows
from dog.storage.model_dates import DATE_FIELDS, parse_dates
from dog.storage.store import Store


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All products of a tenant; a product's index is its dense number."""

    ids: tuple[str, ...] = ()
    records: tuple[Mapping[str, Any], ...] = ()
    numbers: Mapping[str, int] = None  # type: ignore[assignment]  # set by __post_init__ from ids
    without_row: frozenset[int] = field(default=frozenset(), kw_only=True)
    """Numbers of products that feedback, scores or transactions name but no row of `products` describes."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", {product_id: place for place, product_id in enumerate(self.ids)})

    def __len__(self) -> int:
        """Return the number of products."""
        return len(self.ids)

    @property
    def has_rows(self) -> bool:
        """Whether any product was loaded."""
        return len(self.without_row) < len(self.ids)

    def row(self, product_id: str) -> Mapping[str, Any] | None:
        """Return the record of a loaded product; None where no row was loaded."""
        number = self.numbers.get(product_id)
        return None if number is None or number in self.without_row else self.records[number]

    def find(self, wanted: str) -> str:
        """Return the id of a product that is given by id or name, whatever its case; the text where it is neither."""
        name = wanted.casefold()
        named = (product_id for product_id in self.ids if self.name_of(product_id).casefold() == name)
        return wanted if wanted in self.numbers else next(named, wanted)

    def names(self, most: int = 500) -> list[str]:
        """Return the different names of the first products, sorted, to suggest some."""
        return sorted({self.name_of(product_id) for product_id in self.ids[:most]})

    def name_of(self, product_id: str) -> str:
        """Return the name of a product, its id where it has none."""
        return str((self.row(product_id) or {}).get("name") or product_id)


def read_catalogue(store: Store) -> Catalogue:
    """Read all products in the order of their numbers."""
    numbers, records = store.execute_all(("HGETALL", store.keys.of(name)) for name in ("numbers", "products"))
    ids = sorted(numbers, key=lambda product_id: int(numbers[product_id]))
    return Catalogue(
        tuple(product_id.decode() for product_id in ids),
        tuple(orjson.loads(records.get(product_id, b"{}")) for product_id in ids),
        without_row=frozenset(number for number, product_id in enumerate(ids) if product_id not in records),
    )


def read_numbers(store: Store, product_ids: Iterable[str]) -> dict[str, int]:
    """Read the numbers of products, by id; unknown products are left out."""
    found = _read_fields(store, "numbers", product_ids)
    return {product_id: int(number) for product_id, number in found.items()}


def read_products(store: Store, product_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Read the records of products, by id; unknown products are left out."""
    found = read_product_records(store, product_ids)
    return {product_id: orjson.loads(record) for product_id, record in found.items()}


def read_product_records(store: Store, product_ids: Iterable[str]) -> dict[str, bytes]:
    """Read the records of products as they are stored, in JSON, by id; unknown products are left out."""
    return _read_fields(store, "products", product_ids)


def find_without_row(store: Store, product_ids: Iterable[str]) -> set[str]:
    """Return the products without a row among some; none where the tenant has no product rows at all."""
    ids, key = list(product_ids), store.keys.of("products")
    if not ids:
        return set()
    rows, found = store.execute_all([("HLEN", key), ("HMGET", key, *(name.encode() for name in ids))])
    return {product_id for product_id, row in zip(ids, found, strict=True) if row is None} if rows else set()


def _read_fields(store: Store, name: str, product_ids: Iterable[str]) -> dict[str, bytes]:
    ids = list(product_ids)
    if not ids:
        return {}
    values = store.execute("HMGET", store.keys.of(name), *(product_id.encode() for product_id in ids))
    found = zip(ids, values, strict=True)
    return {product_id: value for product_id, value in found if value is not None}


def put_products(store: Store, products: Mapping[str, bytes]) -> list[int]:
    """Write records of products, JSON by id, assign numbers to new ones, and return the numbers of all."""
    return _number(store, [(product_id.encode(), record) for product_id, record in products.items()])


def number_products(store: Store, product_ids: Sequence[str]) -> list[int]:
    """Assign numbers to new products, without records, and return the numbers of all."""
    return _number(store, [(product_id.encode(), b"") for product_id in product_ids])


def _number(store: Store, products: Sequence[tuple[bytes, bytes]]) -> list[int]:
    trip = store.trip()
    keys = [store.keys.of("numbers"), store.keys.of("products")]
    noted = {product_id.decode(): record for product_id, record in products if record} if store.load else {}
    numbered = [(product_id, b"" if noted else record) for product_id, record in products]
    trip.script("number_products", keys, [argument for product in numbered for argument in product])
    if noted:
        add_tenant_rows(trip, store, "products", noted)
    trip.add("HINCRBY", store.keys.of("head"), "catalogue", 1)
    numbers: list[int] = trip.send()[0]
    return numbers


MAX_ATTRIBUTES = 1000


def kind_of(value: Any) -> Kind:
    """Return the kind of an attribute's value."""
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "text"


def record_attributes(store: Store, root: str, records: Iterable[Mapping[str, Any]]) -> None:
    """Record the attributes of loaded rows (root `product` or `contact`); the first kind seen stays."""
    found: dict[str, Kind] = {}
    for record in records:
        for name, value in record.items():
            found.setdefault(f"{root}.{name}", kind_of(value))
    kinds = dict(islice(found.items(), MAX_ATTRIBUTES))
    trip = store.trip()
    if store.load:
        add_tenant_rows(trip, store, "attributes", {name: kind.encode() for name, kind in kinds.items()}, "new")
    else:
        for name, kind in kinds.items():
            trip.add("HSETNX", store.keys.of("attributes"), name, kind)
    if any(trip.send()):
        store.execute("HINCRBY", store.keys.of("head"), "attributes", 1)


def read_attributes(store: Store) -> tuple[dict[str, Kind], dict[str, Kind]]:
    """Read the kinds of the attributes of products and of contacts."""
    roots: dict[str, dict[str, Kind]] = {"product": {}, "contact": {}}
    for name, kind in store.execute("HGETALL", store.keys.of("attributes")).items():
        root, _, leaf = name.decode().partition(".")
        roots[root][leaf] = kind.decode()
    return roots["product"], roots["contact"]


def read_models(store: Store) -> dict[str, dict[str, Any]]:
    """Read the record of every model that has scores: calibration, and the fields of `model_dates.parse_dates`."""
    described, dates = store.execute_all(("HGETALL", store.keys.of(name)) for name in ("models", "model_dates"))
    return {
        name.decode(): (orjson.loads(described[name]) if name in described else {})
        | (parse_dates(dates[name]) if name in dates else {})
        for name in sorted(described.keys() | dates.keys())
    }


def put_model(store: Store, name: str, record: Mapping[str, Any]) -> None:
    """Write a model's record except its dates; processes use it from their next request on."""
    kept = {field: value for field, value in record.items() if field not in DATE_FIELDS}
    write = ("HSET", store.keys.of("models"), name, orjson.dumps(kept))
    store.execute_all([write, ("HINCRBY", store.keys.of("head"), "models", 1)])
