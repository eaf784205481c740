"""When the weekly job `meta` is due; light, since the scheduler asks for every tenant."""

from dog.core.iso_weeks import DAY_MS, week_end_ms, week_of
from dog.core.policy.policy_settings import START
from dog.models.start.fit_start import MOST_CONTACTS
from dog.offline.history.read_purchases import read_purchases
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_models
from dog.storage.job_log import list_jobs
from dog.storage.multiplier_versions import due_weeks
from dog.storage.start_models import put_checked, read_checked
from dog.storage.store import Store

META = "meta"
LEAST_CONTACTS = 30
"""Contacts with purchases or wins from which on the first run is due."""


def is_meta_due(runtime: Runtime, store: Store) -> bool:
    """Return whether there is something new to learn from.

    The first time: as soon as 30 contacts have bought or won something. Then once a week, after the week's recompute
    (but no later than a day: the week may be held), if anything was bought or won since; that it was not is recorded,
    so that it is looked up once a week. A run that failed is tried again a day later.
    """
    now_ms, known = runtime.clock(), read_models(store).get(START, {})
    if "made_at_ms" not in known:
        return _has_enough(store) and not _ran_lately(store, now_ms)
    zone = runtime.settings.zone
    this_week_ms = week_end_ms(week_of(now_ms, zone) - 1, zone)
    if max(known["made_at_ms"], read_checked(store)) >= this_week_ms:
        return False
    if due_weeks(store, now_ms, zone) and now_ms < this_week_ms + DAY_MS:
        return False
    if read_purchases(store, MOST_CONTACTS).fingerprint == known.get("data"):
        put_checked(store, now_ms)
        return False
    return not _ran_lately(store, now_ms)


def _has_enough(store: Store) -> bool:
    if sum(store.in_partitions("HLEN", "transactions")) >= LEAST_CONTACTS:
        return True
    if not any(store.in_partitions("SCARD", "logged")):
        return False
    return len(read_purchases(store, LEAST_CONTACTS).records) >= LEAST_CONTACTS


def _ran_lately(store: Store, now_ms: int) -> bool:
    return any(job.name == META and job.created_at_ms > now_ms - DAY_MS for job in list_jobs(store))
