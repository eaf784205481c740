from pathlib import Path

import pytest

from dog.errors import InvalidInput
from dog.services.data.mapping.load_map import parse_load_map
from dog.services.data.mapping.propose_files import name_proposals, write_map
from dog.services.data.sources.propose_sources import propose_sources, source_of
from tests.databases import execute

CRM = (
    "CREATE TABLE customers (id INTEGER, industry TEXT, updated_at TEXT)",
    "INSERT INTO customers VALUES (1, 'steel', '2026-11-20 10:00:00'), (2, 'wood', '2026-11-21 10:00:00')",
    'CREATE TABLE "open deals" (deal_id TEXT, customer_id INTEGER, sku TEXT, stage TEXT, close_date TEXT)',
    "INSERT INTO \"open deals\" VALUES ('d1', 1, 'p1', 'Closed Won', '2026-11-20')",
    "INSERT INTO \"open deals\" VALUES ('d2', 2, 'p1', 'Lead', '2026-11-21')",
    "CREATE TABLE settings (a INTEGER)",
    'CREATE VIEW items AS SELECT DISTINCT sku FROM "open deals"',
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    place = f"sqlite:///{tmp_path / 'crm.db'}"
    execute(place, *CRM)
    return place


def test_tables_and_views_are_proposed_by_their_columns_and_values(url: str) -> None:
    proposals, skipped = propose_sources(url, "2026-11-30")

    assert [(str(one.head.path), one.entry.kind, one.unknown_words) for one in proposals] == [
        ("items", "products", []),
        ("customers", "contacts", []),
        ("open deals", "feedback", ["Lead"]),
    ]
    assert [one.name for one in skipped] == ["settings"]


def test_what_is_written_can_be_read_and_a_column_that_grows_is_the_cursor(url: str) -> None:
    named = name_proposals(propose_sources(url, "2026-11-30")[0])
    sources = {name: source_of(one, "env:CRM") for name, one in named.items()}
    read = parse_load_map(write_map({}, sources)).sources

    assert read == sources
    assert (read["contacts"].cursor, read["contacts"].every) == ("updated_at", "15m")
    assert (read["feedback"].cursor, read["feedback"].every) == (None, "6h")
    assert read["feedback"].query == 'SELECT * FROM "open deals"'


def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no file"):
        propose_sources(f"sqlite:///{tmp_path / 'no.db'}", "2026-11-30")
