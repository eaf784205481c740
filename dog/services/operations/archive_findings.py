"""Finding of `doctor` about the archive: whether it can be written and read, and what is in it."""

import secrets
from collections.abc import Iterator
from time import perf_counter

from dog.config import masked
from dog.errors import ArchiveUnavailable
from dog.services.operations.diagnose import Finding
from dog.services.runtime import Runtime
from dog.storage.cold_data import read_segments
from dog.storage.store import Store


def check_archive(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Write, read and remove a small file; report archived weeks that were left under the data folder."""
    root, before = runtime.settings.archive, runtime.settings.data_dir / "archive" / store.tenant.name
    place = masked(root) if root else str(before.parent)
    cold = read_segments(store)
    if root is None and any(cold.all()):
        says = "DOG_ARCHIVE is not set, and decisions or versions are archived"
        yield Finding("archive", says, ok=False, fix="set DOG_ARCHIVE as it was")
    elif root is None:
        yield Finding("archive", f"archived weeks go to {place}; decisions and versions stay in Redis (DOG_ARCHIVE)")
    else:
        held = f"{cold.decision_count:,} decisions, arrays of {len(cold.versions)} versions, {cold.size:,} bytes"
        yield _probe(store, f"{place}: {held}")
    if root is not None and before.is_dir() and any(before.iterdir()):
        fix = f"copy the contents of {before.parent} into DOG_ARCHIVE, and remove them there"
        yield Finding("archived weeks", f"some are left in {before}", ok=False, fix=fix)


def _probe(store: Store, says: str) -> Finding:
    name, content, began = f"probe/{secrets.token_hex(8)}", secrets.token_bytes(1024), perf_counter()
    try:
        store.archive.put(name, content)
        same = store.archive.read(name) == content
        store.archive.remove([name])
    except ArchiveUnavailable as error:
        fix = "let every process write and read there; lists and feedback continue meanwhile"
        return Finding("archive", error.message, ok=False, fix=fix)
    if not same:
        return Finding("archive", f"{says}; it returns other bytes than it was sent", ok=False, fix="replace it")
    return Finding(
        "archive", f"{says}; a file was written, read and removed in {1000 * (perf_counter() - began):.0f} ms"
    )
