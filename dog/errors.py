"""Every error the service raises on purpose; nothing here depends on HTTP.

    DogError
    ├── InvalidInput            a value that is refused; carries one InputFault for each
    │   ├── NotJson             a body that is not strict JSON
    │   ├── BadHost             a request that names no host, or two
    │   ├── InvalidPolicy       a policy document that is refused
    │   └── InvalidSettings     a DOG_* variable that is refused
    ├── Unauthenticated         no API key, or an invalid one
    │   └── BadSignature        a hook's request whose sender is not proved
    ├── Forbidden               the key lacks the scope
    ├── RateLimited             the key sends too many requests
    ├── NotFound                no such contact, decision, policy, job, event
    ├── Conflict                an id used again with another body, a version that changed meanwhile
    ├── WeekHeld                multipliers of a week that look wrong and are not published
    ├── NotReady                something has to be loaded or computed first
    ├── WorkerLost              processes or machines that run tasks are gone
    └── StoreError
        ├── StoreUnavailable    Redis is away, hung, loading or full
        ├── ArchiveUnavailable  the archive is away, or lacks a file
        ├── StoreRefused        Redis is there but would lose feedback
        └── StoreDamaged        Redis holds something other than what was written

Each class has a stable ``code``; ``dog/api/problems.py`` maps classes to HTTP statuses.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True, slots=True)
class InputFault:
    """One fault of an input: where (JSON pointer; line and column in a file), and how to correct it."""

    pointer: str
    code: str
    message: str
    _: KW_ONLY
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Return a sentence such as ``line 3, column 7: /rules/0/when: unknown column ...``."""
        place = f"line {self.line}, column {self.column}: " if self.line is not None else ""
        return f"{place}{self.pointer or '/'}: {self.message}"


class DogError(Exception):
    """Base class of all errors raised on purpose."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InvalidInput(DogError):
    """A value is refused; nothing was changed."""

    code = "invalid_input"

    def __init__(self, message: str, faults: Sequence[InputFault] = (), *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.faults = tuple(faults)


class NotJson(InvalidInput):
    """The body is not JSON, or JSON that parsers read differently."""

    code = "not_json"


class BadHost(InvalidInput):
    """A request names no host, two, or a malformed one."""

    code = "bad_host"


class InvalidPolicy(InvalidInput):
    """A policy document is refused; the active version stays active."""

    code = "invalid_policy"


class InvalidSettings(InvalidInput):
    """A DOG_* variable has an unknown name or a bad value; the service does not start."""

    code = "invalid_settings"


class Unauthenticated(DogError):
    """No API key, or an unknown, revoked or expired one."""

    code = "unauthenticated"


class BadSignature(Unauthenticated):
    """A request to a hook that does not exist, or whose signature is missing, wrong or old."""

    code = "bad_signature"


class Forbidden(DogError):
    """The API key lacks the scope that the call asks for."""

    code = "forbidden"


class RateLimited(DogError):
    """The key sends more requests than its limit."""

    code = "rate_limited"


class NotFound(DogError):
    """The tenant has no such object."""

    code = "not_found"


class Conflict(DogError):
    """An id was used again with another body, or the version named has changed meanwhile."""

    code = "conflict"


class WeekHeld(DogError):
    """A week's multipliers look wrong; the active version stays until an operator decides."""

    code = "unlikely_week"


class NotReady(DogError):
    """Something has to be loaded or computed first; the message says what and how."""

    code = "not_ready"


class WorkerLost(DogError):
    """The processes or machines that run the tasks of a job are gone or cannot be reached; run the job again."""

    code = "worker_lost"


class StoreError(DogError):
    """Something is wrong with Redis or the archive."""

    code = "store_error"


class StoreUnavailable(StoreError):
    """Redis is away, hung, loading or full; the same call may work later."""

    code = "store_unavailable"


class ArchiveUnavailable(StoreError):
    """The archive cannot be reached, or lacks a file; what needs no archived data continues."""

    code = "archive_unavailable"


class StoreRefused(StoreError):
    """Redis answers but would lose or evict feedback; the message says what to change."""

    code = "store_refused"


class StoreDamaged(StoreError):
    """Redis holds something other than what was written there."""

    code = "store_damaged"
