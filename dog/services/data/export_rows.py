"""Export rows to files: products, contacts, scores and feedback as `load` reads them; decisions and multipliers."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dog.services.data.export_parts import PARTED, export_parts, inexact_columns, with_attributes
from dog.services.data.table_files import write_table
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runner import LocalRunner, Runner
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_attributes, read_catalogue
from dog.storage.every_decision import every_decision
from dog.storage.store import Store

PRODUCTS = ("product_id", "name", "category", "value", "active_from", "active_to")
DECISIONS = (
    "decision_id",
    "contact_id",
    "generated_at",
    "lap",
    "policy",
    "policy_version",
    "multiplier_version",
    "rank",
    "product_id",
    "score",
    "account",
    "product",
    "time",
    "channel",
    "rationale",
    "variant",
    "propensity",
)
NUMBERS = frozenset({"value", "score", "lap", "rank", "propensity"})

Rows = Iterator[tuple[float, dict[str, Any]]]
"""Rows, each with the share of all rows that has been read."""


def export_rows(
    runtime: Runtime,
    tenant: str,
    kind: str,
    file: Path,
    policy: str | None = None,
    report: Callable[[float], None] = lambda _: None,
    runner: Runner | None = None,
) -> tuple[int, int]:
    """Write all rows of a kind to a file, atomically; `policy` selects multipliers.

    `runner` runs the tasks of the kinds that are exported by parts; this process alone reads archived weeks that are
    not where DOG_ARCHIVE says.

    Return how many rows were written, and how many were left out because only a hash of their contact is known.
    Raise `InvalidInput` if the suffix of the file is unknown, `NotFound` if the tenant or the policy is.
    """
    store = runtime.store(tenant)
    if kind in PARTED:
        if runner is None or (kind == "feedback" and _is_archive_local(store)):
            runner = LocalRunner(runtime)
        return export_parts(runner, runtime, store, kind, file, policy, report)
    columns, rows = ROWS[kind](runtime, store)
    numbers = NUMBERS | (_number_attributes(runtime, store) if file.suffix == ".parquet" else set())
    written = nameless = 0
    with write_table(file, columns, numbers & set(columns)) as add:
        for share, row in rows:
            if kind != "products" and row.get("contact_id") is None:
                nameless += 1
                continue
            add(row)
            written += 1
            if written % 1000 == 0:
                report(share)
    report(1.0)
    return written, nameless


def _is_archive_local(store: Store) -> bool:
    """Return whether archived weeks are in the default folder, which other machines do not have."""
    return not store.archive.takes_cold and any(store.archive.folders())


def _number_attributes(runtime: Runtime, store: Store) -> set[str]:
    """Return the attributes of products that hold only numbers: a Parquet column has one type."""
    numbers = {name for name, of in read_attributes(store)[0].items() if of == "number"}
    return numbers - inexact_columns(numbers, (row for _, row in _products(runtime, store)[1]))


def _products(runtime: Runtime, store: Store) -> tuple[list[str], Rows]:  # noqa: ARG001  # same signature for all kinds
    catalogue = read_catalogue(store)
    rows = (
        (0.0, {**record, "product_id": product})
        for number, (product, record) in enumerate(zip(catalogue.ids, catalogue.records, strict=True))
        if number not in catalogue.without_row
    )
    return with_attributes(PRODUCTS, read_attributes(store)[0]), rows


def _decisions(runtime: Runtime, store: Store) -> tuple[list[str], Rows]:
    runtime.shared(DecisionWriter).flush()

    def rows() -> Rows:
        for share, content in every_decision(store):
            for item in content["items"]:
                row = {**content, **item["attributes"], **item}
                yield share, {name: row.get(name) for name in DECISIONS}

    return list(DECISIONS), rows()


ROWS: Mapping[str, Callable[[Runtime, Store], tuple[list[str], Rows]]] = {
    "products": _products,
    "decisions": _decisions,
}
EXPORTS = ("products", "contacts", "scores", "feedback", "decisions", "multipliers")
"""All kinds; those of `PARTED` by tasks over partitions, the others row by row in this process."""
