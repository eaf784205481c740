"""Migrations: a step from each schema to the next, in place, that can be stopped anywhere and continues later.

A step is a function of a store and a place: the number of a partition, or None for the keys of the whole tenant, which
come last. It changes all keys of the place. A process that is killed repeats the place that it was at, so that a step
must accept a place of which any part is changed already. To change the format, write a step here, add it to
`MIGRATIONS`, raise `SCHEMA`, and keep a data folder of the release before (tests/storage/kept_data).
"""

from collections.abc import Callable
from time import time_ns

from dog.storage.contact_lists import LISTED_FROM
from dog.storage.schema import SCHEMA, Marks, mark_migrated, mark_schema, read_marks
from dog.storage.store import Store

Step = Callable[[Store, int | None], None]
Report = Callable[[int, float], None]


def list_by_contact(store: Store, place: int | None) -> None:
    """Note from when on decisions and claims of event ids are listed with their contacts."""
    if place is None:
        store.execute("HSETNX", store.keys.of("head"), LISTED_FROM, time_ns() // 1_000_000)


def leave_scores(_store: Store, _place: int | None) -> None:
    """Change nothing: scores are packed narrower when they are next written, which older releases cannot read."""


MIGRATIONS: dict[int, Step] = {2: list_by_contact, 3: leave_scores}
"""Each step, by the schema that it makes. A release keeps at least the one to its own schema."""


def apply_migrations(store: Store, report: Report = lambda *_: None) -> None:
    """Apply the missing steps to a tenant that no other process uses; report schema and share done after each place."""
    places = [*range(store.tenant.partition_count), None]
    while not (marks := store_marks(store)).is_current:
        if marks.migrated_places is None:
            mark_migrated(store.redis, store.tenant.name, marks.schema + 1, 0)
            continue
        step = MIGRATIONS[marks.schema]
        for done in range(marks.migrated_places, len(places)):
            step(store, places[done])
            mark_migrated(store.redis, store.tenant.name, marks.schema, done + 1)
            report(marks.schema, (done + 1) / len(places))
        if marks.schema == SCHEMA:
            mark_schema(store.redis, store.tenant.name, SCHEMA)
        else:
            mark_migrated(store.redis, store.tenant.name, marks.schema + 1, 0)


def store_marks(store: Store) -> Marks:
    """Read the marks of a store's tenant."""
    return read_marks(store.redis, [store.tenant.name])[0]
