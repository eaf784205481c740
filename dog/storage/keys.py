"""All keys in Redis: pattern, type, bound, writer.

Keys of a tenant share the hash tag ``{tenant}``, keys of a partition the tag ``{tenant:p}``. A script uses keys of one
tag only, so the same code runs on one server, on Sentinel and on Redis Cluster. Ids of contacts, events and decisions
enter keys only as keyed hashes (`ids.digest`). The keys `wide` and `votes` hold the verdicts that act beyond their
contact (`votes.py`), `resting` the contacts with snoozed options.
"""

from binascii import b2a_base64
from collections.abc import Iterable
from dataclasses import dataclass

API_KEYS = b"dog:keys"
CONSOLE_SECRET = b"dog:console_secret"
HOOKS = b"dog:hooks"
PEOPLE = b"dog:people"
TENANTS = b"dog:tenants"
SESSION = b"dog:session:"

REFERENCE: dict[str, tuple[str, str, str, str]] = {
    # name: (pattern, type, bound, written by)
    "api_keys": ("dog:keys", "hash", "one field a key; revoked ones stay for the audit", "keys create, revoke"),
    "console_secret": ("dog:console_secret", "string", "one", "the console's first log-in by OpenID Connect"),
    "hooks": ("dog:hooks", "hash", "one field a hook, of any tenant", "hooks publish, remove"),
    "people": ("dog:people", "hash", "one field a person who has logged in", "a log-in by OpenID Connect; block"),
    "tenants": ("dog:tenants", "hash", "one field a tenant", "the tenant's first key or load"),
    "session": ("dog:session:TOKEN", "string", "12 hours, or the log-out", "the console's log-in"),
    "actors": (
        "dog:{t}:actors:WEEK",
        "hash",
        "two fields an actor that week, at most some 10,000 actors; 9 weeks",
        "feedback",
    ),
    "audit": ("dog:{t}:audit", "zset", "the newest 10,000 entries", "every change of settings, keys, policies or data"),
    "webhook": ("dog:{t}:webhook", "hash", "one address and the last message sent", "webhooks set, scheduler"),
    "head": ("dog:{t}:head", "hash", "one small field for each part that processes hold", "every change of the part"),
    "products": ("dog:{t}:products", "hash", "one field a product that was loaded", "number_products.lua"),
    "numbers": (
        "dog:{t}:numbers",
        "hash",
        "one field a product, loaded or named by an event or score",
        "number_products.lua",
    ),
    "values": ("dog:{t}:values:ATTRIBUTE", "hash", "one field a value, at most 255, append only", "number_values.lua"),
    "models": ("dog:{t}:models", "hash", "one field a model, at most 64", "load scores, train, recompute"),
    "model_dates": ("dog:{t}:model_dates", "hash", "one field a model, at most 64", "record_model_dates.lua"),
    "start": (
        "dog:{t}:start",
        "hash",
        "one field a version of the model start, the newest 8; one with the memory of past cases",
        "train, scheduler, erase",
    ),
    "loads": ("dog:{t}:loads", "hash", "one field a load of scores, the newest 60", "load scores, train, recompute"),
    "file_loads": ("dog:{t}:file_loads", "hash", "one field a load, the newest 200", "load, loads undo"),
    "undo_tenant": (
        "dog:{t}:undo:LOAD:ROWS",
        "hash",
        "one field a product, attribute or model that a load changed; the newest 3 loads of a kind",
        "write_rows.lua",
    ),
    "fits": ("dog:{t}:fits", "hash", "one field a policy", "load scores, train, recompute"),
    "attributes": (
        "dog:{t}:attributes",
        "hash",
        "one field an attribute of products or contacts, at most 2,000",
        "load",
    ),
    "policies": ("dog:{t}:policies", "hash", "one field a policy: its active version", "publish_policy"),
    "from_files": ("dog:{t}:from_files", "set", "one member a policy that a file activated", "activate_policy.lua"),
    "policy": ("dog:{t}:policy:NAME", "hash", "one field a version, the newest 200", "publish_policy"),
    "policy_text": (
        "dog:{t}:policy_text:NAME",
        "hash",
        "one field a version that was written as TOML: its text, comments and all",
        "publish_policy",
    ),
    "replaced": (
        "dog:{t}:replaced:NAME",
        "set",
        "one member a kept version that was active before",
        "activate_policy.lua",
    ),
    "sources": (
        "dog:{t}:sources",
        "hash",
        "one field a source that was read: its place, at most 400 KB",
        "load --from, sync",
    ),
    "settings": ("dog:{t}:settings", "hash", "one field a setting of the tenant", "PUT /v1/settings"),
    "quarantine": (
        "dog:{t}:quarantine",
        "hash",
        "one field an event that waits for its names to be known, at most 100,000",
        "feedback with the setting unknown = quarantine",
    ),
    "unknown_names": (
        "dog:{t}:unknown_names",
        "hash",
        "one field an unknown product, channel, time or model, one for all contacts; at most 1,000",
        "feedback, load",
    ),
    "proofs": ("dog:{t}:proofs", "hash", "one field a pair of policy versions, the newest 500", "policy prove, tune"),
    "versions": ("dog:{t}:versions", "hash", "one field a kept multiplier version", "recompute"),
    "cold": (
        "dog:{t}:cold",
        "hash",
        "one field a segment of decisions, some 35 or one for 20,000; one a version whose arrays are archived",
        "archive",
    ),
    "weeks": ("dog:{t}:weeks", "hash", "one field a published week, 53 a year", "recompute"),
    "cuts": ("dog:{t}:cuts", "hash", "one field a week that is being recomputed", "recompute"),
    "work": ("dog:{t}:work", "hash", "one field a partition written; goes when its week is published", "recompute"),
    "replay": ("dog:{t}:replay", "hash", "one field a replayed week; goes with the last of them", "recompute"),
    "late": ("dog:{t}:late", "string", "one small record", "recompute, load feedback"),
    "baseline": ("dog:{t}:baseline:V:POLICY", "string", "goes with its version", "recompute"),
    "jobs": ("dog:{t}:jobs", "hash", "the last 200 jobs", "the job runner"),
    "runs": ("dog:{t}:runs", "hash", "the last 500 runs", "train, recompute, tune, prove, publish"),
    "lease": ("dog:{t}:lease:JOB", "string", "its own expiry", "the job runner"),
    "fence": ("dog:{t}:fence:JOB", "string", "one number", "the job runner"),
    "lifted": ("dog:{t}:lifted", "hash", "one field a scope whose votes an admin lifted", "verdicts lift"),
    "fired": ("dog:{t}:fired:WEEK", "hash", "one field a rule that fired that week; ten weeks", "decisions"),
    "resting": ("dog:{t}:resting", "zset", "one member a contact that discarded in the last 14 days", "feedback"),
    "held": ("dog:{t}:held", "hash", "one field a contact that an open inbox has at hand; 10 minutes", "the console"),
    "snoozed": ("dog:{t}:snoozed", "zset", "one member a contact and rep until a day, at most a year", "the console"),
    "worked": (
        "dog:{t}:worked:DAY",
        "zset",
        "one member, 24 bytes, a contact and actor with events that day; 29 days",
        "feedback",
    ),
    "wide_confirmed": ("dog:{t}:confirmed", "string", "empty", "feedback that is a vote under `ha`"),
    "confirmed": ("dog:{t:p}:confirmed", "string", "empty", "feedback under `ha`"),
    "contacts": ("dog:{t:p}:contacts", "hash", "one field a contact", "load contacts, feedback"),
    "scores": ("dog:{t:p}:scores:MODEL", "hash", "one packed array a contact", "load scores, train"),
    "transactions": ("dog:{t:p}:transactions", "hash", "one packed array a contact", "load transactions"),
    "undo": (
        "dog:{t:p}:undo:LOAD:ROWS",
        "hash",
        "one field a contact that a load changed, with its row before; the newest 3 loads of a kind, 50 of feedback",
        "write_rows.lua, write_scores.lua, write_transactions.lua",
    ),
    "purchases": (
        "dog:{t:p}:purchases",
        "hash",
        "one field a contact: 12 bytes a product bought",
        "load transactions, train",
    ),
    "log": ("dog:{t:p}:log:CONTACT", "hash", "one field an event until its week is archived", "apply_events.lua"),
    "outcomes": ("dog:{t:p}:outcomes:CONTACT", "string", "40 bytes an event, as the log", "apply_events.lua"),
    "verdicts": ("dog:{t:p}:verdicts:CONTACT", "string", "48 bytes an event, as the log", "apply_events.lua"),
    "wide": ("dog:{t:p}:wide", "zset", "one member a verdict about market, business or account", "apply_events.lua"),
    "votes": (
        "dog:{t:p}:votes",
        "hash",
        "one field a voter and what it voted on: its newest 16 votes",
        "apply_events.lua",
    ),
    "logged": ("dog:{t:p}:logged", "set", "one member a contact with events", "apply_events.lua"),
    "daily": (
        "dog:{t:p}:daily:DAY",
        "hash",
        "one field a product and kind of event that day; 367 days",
        "apply_events.lua",
    ),
    "erased": ("dog:{t:p}:erased", "set", "one member an erased contact, without expiry", "erase_contact.lua"),
    "prepared": ("dog:{t:p}:prepared:CONTACT", "hash", "60 seconds", "load feedback --backfill"),
    "backfill": ("dog:{t:p}:backfill", "string", "its own expiry", "load feedback --backfill"),
    "arrival": ("dog:{t:p}:arrival", "string", "one number", "apply_events.lua"),
    "claiming": (
        "dog:{t}:claiming",
        "hash",
        "one field a call of feedback that runs or was killed; goes with its weeks",
        "feedback",
    ),
    "decided": (
        "dog:{t:p}:decided:WEEK:BUCKET",
        "set",
        "one member a decision that week, 32 bytes; 44 days",
        "a list that counts",
    ),
    "ids": ("dog:{t:p}:ids:BUCKET", "hash", "one field an event id until its week is archived", "claim_ids.lua"),
    "multipliers": ("dog:{t:p}:multipliers:V:POLICY", "hash", "one packed array a contact; goes with V", "recompute"),
    "choices": (
        "dog:{t:p}:choices:V:POLICY",
        "hash",
        "one field a contact pitched by two channels or times: 14 bytes each; goes with V",
        "recompute",
    ),
    "laps": ("dog:{t:p}:laps", "hash", "one field a contact", "a list that counts"),
    "week_laps": ("dog:{t:p}:laps:WEEK", "hash", "one field a contact that week; 60 weeks", "a list that counts"),
    "batch": ("dog:{t:p}:batch:ID", "string", "12 bytes a served batch; 35 days", "count_batch_laps.lua"),
    "decision": ("dog:{t:p}:decision:ID", "string", "35 days; with an archive 1 or 2", "a list that counts"),
    "filed": ("dog:{t:p}:filed:BUCKET", "hash", "one field an archived decision, 24 to 50 bytes; 35 days", "archive"),
}
"""Shown in `docs/reference/redis.md` (a test compares both) and counted by `doctor`."""

