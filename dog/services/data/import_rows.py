"""Import rows of products, contacts, scores and transactions; each row is accepted, a duplicate, or rejected.

Rows of a chunk are validated one by one and written together; a rejected row does not affect the others. Importing the
same rows again changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from typing import Any

import numpy as np

from dog.core.records import CONTACT_LEVEL, SCORES
from dog.errors import InvalidInput
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.row_values import (
    ACCEPTED,
    DUPLICATE,
    ERASED_ROW,
    RowOutcome,
    parse_attributes,
    parse_contact_attributes,
    parse_day,
    parse_number,
    parse_row_time,
    refuse_columns,
    refuse_computed,
)
from dog.services.data.unknown_rows import find_unknown_rows
from dog.storage import catalogue, contacts
from dog.storage.catalogue import read_models, record_attributes
from dog.storage.erasure import find_erased
from dog.storage.event_log import Status
from dog.storage.ids import clean_id, clean_optional_id, clean_slug
from dog.storage.model_dates import record_scores
from dog.storage.name_counts import count_unknown_names
from dog.storage.purchase_counts import write_transactions
from dog.storage.store import Store
from dog.storage.tenant_settings import read_unknown_setting

CHUNK_ROWS = 10_000
MAX_MODELS = 64
SCORE_COLUMNS = frozenset(FILE_COLUMNS["scores"].names)
LARGEST_SCORE = 1e30
"""Scores are stored as 32-bit floats."""

Rows = Sequence[Mapping[str, Any]]


def import_rows(store: Store, kind: str, rows: Rows, zone: tzinfo) -> list[RowOutcome]:
    """Import at most 10,000 rows of a kind of `IMPORTS`, and return one result a row, in their order.

    `zone` is the time zone of times without offset.
    """
    erased = set() if kind == "products" else find_erased(store, _contact_ids(rows))
    withheld = {place: ERASED_ROW for place, row in enumerate(rows) if _is_in(erased, row)} if erased else {}
    unknown = find_unknown_rows(store, kind, rows)
    if unknown:
        count_unknown_names(store, Counter((one.kind, one.name) for one in unknown.values()))
        if read_unknown_setting(store) == "refuse":
            refused = {place: RowOutcome(Status.REJECTED, one.code, one.message) for place, one in unknown.items()}
            withheld = refused | withheld
    if not withheld and not unknown:
        return IMPORTS[kind](store, rows, zone)
    kept = [row for place, row in enumerate(rows) if place not in withheld]
    imported = iter(IMPORTS[kind](store, kept, zone))
    results = [withheld[place] if place in withheld else next(imported) for place in range(len(rows))]
    for place, one in unknown.items():
        if results[place].status is not Status.REJECTED:
            results[place] = replace(results[place], warning=one)
    return results


def _is_in(erased: set[Any], row: Mapping[str, Any]) -> bool:
    contact_id = row.get("contact_id")
    return isinstance(contact_id, str | int | float) and contact_id in erased


def _contact_ids(rows: Rows) -> set[Any]:
    """Return the valid ids of contacts as they stand in the rows; rows with others are rejected later."""
    found = set()
    for contact_id in {row["contact_id"] for row in rows if isinstance(row.get("contact_id"), str | int | float)}:
        with suppress(InvalidInput):
            clean_id(contact_id, "contact_id")
            found.add(contact_id)
    return found


def _checked(rows: Rows, read: Callable[[Mapping[str, Any]], Any]) -> tuple[list[RowOutcome], dict[int, Any]]:
    results, read_rows = [ACCEPTED] * len(rows), {}
    for index, row in enumerate(rows):
        try:
            read_rows[index] = read(row)
        except InvalidInput as error:
            results[index] = RowOutcome(Status.REJECTED, error.code, error.message)
    return results, read_rows


def _import_products(store: Store, rows: Rows, zone: tzinfo) -> list[RowOutcome]:
    known = catalogue.read_catalogue(store)

    def read(row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        product_id = clean_id(row.get("product_id"), "product_id")
        record = parse_attributes(row, {"product_id"})
        if "value" in record:
            record["value"] = parse_number(record["value"], "value")
        for name in ("active_from", "active_to"):
            if name in record:
                record[name] = parse_day(record[name], name, zone)
        return product_id, record

    results, products = _checked(rows, read)
    new: dict[str, dict[str, Any]] = {}
    for index, (product_id, record) in products.items():
        if new.get(product_id, known.row(product_id)) == record:
            results[index] = DUPLICATE
        else:
            new[product_id] = record
    if new:
        record_attributes(store, "product", new.values())
        catalogue.put_products(store, list(new.items()))
    return results


def _import_contacts(store: Store, rows: Rows, zone: tzinfo) -> list[RowOutcome]:  # noqa: ARG001  # same signature for all kinds
    def read(row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        contact_id = clean_id(row.get("contact_id"), "contact_id")
        return contact_id, {"contact_id": contact_id, **parse_contact_attributes(row)}

    results, read_rows = _checked(rows, read)
    stored = contacts.read_records(store, [contact_id for contact_id, _ in read_rows.values()])
    new: dict[str, dict[str, Any]] = {}
    for index, (contact_id, record) in read_rows.items():
        if new.get(contact_id, stored.get(contact_id)) == record:
            results[index] = DUPLICATE
        else:
            new[contact_id] = record
    record_attributes(
        store, "contact", [{k: v for k, v in record.items() if k != "contact_id"} for record in new.values()]
    )
    contacts.put_contacts(store, new)
    return results


def _import_scores(store: Store, rows: Rows, zone: tzinfo) -> list[RowOutcome]:
    known_models = set(read_models(store))

    def read(row: Mapping[str, Any]) -> tuple[str, bytes, str, float, int, int | None]:
        refuse_columns(row, SCORE_COLUMNS)
        contact_id = clean_id(row.get("contact_id"), "contact_id")
        model = clean_slug(clean_id(row.get("model"), "model"), "model")
        refuse_computed(model)
        if model not in known_models and len(known_models) >= MAX_MODELS:
            raise InvalidInput(f"model '{model}' would be one more than {MAX_MODELS}", code="too_many_models")
        known_models.add(model)
        score = parse_number(row.get("score"), "score")
        if abs(score) > LARGEST_SCORE:
            raise InvalidInput(f"score must lie within +-{LARGEST_SCORE:g}", code="invalid_row")
        as_of = parse_row_time(row.get("as_of"), "as_of", zone)
        trained_until = row.get("trained_until")
        return (
            model,
            store.tenant.contact(contact_id),
            clean_optional_id(row.get("product_id"), "product_id") or "",
            score,
            as_of,
            None if trained_until in (None, "") else parse_row_time(trained_until, "trained_until", zone),
        )

    results, scores = _checked(rows, read)
    numbers = _number_unknown(store, {row[2] for row in scores.values()} - {""})
    groups: dict[str, dict[bytes, list[int]]] = {}
    for index, (model, contact, *_) in scores.items():
        groups.setdefault(model, {}).setdefault(contact, []).append(index)
    for model, by_contact in groups.items():
        stored = contacts.read_arrays(store, "scores", model, list(by_contact))
        merged = {}
        for (contact, indices), packed in zip(by_contact.items(), stored, strict=True):
            news = [(index, numbers.get(scores[index][2], CONTACT_LEVEL), *scores[index][3:5]) for index in indices]
            changed = _merge_scores(packed, news, results)
            if changed is not None:
                merged[contact] = changed
        contacts.write_arrays(store, "scores", model, merged)
        taken = [
            index for indices in by_contact.values() for index in indices if results[index].status != Status.REJECTED
        ]
        as_of = max((scores[index][4] for index in taken if results[index] is ACCEPTED), default=None)
        trained_until = max((at for index in taken if (at := scores[index][5]) is not None), default=None)
        if as_of is not None or trained_until is not None:
            record_scores(store, model, as_of, trained_until)
    return results


def _merge_scores(
    packed: bytes | None, news: Sequence[tuple[int, int, float, int]], results: list[RowOutcome]
) -> bytes | None:
    """Merge new scores of a contact: a newer as_of replaces all, an equal one adds, an older one is rejected."""
    as_of, stored = contacts.unpack_scores(packed) if packed else (-1, np.zeros(0, SCORES))
    current = dict(zip(stored["product"].tolist(), stored["score"].tolist(), strict=True))
    changed = False
    for index, product, score, at in news:
        value = float(np.float32(score))
        if at < as_of:
            results[index] = RowOutcome(
                Status.REJECTED, "stale_score", "as_of is older than the stored scores of this model and contact"
            )
        elif at == as_of and current.get(product) == value:
            results[index] = DUPLICATE
        else:
            if at > as_of:
                as_of, current = at, {}
            current[product] = value
            changed = True
    if not changed:
        return None
    array = np.array(sorted(current.items()), dtype=[("product", "<i8"), ("score", "<f8")]).astype(SCORES)
    return contacts.pack_scores(as_of, array)


def _import_transactions(store: Store, rows: Rows, zone: tzinfo) -> list[RowOutcome]:
    def read(row: Mapping[str, Any]) -> tuple[str, str, int, float, float]:
        return (
            clean_id(row.get("contact_id"), "contact_id"),
            clean_id(row.get("product_id"), "product_id"),
            parse_row_time(row.get("occurred_at"), "occurred_at", zone) // 1000,
            parse_number(row.get("quantity", 1), "quantity"),
            parse_number(row.get("amount", 0), "amount"),
        )

    results, read_rows = _checked(rows, read)
    numbers = _number_unknown(store, {row[1] for row in read_rows.values()})
    by_contact: dict[bytes, list[int]] = {}
    digests = {contact_id: store.tenant.contact(contact_id) for contact_id in {row[0] for row in read_rows.values()}}
    for index, row in read_rows.items():
        by_contact.setdefault(digests[row[0]], []).append(index)
    stored = contacts.read_arrays(store, "transactions", "", list(by_contact))
    merged = {}
    for (contact, indices), packed in zip(by_contact.items(), stored, strict=True):
        old = np.frombuffer(packed or b"", contacts.TRANSACTIONS)
        seen = set(zip(old["product"].tolist(), old["at"].tolist(), strict=True))
        new = []
        for index in indices:
            _, product_id, at, quantity, amount = read_rows[index]
            key = (numbers[product_id], at)
            if key in seen:
                results[index] = DUPLICATE
                continue
            seen.add(key)
            new.append((*key, quantity, amount))
        if new:
            merged[contact] = (packed or b"") + np.array(new, contacts.TRANSACTIONS).tobytes()
    write_transactions(store, merged)
    contacts.ensure_contacts(store, digests)
    return results


IMPORTS: dict[str, Callable[[Store, Rows, tzinfo], list[RowOutcome]]] = {
    "products": _import_products,
    "contacts": _import_contacts,
    "scores": _import_scores,
    "transactions": _import_transactions,
}


def _number_unknown(store: Store, product_ids: set[str]) -> Mapping[str, int]:
    known = catalogue.read_catalogue(store).numbers
    unknown = sorted(product_ids - known.keys())
    if not unknown:
        return known
    return {**known, **dict(zip(unknown, catalogue.number_products(store, unknown), strict=True))}
