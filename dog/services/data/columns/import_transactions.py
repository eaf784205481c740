"""Import a table of transactions: validate by distinct values and masks, add what is new to each contact's."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import numpy as np

from dog.core.records import pair_keys
from dog.errors import InvalidInput
from dog.services.data.columns.coded_values import read_ids
from dog.services.data.columns.known_rows import find_unknown, note_unknown, withhold_erased
from dog.services.data.columns.number_products import number_products
from dog.services.data.columns.row_table import RowTable
from dog.services.data.columns.table_outcomes import TableOutcomes
from dog.services.data.row_values import parse_number, parse_row_time
from dog.storage.contacts import TRANSACTIONS, ensure_contacts, read_arrays
from dog.storage.ids import clean_id
from dog.storage.purchase_counts import write_transactions
from dog.storage.store import Store

CONTACTS_AT_ONCE = 20_000
LATEST_MS = 2**32 * 1000
"""Times are stored as 32 bits of seconds: up to February 2106."""


def import_transactions(store: Store, table: RowTable, zone: tzinfo) -> TableOutcomes:
    """Import transactions; a contact has one of a product in a second."""
    outcomes = TableOutcomes(table)
    contact = read_ids(table.coded("contact_id"), "contact_id")
    product = read_ids(table.coded("product_id"), "product_id")
    withhold_erased(store, contact, outcomes)
    unknown = find_unknown(store, contact, product, outcomes)
    occurred_at = table.coded("occurred_at").read(lambda value: _read_time(value, zone))
    quantity, amount = table.numbers("quantity", 1.0), table.numbers("amount", 0.0)
    good = (contact.codes >= 0) & (product.codes >= 0) & (occurred_at.codes >= 0)
    good &= np.isfinite(quantity) & np.isfinite(amount)
    outcomes.refuse(~good, lambda row: _check_row(row, zone))
    good = outcomes.open()
    numbers = np.array(number_products(store, product, good, table.first), np.uint32)
    places = np.flatnonzero(good)
    places = places[np.argsort(contact.codes[places], kind="stable")]
    rows = np.empty(len(places), TRANSACTIONS)
    rows["product"] = numbers[product.codes[places]]
    rows["at"] = np.array(occurred_at.values, np.int64)[occurred_at.codes[places]] // 1000
    rows["quantity"], rows["amount"] = quantity[places], amount[places]
    codes, starts = np.unique(contact.codes[places], return_index=True)
    digests = dict(zip(codes.tolist(), store.tenant.contacts(contact.values[code] for code in codes), strict=True))
    for first in range(0, len(codes), CONTACTS_AT_ONCE):
        some = codes[first : first + CONTACTS_AT_ONCE].tolist()
        bounds = np.append(starts, len(places))[first : first + CONTACTS_AT_ONCE + 1]
        own = [digests[code] for code in some]
        _merge(store, own, rows[bounds[0] : bounds[-1]], np.diff(bounds), places[bounds[0] : bounds[-1]], outcomes)
        ensure_contacts(store, {contact.values[code]: digests[code] for code in some})
    note_unknown(store, unknown, contact, outcomes, table.first)
    return outcomes


def _merge(
    store: Store,
    contacts: Sequence[bytes],
    rows: np.ndarray,
    counts: np.ndarray,
    places: np.ndarray,
    outcomes: TableOutcomes,
) -> None:
    """Add rows to the stored ones of contacts, again where another load has written meanwhile; `places` are theirs."""
    while len(contacts):
        stored = read_arrays(store, "transactions", "", contacts)
        repeats, merged = add_transactions(rows, counts, stored)
        numbers = list(merged)
        bases = [stored[number] or b"" for number in numbers]
        refused = write_transactions(store, [contacts[number] for number in numbers], list(merged.values()), bases)
        again = np.zeros(len(contacts), bool)
        again[[numbers[place] for place in refused]] = True
        is_left = np.repeat(again, counts)
        outcomes.duplicate[places[repeats & ~is_left]] = True
        contacts = [contact for contact, is_open in zip(contacts, again.tolist(), strict=True) if is_open]
        rows, counts, places = rows[is_left], counts[again], places[is_left]


def add_transactions(
    rows: np.ndarray, counts: np.ndarray, stored: Sequence[bytes | None]
) -> tuple[np.ndarray, dict[int, bytes]]:
    """Add rows, records of `TRANSACTIONS`, to those stored of contacts 0, 1, ...

    The rows are sorted by contact; `counts` says how many each has. Return marks of the rows that are there already,
    shape (rows,), and all transactions of the contacts that have new ones.
    """
    held = np.array([len(packed or b"") // TRANSACTIONS.itemsize for packed in stored], np.int64)
    both = np.concatenate([np.frombuffer(b"".join([packed or b"" for packed in stored]), TRANSACTIONS), rows])
    number = np.arange(len(stored), dtype=np.uint32)
    contact = np.concatenate([np.repeat(number, held), np.repeat(number, counts)])
    keys = pair_keys(contact, both["product"])
    order = np.lexsort((both["at"], keys))
    same = (keys[order][1:] == keys[order][:-1]) & (both["at"][order][1:] == both["at"][order][:-1])
    repeats = np.zeros(len(both), bool)
    repeats[order[1:][same]] = True
    repeats = repeats[len(both) - len(rows) :]
    ends = np.cumsum(counts)
    merged = {}
    for one in np.unique(np.repeat(number, counts)[~repeats]).tolist():
        own = slice(ends[one] - counts[one], ends[one])
        merged[one] = (stored[one] or b"") + rows[own][~repeats[own]].tobytes()
    return repeats, merged


def _read_time(value: Any, zone: tzinfo) -> int:
    at_ms = parse_row_time(value, "occurred_at", zone)
    if not 0 <= at_ms < LATEST_MS:
        raise InvalidInput("occurred_at must be between 1970 and 2106", code="invalid_row")
    return at_ms


def _check_row(row: Mapping[str, Any], zone: tzinfo) -> None:
    """Raise `InvalidInput` for the first fault of a row."""
    clean_id(row.get("contact_id"), "contact_id")
    clean_id(row.get("product_id"), "product_id")
    _read_time(row.get("occurred_at"), zone)
    parse_number(row.get("quantity", 1), "quantity")
    parse_number(row.get("amount", 0), "amount")