URL_SAFE = bytes.maketrans(b"+/", b"-_")
ID_BUCKETS = 256
"""Buckets of event ids in a partition: 64 x 256 small hashes hold 4 million ids as listpacks."""


@dataclass(frozen=True, slots=True)
class TenantKeys:
    """The keys of one tenant that belong to no partition."""

    tenant: str

    def of(self, name: str, suffix: str = "") -> bytes:
        """Return a key of the tenant: a name of `REFERENCE` with a suffix."""
        return f"dog:{{{self.tenant}}}:{name}{':' + suffix if suffix else ''}".encode()

    def partition(self, number: int) -> "PartitionKeys":
        """Return the keys of one partition."""
        return PartitionKeys(f"dog:{{{self.tenant}:{number}}}:".encode())


@dataclass(frozen=True, slots=True)
class PartitionKeys:
    """The keys of one partition, all under one hash tag."""

    prefix: bytes

    def of(self, name: str, suffix: str = "") -> bytes:
        """Return a key of the partition: a name of `REFERENCE` with a suffix."""
        return self.prefix + (f"{name}:{suffix}" if suffix else name).encode()

    def contact(self, name: str, contact: bytes) -> bytes:
        """Return a key of one contact, given its digest."""
        return self.contacts(name, [contact])[0]

    def contacts(self, name: str, contacts: Iterable[bytes]) -> list[bytes]:
        """Return one key of each contact, given their digests."""
        head = self.prefix + name.encode() + b":"
        return [head + contact_suffix(contact) for contact in contacts]

    def of_contact(self, contact: bytes, *names: str) -> list[bytes]:
        """Return several keys of one contact, given its digest."""
        tail = b":" + contact_suffix(contact)
        return [self.prefix + name.encode() + tail for name in names]


def contact_suffix(contact: bytes) -> bytes:
    """Return what a contact's keys end with, given its digest: 22 characters."""
    return b2a_base64(contact, newline=False).translate(URL_SAFE, b"=")
