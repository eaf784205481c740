"""Every error the service raises on purpose; knows nothing of HTTP.

    DogError
    ├── InvalidInput            a value that cannot be taken; carries one Fault for each
    │   ├── InvalidPolicy       a policy document that cannot be taken
    │   └── InvalidSettings     a DOG_* variable that cannot be taken
    ├── Unauthenticated         no key, or one that does not count
    ├── Forbidden               the key lacks the scope
    ├── NotFound                no such contact, decision, policy, job, event
    ├── Conflict                an id used again with another body, a version that moved on
    ├── NotReady                something has to be loaded or made first
    └── StoreError
        ├── StoreUnavailable    Redis is away, hung, loading or full
        ├── StoreRefused        Redis is there but cannot be trusted with feedback
        └── StoreDamaged        what Redis holds is not what was written

Each class has a stable ``code``; ``dog/api/problems.py`` is the one table from here to statuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputFault:
    """One thing wrong with an input: where (JSON pointer; line and column if it was a file), and how to mend it."""

    pointer: str
    code: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Read as one clear sentence: ``line 3, column 7: /rules/0/when: unknown column ...``."""
        place = f"line {self.line}, column {self.column}: " if self.line is not None else ""
        return f"{place}{self.pointer or '/'}: {self.message}"


class DogError(Exception):
    """Base of all errors raised on purpose."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InvalidInput(DogError):
    """A value cannot be taken; nothing was changed."""

    code = "invalid_input"

    def __init__(self, message: str, faults: Sequence[InputFault] = (), *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.faults = tuple(faults)


class NotJson(InvalidInput):
    """The body is no JSON, or JSON that programs read differently."""

    code = "not_json"


class InvalidPolicy(InvalidInput):
    """A policy document cannot be taken; the version in force stays in force."""

    code = "invalid_policy"


class InvalidSettings(InvalidInput):
    """A DOG_* variable has an unknown name or a bad value; the service does not start."""

    code = "invalid_settings"


class Unauthenticated(DogError):
    """No API key, or an unknown, revoked or expired one."""

    code = "unauthenticated"


class Forbidden(DogError):
    """The API key lacks the scope that the call asks for."""

    code = "forbidden"


class RateLimited(DogError):
    """The key asks more often than it may."""

    code = "rate_limited"


class NotFound(DogError):
    """What was asked for does not exist for this tenant."""

    code = "not_found"


class Conflict(DogError):
    """An id was used again with another body, or the version meant has moved on."""

    code = "conflict"


class Held(DogError):
    """A week's multipliers look wrong; the version in force stays until somebody has looked."""

    code = "unlikely_week"


class NotReady(DogError):
    """Something has to be loaded or made first; the message says what and how."""

    code = "not_ready"


class StoreError(DogError):
    """Something is wrong with Redis."""

    code = "store_error"


class StoreUnavailable(StoreError):
    """Redis is away, hung, loading or full; the same call may work later."""

    code = "store_unavailable"


class StoreRefused(StoreError):
    """Redis answers but would lose or evict feedback; the message says what to change."""

    code = "store_refused"


class StoreDamaged(StoreError):
    """Redis holds something other than what was written there."""

    code = "store_damaged"
