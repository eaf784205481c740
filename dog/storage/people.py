"""People who log in by OpenID Connect: their role, and whether they are blocked."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256

import orjson

from dog.config import Role
from dog.errors import NotFound, Unauthenticated
from dog.storage.api_keys import ApiKey
from dog.storage.audit_log import record_audit_entry
from dog.storage.connection import Redis
from dog.storage.keys import PEOPLE
from dog.storage.round_trip import execute

ROLE_SCOPES: dict[Role, tuple[str, ...]] = {
    "rep": ("recommend", "feedback"),
    "analyst": ("recommend", "feedback", "read", "admin"),
    "admin": ("recommend", "feedback", "read", "admin"),
}
PERSON_PREFIX = "p_"
"""Ids of people begin with it; those of API keys are hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who has logged in; `person_id` stands for issuer and subject."""

    person_id: str
    tenant: str
    name: str
    email: str
    role: Role
    last_log_in: str
    blocked_at: str | None = None

    @property
    def key(self) -> ApiKey:
        """What the person may do, as a key that cannot be presented."""
        return ApiKey(
            key_id=self.person_id,
            tenant=self.tenant,
            name=self.name,
            scopes=ROLE_SCOPES[self.role],
            sha256="",
            created_at=self.last_log_in,
        )


def person_id_of(*, issuer: str, subject: str) -> str:
    """Return the id of a person: a hash of issuer and subject, which stay the same when names change."""
    return PERSON_PREFIX + sha256(orjson.dumps([issuer, subject])).hexdigest()[:16]


def note_log_in(redis: Redis, person: Person) -> Person:
    """Store a person as the log-in describes it; raise `Unauthenticated` if the person is blocked."""
    known = _read(redis, person.person_id)
    if known is not None and known.blocked_at is not None:
        raise Unauthenticated(f"{known.name} is blocked; an administrator can unblock people in the console")
    _write(redis, person)
    return person


def find_person(redis: Redis, person_id: str) -> Person:
    """Read the person of a session; raise `Unauthenticated` if it is blocked or unknown."""
    known = _read(redis, person_id)
    if known is None or known.blocked_at is not None:
        raise Unauthenticated("this person may no longer log in; ask an administrator")
    return known


def list_people(redis: Redis, tenant: str) -> list[Person]:
    """Return the people of a tenant by name."""
    people = (_parse(record) for record in execute(redis, "HVALS", PEOPLE))
    return sorted((one for one in people if one.tenant == tenant), key=lambda one: (one.name, one.person_id))


def block_person(redis: Redis, tenant: str, person_id: str, now: datetime | None) -> None:
    """Block a person from now on, or unblock it with None; raise `NotFound` if the tenant has no such person."""
    known = _read(redis, person_id)
    if known is None or known.tenant != tenant:
        raise NotFound(f"tenant '{tenant}' has no person '{person_id}'", code="unknown_person")
    _write(redis, replace(known, blocked_at=now.isoformat(timespec="seconds") if now else None))
    record_audit_entry(redis, tenant, "person.block" if now else "person.unblock", person_id, name=known.name)


def _parse(record: bytes) -> Person:
    return Person(**orjson.loads(record))


def _read(redis: Redis, person_id: str) -> Person | None:
    record = execute(redis, "HGET", PEOPLE, person_id)
    return _parse(record) if record is not None else None


def _write(redis: Redis, person: Person) -> None:
    execute(redis, "HSET", PEOPLE, person.person_id, orjson.dumps(asdict(person)))
