"""The periodic jobs and how often they run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Periodic:
    """One periodic job; it determines itself what is due, so that an extra tick is harmless."""

    name: str
    every_seconds: int
    why: str


SCHEDULE = (
    Periodic("recompute", 60, "publishes every week that has ended and is not published yet"),
    Periodic("webhooks", 5, "tells the tenant's webhook of jobs that ended and policies that came in force"),
    Periodic("archive", 86_400, "writes weeks published DOG_ARCHIVE_AFTER_WEEKS ago to files, and forgets their ids"),
)
