"""Which rows name an erased contact, or a product or contact without a row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from dog.services.data.columns.coded_values import Coded
from dog.services.data.columns.number_products import STRETCH_ROWS
from dog.services.data.columns.table_outcomes import TableOutcomes
from dog.services.data.row_values import ERASED_ROW, RowOutcome
from dog.services.lists.unknown_names import UnknownName, find_unloaded_contacts, has_contact_rows
from dog.storage.catalogue import find_without_row
from dog.storage.erasure import find_erased
from dog.storage.event_log import Status
from dog.storage.name_counts import count_unknown_names
from dog.storage.store import Store
from dog.storage.tenant_settings import read_unknown_setting


def withhold_erased(store: Store, contact: Coded, outcomes: TableOutcomes) -> None:
    """Reject the rows of erased contacts."""
    if any(store.in_partitions("EXISTS", "erased")) and (erased := find_erased(store, contact.values)):
        marked = contact.mark([contact_id in erased for contact_id in contact.values])
        outcomes.reject(np.flatnonzero(marked).tolist(), ERASED_ROW)


def find_unknown(
    store: Store, contact: Coded, product: Coded, outcomes: TableOutcomes, known: AbstractSet[str] = frozenset()
) -> dict[int, UnknownName]:
    """Return the unknown product, else the unknown contact, of each row that has one, by place.

    Where the tenant's setting refuses unknown names, the rows are rejected. Contacts of `known` count as stored.
    """
    products = find_without_row(store, product.values)
    contacts = find_unloaded_contacts(store, sorted(contact.values)) if has_contact_rows(store) else set[str]()
    contacts -= known
    if not products and not contacts:
        return {}
    found = _named("contact", contact, contacts) | _named("product", product, products)
    unknown = {place: found[place] for place in sorted(found)}
    if read_unknown_setting(store) == "refuse":
        refusals = {one: RowOutcome(Status.REJECTED, one.code, one.message) for one in set(unknown.values())}
        for place, one in unknown.items():
            outcomes.reject([place], refusals[one])
    return unknown


def note_unknown(
    store: Store, unknown: Mapping[int, UnknownName], contact: Coded, outcomes: TableOutcomes, first_row: int
) -> set[str]:
    """Count what `find_unknown` found, and warn of it in the results of imported rows; return the contacts of these.

    A contact is known from the stretch on that follows its first imported row; `first_row` counts the rows of the load
    before these.
    """
    if not unknown:
        return set()
    stretch = {place: (place + first_row) // STRETCH_ROWS for place in unknown}
    stored_in: dict[int, int] = {}
    for place in unknown:
        if place not in outcomes.others:
            stored_in.setdefault(int(contact.codes[place]), stretch[place])
    kept = {
        place: one
        for place, one in unknown.items()
        if one.kind != "contact" or stretch[place] <= stored_in.get(int(contact.codes[place]), stretch[place])
    }
    count_unknown_names(store, Counter((one.kind, one.name) for one in kept.values()))
    outcomes.warn(kept)
    return {contact.values[code] for code in stored_in}


def _named(kind: str, column: Coded, unknown: set[str]) -> dict[int, UnknownName]:
    names = [UnknownName(kind, name) for name in column.values]
    places: Sequence[int] = np.flatnonzero(column.mark([name in unknown for name in column.values])).tolist()
    return {place: names[column.codes[place]] for place in places} if unknown else {}
