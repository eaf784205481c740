"""Back up a tenant into one file, and restore it; archived versions and decisions are restored into Redis.

The weekly job and the archive cannot run meanwhile; feedback continues, and each contact is read atomically: an event
is in the file with its log entry and its record, or not at all, and its sender may send it again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dog.errors import Conflict
from dog.services.data.backup_parts import dump_found, found_keys
from dog.services.data.backup_reader import BackupFile, BackupHead
from dog.services.data.backup_writer import BackupWriter, pack_key, replacing_file
from dog.services.job_lease import Interrupted, Lease
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runner import LocalRunner, Runner
from dog.services.runtime import Runtime
from dog.storage.audit_log import record_audit_entry
from dog.storage.cold_dump import dump_cold
from dog.storage.ids import clean_slug
from dog.storage.migrations import apply_migrations, store_marks
from dog.storage.schema import begin_restore, check_schema, end_restore, mark_schema
from dog.storage.store import Store, Tenant, put_tenant, tenant_names
from dog.storage.tenant_dump import DumpedKey, drop_keys, key_class, scan_keys, split_key, write_dumped_keys

POLICY_CLASSES = frozenset({"policies", "policy", "policy_text", "from_files", "replaced"})
EMPTY_CLASSES = POLICY_CLASSES | {"audit", "head", "jobs", "fence", "lease"}
"""Classes of keys that a tenant without data may have."""
STAYING_CLASSES = frozenset({"audit", "head", "fence", "lease"})
RENEWED_KEYS = 500
"""How many keys are written between two looks at the leases."""

Report = Callable[[float], None]


def write_backup(
    runtime: Runtime,
    tenant: str,
    file: Path,
    report: Report = lambda _: None,
    *,
    passphrase: bytes | None = None,
    runner: Runner | None = None,
) -> int:
    """Write everything of a tenant except its API keys, atomically; return the number of keys.

    Only the file's owner can read it; with a passphrase it is encrypted. `runner` runs the tasks that read the keys.
    Raise `Conflict` if the weekly job or the archive is running.
    """
    store = runtime.store(tenant)
    check_schema(tenant, store_marks(store))
    runtime.shared(DecisionWriter).flush()
    with (
        _paused_jobs(runtime, store) as renew,
        replacing_file(file, passphrase) as out,
        found_keys(store) as found,
    ):
        writer = BackupWriter(out, store.tenant, runtime.clock())
        cold = dump_cold(store)
        for block in dump_found(runner or LocalRunner(runtime), store, found, renew):
            writer.write_keys(block.count, block.lines)
            report(min(1.0, writer.keys / found.count))
        for count, key in enumerate(cold, 1):
            writer.write_keys(1, pack_key(key))
            if count % RENEWED_KEYS == 0:
                renew()
        writer.write_foot()
    report(1.0)
    return writer.keys


@contextmanager
def _paused_jobs(runtime: Runtime, store: Store) -> Iterator[Callable[[], None]]:
    """Hold the leases of the jobs that change many keys; yield a function that raises if one was lost."""
    try:
        with (
            Lease(store, "recompute", runtime.stopping) as weekly,
            Lease(store, "archive", runtime.stopping) as archive,
            weekly.kept(),
            archive.kept(),
        ):

            def renew() -> None:
                weekly.renew()
                archive.renew()

            yield renew
    except Interrupted as error:
        raise Conflict(f"stopped: {error}", code="job_running") from None


def restore_backup(
    runtime: Runtime, tenant: str, file: Path, report: Report = lambda _: None, *, passphrase: bytes | None = None
) -> tuple[int, str | None]:
    """Verify a backup, restore it into a tenant without data, and return the number of keys and the active version.

    A restore that was stopped is repeated from its beginning. Data of an older schema are migrated.

    Raises
    ------
    InvalidInput
        The file is missing, damaged, forged or truncated, or the passphrase is wrong; nothing was written.
    Conflict
        The tenant has data.

    """
    clean_slug(tenant, "tenant")
    backup = BackupFile(file, passphrase)
    head = backup.verify()
    store = Store(runtime.redis, Tenant(tenant, head.secret, head.partitions))
    with _paused_jobs(runtime, store) as renew:
        _make_empty(store, file)
        write_dumped_keys(runtime.redis, tenant, _reported(backup, head, renew, report))
        mark_schema(runtime.redis, tenant, head.schema)
        apply_migrations(store, lambda *_: renew())
        put_tenant(runtime.redis, store.tenant)
        end_restore(runtime.redis, tenant)
    runtime.forget(tenant)
    record_audit_entry(runtime.redis, tenant, "tenant.restore", file.name, keys=head.keys)
    version: bytes | None = store.execute("HGET", store.keys.of("head"), "multipliers")
    return head.keys, version.decode("ascii", "replace") if version else None


def _make_empty(store: Store, file: Path) -> None:
    """Delete what a service that was started, or a restore that was stopped, left; the audit log stays."""
    tenant, redis = store.tenant.name, store.redis
    was_stopped = tenant not in tenant_names(redis) or store_marks(store).is_restoring
    if not was_stopped and not EMPTY_CLASSES.issuperset(map(_class_of, scan_keys(redis, tenant))):
        raise Conflict(
            f"tenant '{tenant}' has data; a backup is restored only into a tenant without any: "
            f"dog --tenant NEW restore {file.name}",
            code="tenant_not_empty",
        )
    begin_restore(redis, tenant)
    drop_keys(redis, (key for key in scan_keys(redis, tenant) if _class_of(key) not in STAYING_CLASSES))


def _class_of(key: bytes) -> str:
    return key_class(split_key(key)[1])


def _reported(backup: BackupFile, head: BackupHead, renew: Callable[[], None], report: Report) -> Iterator[DumpedKey]:
    reported = 0
    for number, part in backup.keys(head):
        yield part
        if number >= reported + RENEWED_KEYS or number == head.keys:
            reported = number
            renew()
            report(number / head.keys)
