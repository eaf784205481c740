"""What an examination finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    about: str
    says: str
    ok: bool = True
    mend: str | None = None
