"""Check a tenant: settings, Redis, data, feedback, speed; report faults and how to correct them."""

from collections.abc import Collection, Iterator
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from dog.config import Settings
from dog.core.iso_weeks import format_week, iso_time, week_of
from dog.core.policy.policy_settings import START
from dog.errors import NotFound
from dog.services.feedback.actor_shares import largest_shares
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.operations.archive_findings import check_archive
from dog.services.operations.consolidation_findings import describe_consolidations
from dog.services.operations.dask_findings import check_dask
from dog.services.operations.diagnose import Finding, diagnose_empty_lists, diagnose_feedback_effect, diagnose_latency
from dog.services.operations.key_sizes import forecast_log_size, measure_keys
from dog.services.operations.source_findings import check_sources
from dog.services.operations.start_findings import check_start
from dog.services.operations.unknown_findings import check_unknown_names
from dog.services.operations.webhooks import MAX_ATTEMPTS, list_pending_messages
from dog.services.policies.policy_store import refused_policy_files
from dog.services.publishing.recursion_outlook import read_outlook
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import describe_late
from dog.storage.catalogue import read_models
from dog.storage.connection import primaries, store_errors
from dog.storage.consolidation_fits import read_loads
from dog.storage.multiplier_versions import due_weeks
from dog.storage.store import Store
from dog.storage.webhook_config import read_webhook

PUBLISH = "dog policy publish FILE"


def run_doctor(runtime: Runtime, tenant: str) -> list[Finding]:
    """Check everything that a deployment needs, in the order in which it is needed."""
    findings = [_settings(runtime.settings), *_redis(runtime)]
    try:
        store = runtime.store(tenant)
    except NotFound as error:
        return [
            *findings,
            Finding("tenant", error.message, ok=False, fix=f"dog --tenant {tenant} keys create"),
        ]
    findings += [
        Finding(
            "policy file",
            f"{path}: {why}",
            ok=False,
            fix=f"fix it, dog policy check {path}, restart the service",
        )
        for path, why in refused_policy_files(store, runtime.settings.policy_dir, runtime.today()).items()
    ]
    findings += _data(runtime, store)
    for question in (diagnose_empty_lists, diagnose_feedback_effect, diagnose_latency):
        findings += question(runtime, store)
    findings += check_unknown_names(runtime, store)
    findings += check_sources(store)
    findings += check_dask(runtime, store)
    findings += check_archive(runtime, store)
    findings += check_webhook(runtime, store)
    findings += _recursions(runtime, store)
    findings += _actors(runtime, store)
    findings += _keys(runtime, store)
    return findings


def run_doctor_without_redis(settings: Settings, why: str) -> list[Finding]:
    """Report what can be checked without Redis."""
    if settings.redis_url is None:
        fix = f"look into the embedded server's log and for room on the disk: {settings.data_dir / 'redis'}"
    else:
        fix = "start that Redis, or fix DOG_REDIS_URL, then run doctor again; the services need no restart"
    return [_settings(settings), Finding("server", why, ok=False, fix=fix)]


def _settings(settings: Settings) -> Finding:
    return Finding("settings", ", ".join(f"{name}={value}" for name, value in settings.shown().items()))


def _redis(runtime: Runtime) -> Iterator[Finding]:
    with store_errors():
        servers: list[dict[str, Any]] = [server.info() for server in primaries(runtime.redis)]
    for server in servers:
        yield from _server(server)
    yield Finding("durability", runtime.durability.profile, fix=runtime.durability.shortfall)


def _server(server: dict[str, Any]) -> Iterator[Finding]:
    version = server.get("valkey_version") or server.get("redis_version")
    most = server.get("maxmemory", 0)
    used = (
        f"{server['used_memory']:,} of {most:,} bytes used"
        if most
        else f"{server['used_memory']:,} bytes used, no maxmemory"
    )
    yield Finding("server", f"{server.get('server_name', 'redis')} {version}, {used}")
    kept = bool(server.get("aof_enabled"))
    yield Finding(
        "persistence",
        "append-only file on" if kept else "append-only file off: feedback would be lost",
        ok=kept,
        fix=None if kept else "CONFIG SET appendonly yes, and appendonly yes in its configuration file",
    )
    eviction = server.get("maxmemory_policy", "noeviction")
    safe = eviction == "noeviction"
    fix = None if safe else "CONFIG SET maxmemory-policy noeviction"
    yield Finding("eviction", f"maxmemory-policy {eviction}", ok=safe, fix=fix)


