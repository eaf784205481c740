"""Findings of `doctor` about the sources of `dog.toml`: when each was last read, and what went wrong."""

from collections.abc import Iterator

from dog.core.iso_weeks import iso_time
from dog.services.operations.diagnose import Finding
from dog.storage.source_places import read_source_places
from dog.storage.store import Store


def check_sources(store: Store) -> Iterator[Finding]:
    """Report each source that was read under a name."""
    for name, place in read_source_places(store).items():
        if ":" in name:  # one that no dog.toml names
            continue
        read = f"last read {iso_time(place.succeeded_at_ms, 'seconds')}" if place.succeeded_at_ms else "never read"
        if place.failure is not None:
            fix = f"fix it, then run: dog jobs --tenant {store.tenant.name} sync {name} --map dog.toml"
            yield Finding(f"source {name}", f"{read}; then it failed: {place.failure}", ok=False, fix=fix)
        else:
            rejected = f"; {place.rejected:,} rows were rejected" if place.rejected else ""
            yield Finding(f"source {name}", read + rejected)
