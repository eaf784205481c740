"""Files that are loaded, and what a tenant looks like from outside and inside: for the tests of loads."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dog.services.data.export_rows import export_rows
from dog.services.data.load_file import LoadedFile, load_file
from dog.services.runtime import Runtime
from dog.storage.connection import Redis
from dog.storage.tenant_dump import dump_keys
from tests.tenant_keys import tenant_keys

KINDS = ("products", "contacts", "scores", "feedback")


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write rows as CSV, the columns in the order in which they first come."""
    found = list(rows)
    columns = list(dict.fromkeys(name for row in found for name in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(found)
    return path


def load(runtime: Runtime, folder: Path, kind: str, *rows: Mapping[str, Any]) -> LoadedFile:
    """Load rows as a file of the tenant `default`."""
    return load_file(runtime, "default", kind, write_rows(folder / f"{kind}.csv", rows))


def exported(runtime: Runtime, folder: Path) -> dict[str, bytes]:
    """Return all exports of the tenant `default`."""
    files = {kind: folder / f"exported-{kind}.csv" for kind in KINDS}
    for kind, path in files.items():
        export_rows(runtime, "default", kind, path)
    return {kind: path.read_bytes() for kind, path in files.items()}


def event(event_id: str, kind: str = "pitch", contact: str = "c1", product: str = "p1", **more: Any) -> dict[str, Any]:
    """Return a row of feedback."""
    row = {"event_id": event_id, "type": kind, "contact_id": contact, "product_id": product}
    return row | {"occurred_at": "2026-11-18T10:00:00Z"} | more


def dumped(redis: Redis, runtime: Runtime) -> Mapping[bytes, tuple[bytes, frozenset[bytes]]]:
    """Return every key of the server and, in any order, what the tenant's hold."""
    store = runtime.store("default")
    found: dict[bytes, tuple[bytes, frozenset[bytes]]] = {
        key: (b"", frozenset()) for key in redis.scan_iter("*", count=1000)
    }
    for one in dump_keys(store, tenant_keys(redis, "default")):
        found[b"%r %b" % (one.partition, one.name)] = one.kind, frozenset(one.values)
    return found
