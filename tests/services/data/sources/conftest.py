"""Databases with the table `deals`, one row a deal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dog.services.data.mapping.map_entries import SourceEntry
from tests.databases import execute, running_postgres

MAKE = (
    "CREATE TABLE deals (no INTEGER, stage VARCHAR(20), customer VARCHAR(20), article VARCHAR(20), "
    "closed TIMESTAMP, worth DECIMAL(9, 2), changed INTEGER)"
)
COLUMNS = {
    "customer": "contact_id",
    "article": "product_id",
    "closed": "occurred_at",
    "stage": "type",
    "no": "event_id",
}


@dataclass
class Deals:
    """A database with the table `deals`."""

    url: str

    def add(self, *numbers: int, changed: int | None = None, stage: str = "Won") -> None:
        """Add deals, each changed at its number unless stated."""
        rows = ", ".join(
            f"({n}, '{stage}', 'c{n % 7}', 'p{n % 3}', '2026-10-{n % 28 + 1:02} 10:00:00', 12.5, "
            f"{n if changed is None else changed})"
            for n in numbers
        )
        execute(self.url, f"INSERT INTO deals VALUES {rows}")  # our own words


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Run a PostgreSQL, one for each test process; its URL."""
    with running_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def deals(request: pytest.FixtureRequest, tmp_path: Path) -> Deals:
    """Make the table in each database."""
    if request.param == "postgresql":
        found = Deals(request.getfixturevalue("postgres"))
        execute(found.url, "DROP TABLE IF EXISTS deals")
    else:
        found = Deals(f"{request.param}:///{tmp_path}/deals.db")
    execute(found.url, MAKE)
    return found


@pytest.fixture
def small(tmp_path: Path) -> Deals:
    """Make the table in SQLite, where it does not matter which database it is."""
    found = Deals(f"sqlite:///{tmp_path}/deals.db")
    execute(found.url, MAKE)
    return found


@pytest.fixture
def entry() -> Callable[..., SourceEntry]:
    """Make an entry of dog.toml."""

    def make(url: str, **more: object) -> SourceEntry:
        given = {
            "kind": "feedback",
            "query": "SELECT * FROM deals",
            "columns": COLUMNS,
            "values": {"type": {"Won": "win"}},
            "constants": {"actor_id": "crm"},
            **more,
        }
        return SourceEntry(url=url, **given)  # type: ignore[arg-type]  # a test states what it wants

    return make
