"""Back up a tenant into one file, and restore it.

The file is NDJSON: a header, one line a key, and a footer with the number of keys and a SHA-256 of everything before.
The weekly job and the archive cannot run meanwhile; feedback continues, and each contact is read atomically: an event
is in the file with its log entry and its record, or not at all, and its sender may send it again.
"""

import gzip
import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Literal, cast

import orjson

from dog.core.iso_weeks import iso_time
from dog.errors import Conflict, InvalidInput
from dog.services.job_lease import Lease
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.audit_log import record_audit_entry
from dog.storage.multiplier_versions import read_versions
from dog.storage.store import Tenant, put_tenant, tenant_names
from dog.storage.tenant_dump import WRITERS, DumpedKey, drop_keys, dump_keys, key_class, tenant_keys, write_dumped_keys

FORMAT, VERSION = "dog-backup", 1
EMPTY_CLASSES = frozenset({"audit", "head", "policies", "policy", "policy_text", "replaced", "jobs", "fence", "lease"})
"""Classes of keys that a tenant without data may have."""

Report = Callable[[float], None]


def write_backup(runtime: Runtime, tenant: str, file: Path, report: Report = lambda _: None) -> int:
    """Write everything of a tenant except its API keys, atomically; return the number of keys.

    Raise `Conflict` if the weekly job or the archive is running.
    """
    store = runtime.store(tenant)
    runtime.shared(DecisionWriter).flush()
    unfinished = file.with_name(file.name + ".part")
    count = 0
    with ExitStack() as stack:
        leases = [stack.enter_context(Lease(store, name, runtime.stopping)) for name in ("recompute", "archive")]
        out = stack.enter_context(_open(unfinished, "wb", packed=file.suffix == ".gz"))
        hashed = hashlib.sha256()

        def put(line: Any) -> None:
            packed = orjson.dumps(line) + b"\n"
            hashed.update(packed)
            out.write(packed)

        put(_head(store.tenant, runtime.clock()))
        keys = tenant_keys(store.redis, tenant)
        for count, one in enumerate(dump_keys(store, keys), 1):
            values = [b64encode(value).decode() for value in one.values]
            put([one.partition, b64encode(one.name).decode(), one.kind.decode(), one.expires_ms, values])
            if count % 500 == 0:
                for lease in leases:
                    lease.renew()
                report(count / len(keys))
        put({"keys": count})
        out.write(orjson.dumps({"sha256": hashed.hexdigest()}) + b"\n")
    unfinished.replace(file)
    report(1.0)
    return count


def _head(tenant: Tenant, now_ms: int) -> dict[str, Any]:
    described = {"name": tenant.name, "secret": tenant.secret.hex(), "partitions": tenant.partition_count}
    return {"format": FORMAT, "version": VERSION, "created_at": iso_time(now_ms, "seconds"), "tenant": described}


def restore_backup(
    runtime: Runtime, tenant: str, file: Path, report: Report = lambda _: None
) -> tuple[int, str | None]:
    """Verify a backup, restore it into a tenant without data, and return the number of keys and the active version.

    Raise `InvalidInput`, with nothing written, if the file is missing, damaged or cut short; `Conflict` if the tenant
    has data.
    """
    described, count = _verify(file)
    keys = tenant_keys(runtime.redis, tenant)
    known = tenant in tenant_names(runtime.redis)
    classes = {key: key_class(key.split(b"}:", 1)[1]) for key in keys}
    if known and not EMPTY_CLASSES.issuperset(classes.values()):
        raise Conflict(
            f"tenant '{tenant}' has data; a backup is restored only into a tenant without any: "
            f"python -m dog --tenant NEW restore {file.name}",
            code="tenant_not_empty",
        )
    # left by a service that was started, or a restore that was killed; the audit log stays
    drop_keys(runtime.redis, [key for key in keys if classes[key] != "audit"])
    write_dumped_keys(runtime.redis, tenant, _reported(_lines(file), count, report))
    put_tenant(runtime.redis, Tenant(tenant, bytes.fromhex(described["secret"]), described["partitions"]))
    runtime.forget(tenant)
    record_audit_entry(runtime.redis, tenant, "tenant.restore", file.name, keys=count)
    versions = read_versions(runtime.store(tenant))
    return count, versions[0].version if versions else None


def _verify(file: Path) -> tuple[dict[str, Any], int]:
    """Verify the whole file; return the tenant's fields and the number of keys."""
    hashed, lines, count = hashlib.sha256(), _raw(file), 0
    first = next(lines, b"")
    head = _parsed(file, first)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise _damaged(file, "it is no backup of DOG")
    if head.get("version") != VERSION:
        raise _damaged(file, f"it has version {head.get('version')}; this release reads version {VERSION}")
    hashed.update(first)
    foot: Any = None
    for line in lines:
        parsed = _parsed(file, line)
        if isinstance(parsed, dict) and "sha256" in parsed:
            if parsed["sha256"] != hashed.hexdigest():
                raise _damaged(file, "its contents do not match their SHA-256")
            if next(lines, None) is not None or not isinstance(foot, dict) or foot.get("keys") != count:
                raise _damaged(file, "it does not hold as many keys as it says")
            return dict(head["tenant"]), count
        hashed.update(line)
        foot = parsed
        if isinstance(parsed, list):
            _dumped_key(file, parsed)
            count += 1
    raise _damaged(file, "it ends before its foot: it was cut short")


def _lines(file: Path) -> Iterator[DumpedKey]:
    for line in _raw(file):
        parsed = _parsed(file, line)
        if isinstance(parsed, list):
            yield _dumped_key(file, parsed)


def _dumped_key(file: Path, line: list[Any]) -> DumpedKey:
    try:
        partition, name, kind, expires_ms, values = line
        found = DumpedKey(
            partition=partition,
            name=b64decode(name),
            kind=kind.encode(),
            expires_ms=expires_ms,
            values=[b64decode(value) for value in values],
        )
    except (ValueError, TypeError, AttributeError):
        raise _damaged(file, "a line is no key") from None
    if found.kind not in WRITERS or not key_class(found.name):
        raise _damaged(file, f"it holds a key that this release does not know: {found.name[:40]!r}")
    return found


def _raw(file: Path) -> Iterator[bytes]:
    try:
        with _open(file, "rb", packed=file.suffix == ".gz") as lines:
            yield from lines
    except FileNotFoundError:
        raise InvalidInput(f"{file} is not there") from None
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(file, str(error)) from None


def _parsed(file: Path, line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _damaged(file, "a line is no JSON") from None


def _damaged(file: Path, why: str) -> InvalidInput:
    return InvalidInput(f"{file} cannot be restored: {why}; nothing was written", code="damaged_backup")


def _open(file: Path, mode: Literal["rb", "wb"], *, packed: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(file, mode, compresslevel=1) if packed else file.open(mode))


def _reported(keys: Iterator[DumpedKey], count: int, report: Report) -> Iterator[DumpedKey]:
    for done, one in enumerate(keys, 1):
        yield one
        if done % 500 == 0 or done == count:
            report(done / count)