def _data(runtime: Runtime, store: Store) -> Iterator[Finding]:
    snapshot = runtime.shared(Snapshots).current(store)
    products = len(snapshot.catalogue) - len(snapshot.catalogue.without_row)
    missing = None if products else "dog load products FILE"
    yield Finding("products", f"{products:,}", ok=products > 0, fix=missing)
    models, loads = read_models(store), read_loads(store)
    yield from _policies(snapshot, models)
    for name in (name for name in models if name != START):
        used = any(name in active.policy.models for active in snapshot.policies.values())
        says = f"{load.count if (load := loads.of(name)) else 0:,} scores when last calibrated"
        fix = None if used else f"add it to [models] of a policy file: {name} = {{weight = 1}}; then {PUBLISH}"
        yield Finding(f"model {name}", says if used else f"{says}; no active policy uses it", ok=used, fix=fix)
    active = {name: one.policy for name, one in snapshot.policies.items()}
    yield check_start(store, models.get(START), active.values())
    for name, says, fix in describe_consolidations(active, snapshot.consolidations.fits):
        yield Finding(f"consolidation of {name}", says, ok=fix is None, fix=fix)
    due = due_weeks(store, runtime.clock(), runtime.settings.zone)
    if snapshot.version is None:
        waits = "none yet: they come with the first ended week that has a pitch, a win or a loss"
        fix = "dog jobs recompute" if due else None
        yield Finding("multipliers", "never computed" if due else waits, ok=not due, fix=fix)
    else:
        says = f"{snapshot.version.version}, {snapshot.version.counts.get('pairs', 0):,} pairs"
        late = len(due) > 1
        yield Finding(
            "multipliers",
            says + (f"; {len(due)} weeks due since {format_week(due[0])}" if due else ""),
            ok=not late,
            fix="dog jobs recompute, or run dog jobs scheduler" if late else None,
        )
        for name, described in snapshot.version.policies.items():
            if described["settings"]["neutral"] == "expected":
                trust = described["trust"]
                says = f"{trust['product']:.0%} in records of products, {trust['pair']:.0%} in those of pairs"
                absorbed = described["absorbed_share"]
                says += f"; new scores knew {absorbed:.0%} of the evidence" if absorbed else ""
                yield Finding(f"trust of policy {name}", says)
            for attribute, known in described.get("choices", {}).items():
                trust = known["trust"]
                says = f"{trust['segment']:.0%} in records of segments, {trust['contact']:.0%} in those of contacts"
                yield Finding(f"trust of policy {name} by {attribute}", says)
        if told := describe_late(store, runtime.settings.zone):
            yield Finding("late events", told)


def _policies(snapshot: Snapshot, models: Collection[str]) -> Iterator[Finding]:
    """Report the default policy, and each active policy's models that have no scores."""
    default, active = snapshot.default_policy, snapshot.policies
    says = f"{default} serves requests that name no policy"
    others = ", ".join(name for name in active if name != default)
    says += f"; active too: {others}" if others else ""
    missing = None if default in active else f"{PUBLISH} --default"
    yield Finding("policy", says if default in active else "none is active", ok=default in active, fix=missing)
    for name, one in active.items():
        lacking = [model for model in one.stored_models if model not in models]
        if lacking and name == default:
            fix = "dog jobs train, or dog load scores FILE, or take them out of the policy"
            yield Finding(f"models of {name}", f"no scores of {', '.join(lacking)}", ok=False, fix=fix)
        elif lacking:
            yield Finding(f"models of {name}", f"no scores of {', '.join(lacking)}")


def _recursions(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Report how long the laps between two recursions take, and the next recursions, of each active policy."""
    for name in runtime.shared(Snapshots).current(store).policies:
        outlook = read_outlook(runtime, store.tenant.name, name)
        yield Finding(f"recursions of {name}", " ".join(outlook.sentences))


def _actors(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Report the actors with the largest shares of the current and the last week's wins and losses."""
    this_week = week_of(runtime.clock(), runtime.settings.zone)
    for week in (this_week - 1, this_week):
        for found in largest_shares(store, week):
            says = f"{found.actor} reported {found.count:,} of {found.total:,} ({found.share:.0%})"
            fix = None
            if found.actors == 1:
                says += "; it is the only one: send actor_id with feedback to tell people apart"
            elif found.is_large:
                fix = (
                    "look whether they are true: dog export feedback FILE; "
                    "take back what is not: POST /v1/feedback/EVENT_ID/retract"
                )
            yield Finding(f"{format_week(week)} {found.kind}s", says, ok=fix is None, fix=fix)


def _keys(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Report the size of each class of keys, and the forecast of the log."""
    sizes = measure_keys(store)
    for name, size in sizes.items():
        yield Finding(f"keys {name}", f"{size.keys:,} keys, about {size.bytes:,} bytes")
    if "transactions" in sizes and "purchases" not in sizes:
        says = "transactions were loaded by an earlier version: the sentences of lists do not know them yet"
        yield Finding("purchases", says, ok=False, fix="dog jobs train")
    week = week_of(runtime.clock(), UTC)
    expected = forecast_log_size(store, sizes, week, runtime.settings.archive_after_weeks)
    if expected.events:
        yield Finding(
            "forecast",
            f"about {expected.events:,} events at {expected.bytes_an_event:,.0f} bytes; {expected.events_a_week:,.0f} "
            f"a week come in: {expected.bytes:,} bytes once {expected.weeks_kept} weeks are kept",
        )


LATE_MS = 5 * 60_000
"""The scheduler delivers every few seconds: messages that wait longer are not being delivered."""


def check_webhook(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Report whether messages are delivered, if there is a webhook. The URL's path may be secret and is left out."""
    webhook = read_webhook(store)
    if webhook is None:
        return
    host = urlsplit(webhook.url).hostname or "?"
    waiting = list_pending_messages(runtime, store, webhook.told)
    delivered_at_ms = webhook.delivered_at_ms
    delivered = f"last delivery {iso_time(delivered_at_ms, 'seconds')}" if delivered_at_ms else "nothing delivered yet"
    says = f"{host}: {delivered}, {len(waiting)} waiting"
    if webhook.given_up:
        says += f", {webhook.given_up} given up after {MAX_ATTEMPTS} attempts each"
    if webhook.last_error:
        says += f"; the last attempt failed: {webhook.last_error}"
        if webhook.attempts:
            says += f"; attempt {webhook.attempts + 1} of {MAX_ATTEMPTS} at {iso_time(webhook.next_at_ms, 'seconds')}"
        fix = f"let {host} answer POST with 2xx, or dog webhooks set URL, or dog webhooks remove"
        yield Finding("webhook", says, ok=False, fix=fix)
        return
    late = bool(waiting) and runtime.clock() - waiting[0].at_ms > LATE_MS
    undelivered = "nothing delivers them: run dog jobs scheduler"
    yield Finding("webhook", says, ok=not late, fix=undelivered if late else None)
