"""Read the sources of a `dog.toml`: one after the other, each in one process at a time, each on from where it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import orjson

from dog.errors import Conflict, DogError, StoreError
from dog.log import log
from dog.services.data.load_file import LoadedFile, load_source
from dog.services.data.mapping.load_map import read_load_map
from dog.services.data.mapping.map_entries import SourceEntry, parse_period
from dog.services.data.sources.database import Database
from dog.services.data.sources.query_source import QuerySource, open_query
from dog.services.job_lease import Interrupted, Lease, release_dead
from dog.services.runtime import Runtime
from dog.storage.source_places import keep_source_success, note_source_failure, read_source_place

Report = Callable[[str], object]
UNNAMED = ":"
"""What the name has of a source that no `dog.toml` names."""
TENANT = "{tenant}"
"""The place of a tenant's name in the path of DOG_SYNC_MAP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncedSource:
    """The result of reading one source: its rows, or why it could not be read."""

    name: str
    loaded: LoadedFile | None = None
    failure: str | None = None


def load_query(runtime: Runtime, tenant: str, entry: SourceEntry, folder: Path, report: Report) -> LoadedFile:
    """Load the rows of a source that has no name: with a cursor, those that are not loaded yet.

    Its rejected rows go to a file in `folder`.
    """
    store = runtime.store(tenant, create=True)
    told = orjson.dumps([Database(entry.url).name, entry.query, entry.cursor])
    name = f"{entry.kind}{UNNAMED}{blake2b(told, digest_size=8).hexdigest()}"
    rejected, table = folder / f"{entry.kind}.rejected.csv", f"files.{entry.kind}"
    with open_query(store, name, entry, rejected, table=table) as source:
        return _load(runtime, tenant, source, lambda _: report(f"{source.rows_read:,} rows"))


def sync_source(
    runtime: Runtime, tenant: str, name: str, entry: SourceEntry, report: Report = lambda _: None
) -> LoadedFile:
    """Load the rows of a source that are not loaded yet; `report` is called with how many were read.

    Raises
    ------
    Conflict
        Another process reads it.
    InvalidInput, NotReady
        It cannot be read.

    """
    store = runtime.store(tenant, create=True)
    rejected = runtime.settings.data_dir / "rejected" / tenant / f"{name}.rejected.csv"
    release_dead(store, f"sync-{name}")
    with Lease(store, f"sync-{name}", runtime.stopping) as lease, lease.kept():

        def stored(_: float) -> None:
            lease.renew()
            report(f"{name}, {source.rows_read:,} rows")

        try:
            with open_query(store, name, entry, rejected) as source:
                return _load(runtime, tenant, source, stored)
        except StoreError:
            raise
        except DogError as error:
            note_source_failure(store, name, error.message, runtime.clock())
            raise


def _load(runtime: Runtime, tenant: str, source: QuerySource, report: Callable[[float], object]) -> LoadedFile:
    """Load the rows of a source; where it was never read and no row was accepted, the next load starts again."""
    began = source.place
    loaded = load_source(runtime, tenant, source, report)
    starts_again = began.value is None and loaded.counts.rejected == loaded.counts.total
    place = began if starts_again else source.end()
    keep_source_success(source.store, source.name, place, loaded.counts.rejected, runtime.clock())
    if starts_again and loaded.counts.total:
        return replace(loaded, notes=[*loaded.notes, "no row was accepted, so the next load reads them all again"])
    return loaded


def sync_sources(
    runtime: Runtime, tenant: str, sources: Mapping[str, SourceEntry], report: Report = lambda _: None
) -> list[SyncedSource]:
    """Read sources in their order; one that cannot be read does not stop the others."""
    found = []
    for name, entry in sources.items():
        try:
            loaded = sync_source(runtime, tenant, name, entry, report)
            found.append(SyncedSource(name=name, loaded=loaded))
        except StoreError:
            raise
        except (DogError, Interrupted) as error:
            found.append(SyncedSource(name=name, failure=str(error)))
    return found


def sync_due(runtime: Runtime, tenant: str) -> None:
    """Read the sources of DOG_SYNC_MAP whose time has come; the results are logged and kept."""
    for name, entry in due_sources(runtime, tenant).items():
        try:
            counts = sync_source(runtime, tenant, name, entry).counts
        except StoreError:
            raise
        except Conflict:  # another process reads it
            continue
        except DogError as error:
            log.warning("sync_failed", source=name, tenant=tenant, reason=error.message)
            continue
        if counts.rejected:
            log.warning("sync_rejected_rows", source=name, tenant=tenant, rejected=counts.rejected)


def due_sources(runtime: Runtime, tenant: str) -> dict[str, SourceEntry]:
    """Return the sources of DOG_SYNC_MAP whose time has come: those with `every` that were not tried for so long."""
    path = sync_map(runtime, tenant)
    if path is None:
        return {}
    store, now_ms = runtime.store(tenant, create=True), runtime.clock()
    timed = [(name, entry) for name, entry in read_load_map(path).sources.items() if entry.every]
    return {
        name: entry
        for name, entry in timed
        if now_ms - read_source_place(store, name).tried_at_ms >= parse_period(str(entry.every)) * 1000
    }


def sync_map(runtime: Runtime, tenant: str) -> Path | None:
    """Return the `dog.toml` of DOG_SYNC_MAP for a tenant; None where it has none."""
    stated = runtime.settings.sync_map
    if stated is None or (TENANT not in stated and tenant != "default"):
        return None
    path = Path(stated.replace(TENANT, tenant))
    return path if TENANT not in stated or path.is_file() else None
