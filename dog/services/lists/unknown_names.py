"""Names that were never loaded: products and contacts without a row, and the nearest known product."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import orjson

from dog.core.nearest_names import find_nearest
from dog.storage.catalogue import Catalogue, find_without_row, read_attributes, read_models
from dog.storage.contacts import read_arrays
from dog.storage.store import Store

MAX_SUGGESTED = 5
"""Names of a call for which the nearest known one is looked up: each takes milliseconds in a large catalogue."""
MAX_CACHED = 50_000
KINDS = {
    "product": ("unknown_product", "is not loaded"),
    "contact": ("unknown_contact", "is not loaded"),
    "channel": ("unknown_channel", "is not a channel of a policy, of a product or of this contact"),
    "time": ("unknown_time", "is not a time of a policy, of a product or of this contact"),
    "model": ("unknown_model", "has no scores, and no active policy names it"),
    "attribute_value": ("unknown_attribute_value", "is not the account of this contact"),
}
"""Code and sentence of each kind of unknown name."""


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name that is accepted with a warning, or held back by the tenant's setting; `near` is the nearest known one."""

    kind: str  # a key of `KINDS`
    name: str
    near: str | None = None

    @property
    def code(self) -> str:
        """Code of the warning or refusal."""
        return KINDS[self.kind][0]

    @property
    def message(self) -> str:
        """The sentence for people."""
        kind = "account" if self.kind == "attribute_value" else self.kind
        near = f"; did you mean '{self.near}'?" if self.near else ""
        return f"{kind} '{self.name[:100]}' {KINDS[self.kind][1]}{near}"


def find_unloaded_products(store: Store, catalogue: Catalogue, product_ids: Collection[str]) -> set[str]:
    """Return the products without a row; none where the tenant has no product rows at all.

    The catalogue may be outdated: what it lacks is looked up.
    """
    if not catalogue.has_rows:
        return find_without_row(store, product_ids)
    numbers, without = catalogue.numbers, catalogue.without_row
    unknown = {product_id for product_id in product_ids if product_id not in numbers}
    if without:
        unknown |= {product_id for product_id in product_ids if numbers.get(product_id) in without}
    return find_without_row(store, unknown)


class LoadedContacts:
    """The contacts that this process has found loaded: they need not be read again."""

    def __init__(self) -> None:
        self._known: dict[str, set[str]] = {}

    def find_unloaded(self, store: Store, contact_ids: Collection[str]) -> set[str]:
        """Return the contacts that were never loaded, be it a row, scores or transactions."""
        known = self._known.setdefault(store.tenant.name, set())
        unread = [contact_id for contact_id in contact_ids if contact_id not in known]
        if not unread:
            return set()
        unknown = find_unloaded_contacts(store, unread)
        if len(known) > MAX_CACHED:
            known.clear()
        known.update(contact_id for contact_id in unread if contact_id not in unknown)
        return unknown


def has_contact_rows(store: Store) -> bool:
    """Return whether any contact was loaded with more than its id."""
    return bool(read_attributes(store)[1])


def find_unloaded_contacts(store: Store, contact_ids: Sequence[str]) -> set[str]:
    """Return the contacts of which neither row nor scores nor transactions are loaded.

    Feedback itself writes a record with nothing but the id, which is not a row.
    """
    digests = store.tenant.contacts(contact_ids)
    records = read_arrays(store, "contacts", "", digests)
    stubs = [
        (contact_id, digest)
        for contact_id, digest, record in zip(contact_ids, digests, records, strict=True)
        if record is None or record == orjson.dumps({"contact_id": contact_id})
    ]
    if not stubs:
        return set()
    places = [("transactions", ""), *(("scores", model) for model in read_models(store))]
    held = [read_arrays(store, *place, [digest for _, digest in stubs]) for place in places]
    loaded = [any(array is not None for array in arrays) for arrays in zip(*held, strict=True)]
    return {contact_id for (contact_id, _), known in zip(stubs, loaded, strict=True) if not known}


class NearestProducts:
    """The nearest products found by this process, kept for as long as a tenant's catalogue stays the same."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[Catalogue, dict[str, str | None]]] = {}

    def suggest(self, tenant: str, catalogue: Catalogue, names: Collection[str]) -> dict[str, str | None]:
        """Return the nearest loaded product of each name, by id or name; of `MAX_SUGGESTED` new ones at most."""
        kept = self._found.get(tenant)
        if kept is None or kept[0] is not catalogue:
            kept = self._found[tenant] = catalogue, {}
        found = kept[1]
        new = [name for name in names if name not in found][:MAX_SUGGESTED]
        if len(found) > MAX_CACHED:
            found.clear()
        found.update(zip(new, nearest_products(catalogue, new), strict=True))
        return {name: found.get(name) for name in names}


def nearest_products(catalogue: Catalogue, names: Sequence[str]) -> list[str | None]:
    """Return the id of the loaded product whose id or name is nearest to each name; None where none is close."""
    if not names:
        return []
    rows = zip(catalogue.ids, catalogue.records, strict=True)
    loaded = [row for number, row in enumerate(rows) if number not in catalogue.without_row]
    ids = [product_id for product_id, _ in loaded]
    known = [*ids, *(str(record.get("name") or "") for _, record in loaded)]
    return [None if place is None else ids[place % len(ids)] for place in find_nearest(names, known)]


def with_nearest(unknown: UnknownName, known: Collection[str]) -> UnknownName:
    """Return the name with the nearest of a few known ones."""
    names = sorted(known)
    place = find_nearest([unknown.name], names)[0]
    return unknown if place is None else replace(unknown, near=names[place])
