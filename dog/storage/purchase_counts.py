"""Purchases of each contact by product, counted when transactions are loaded: requests read these, not the rows."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from dog.core.records import PURCHASES, pair_keys
from dog.storage.contacts import TRANSACTIONS, read_partitions, write_arrays
from dog.storage.load_journal import TRANSACTIONS as TRANSACTIONS_NAME
from dog.storage.load_journal import write_merged
from dog.storage.store import Store


def write_transactions(
    store: Store, contacts: Sequence[bytes], transactions: Sequence[bytes], bases: Sequence[bytes]
) -> list[int]:
    """Write all transactions of contacts, given their digests, and their purchases; return the places of those refused.

    `bases` has what they were merged from, empty for none. Where others are stored by now, another load has written
    meanwhile: they are to be read and merged again.
    """
    rows = list(zip(contacts, transactions, bases, count_purchases(transactions), strict=True))
    return write_merged(store, "write_transactions", TRANSACTIONS_NAME, rows, ["purchases"])


def count_by_contact(transactions: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """Return the purchases of each contact, given its transactions."""
    return dict(zip(transactions, count_purchases(list(transactions.values())), strict=True))


def rebuild_purchases(store: Store) -> None:
    """Count every contact's purchases again, also of transactions loaded before purchases were counted."""
    for transactions in read_partitions(store, "transactions"):
        write_arrays(store, "purchases", "", count_by_contact(transactions))


def count_purchases(transactions: Sequence[bytes]) -> list[bytes]:
    """Return each contact's purchases, records of `PURCHASES` by product number.

    `transactions` holds the rows of one contact each, records of `TRANSACTIONS`. A basket is what was bought at one
    instant; rows without a quantity, or with a negative one (returns), are not purchases.
    """
    rows = np.frombuffer(b"".join(transactions), TRANSACTIONS)
    sizes = [len(packed) // TRANSACTIONS.itemsize for packed in transactions]
    contact = np.repeat(np.arange(len(transactions), dtype=np.uint32), sizes)
    bought = rows["quantity"] > 0
    keys, at = pair_keys(contact, rows["product"])[bought], rows["at"][bought]
    order = np.argsort(keys, kind="stable")
    keys = keys.take(order)
    starts = np.flatnonzero(np.diff(keys, prepend=np.uint64(2**64 - 1)))
    found = np.empty(len(starts), PURCHASES)
    found["product"] = keys[starts] & np.uint64(0xFFFFFFFF)
    found["count"] = np.diff(np.append(starts, len(keys)))
    found["last"] = np.maximum.reduceat(at.take(order), starts) if len(starts) else 0
    ends = np.searchsorted(keys[starts] >> np.uint64(32), np.arange(len(transactions) + 1)).tolist()
    packed = found.tobytes()
    step = PURCHASES.itemsize
    return [packed[step * first : step * last] for first, last in pairwise(ends)]
