"""Query the pair table: filter, sort and return one page, so that the browser holds no more than it shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from dog.core.learning.week_changes import MultiplierMove
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.pair_table import PairTable
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import read_arrays
from dog.storage.store import Store

NUMBER_COLUMNS: Mapping[str, Callable[[PairTable], np.ndarray]] = {
    "pitches": lambda table: table.pitches,
    "wins": lambda table: table.pairs["wins"],
    "losses": lambda table: table.pairs["losses"],
    "pending": lambda table: table.pairs["pending"],
    "expected": lambda table: table.now.expected,
    "ratio": lambda table: table.now.pair_ratio,
    "win_rate": lambda table: table.now.win_rate,
    "multiplier": lambda table: table.pairs["multiplier"],
    "recursions": lambda table: table.recursions,
}
"""Columns to sort and filter by."""
COMPARISONS: Mapping[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "equals": np.equal,
    "greaterThan": np.greater,
    "greaterThanOrEqual": np.greater_equal,
    "lessThan": np.less,
    "lessThanOrEqual": np.less_equal,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PairQuery:
    """Filters and order of the pair table."""

    contact_id: str = ""  # whole id; empty for all
    product: str = ""  # part of a product's id or name; empty for all
    bounds: Sequence[tuple[str, str, float]] = ()  # column, comparison and number; all must hold
    sort: tuple[str, bool] | None = None  # column and whether descending; None keeps the order of the version


def query_pairs(
    runtime: Runtime, tenant: str, table: PairTable, query: PairQuery, start: int, end: int
) -> dict[str, Any]:
    """Return the rows of a page, and the number of all rows."""
    store = runtime.store(tenant)
    catalogue = runtime.shared(Snapshots).current(store).catalogue
    chosen = np.flatnonzero(_mask(store, table, catalogue, query))
    if query.sort is not None:
        column, descending = query.sort
        values = NUMBER_COLUMNS[column](table)[chosen]
        chosen = chosen[np.argsort(-values.astype(np.float64) if descending else values, kind="stable")]
    return {"count": len(chosen), "rows": _rows(store, table, catalogue, chosen[start:end])}


def _mask(store: Store, table: PairTable, catalogue: Any, query: PairQuery) -> np.ndarray:
    mask = np.ones(len(table.pairs), bool)
    if query.contact_id:
        digest = store.tenant.contact(query.contact_id)
        found = table.contacts.index(digest) if digest in table.contacts else -1
        mask &= table.contact == found
    if query.product:
        part = query.product.casefold()
        fits = [
            part in f"{product_id}\n{record.get('name') or ''}".casefold()
            for product_id, record in zip(catalogue.ids, catalogue.records, strict=True)
        ]
        known = np.minimum(table.pairs["product"], len(fits))
        mask &= np.array([*fits, False])[known]
    for column, comparison, number in query.bounds:
        mask &= COMPARISONS[comparison](NUMBER_COLUMNS[column](table), number)
    return mask


def _rows(store: Store, table: PairTable, catalogue: Any, shown: np.ndarray) -> list[dict[str, Any]]:
    digests = [table.contacts[place] for place in table.contact[shown].tolist()]
    records = (
        [orjson.loads(record or b"{}") for record in read_arrays(store, "contacts", "", digests)] if digests else []
    )
    products = table.pairs["product"][shown].tolist()
    columns = {name: column(table)[shown].tolist() for name, column in NUMBER_COLUMNS.items()}
    rows = []
    for place, (record, product) in enumerate(zip(records, products, strict=True)):
        known = product < len(catalogue.ids)
        rows.append(
            {
                "contact_id": record.get("contact_id"),
                "contact": record.get("name") or record.get("contact_id"),
                "product_id": catalogue.ids[product] if known else None,
                "product": (catalogue.records[product].get("name") or catalogue.ids[product]) if known else None,
                **{name: values[place] for name, values in columns.items()},
            }
        )
    return rows


def name_pairs(store: Store, moves: Sequence[MultiplierMove]) -> list[tuple[str, str, MultiplierMove]]:
    """Return contact and product of each moved pair."""
    ids = read_catalogue(store).ids
    records = read_arrays(store, "contacts", "", [move.contact for move in moves])
    return [
        (orjson.loads(record or b"{}").get("contact_id", "?"), ids[move.product], move)
        for record, move in zip(records, moves, strict=True)
    ]
