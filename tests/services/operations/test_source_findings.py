from dog.services.operations.source_findings import check_sources
from dog.storage.source_places import SourcePlace, keep_source_success, note_source_failure
from dog.storage.store import Store


def test_it_is_told_when_a_source_was_read_and_why_it_was_not(store: Store) -> None:
    keep_source_success(store, "crm", SourcePlace(), 2, 0)
    keep_source_success(store, "old", SourcePlace(), 0, 1_000)
    note_source_failure(store, "old", "sqlite:///x: there is no file x", 2_000)
    note_source_failure(store, "new", "away", 2_000)
    keep_source_success(store, "feedback:1234", SourcePlace(), 0, 0)
    found = {it.about: (it.says, it.ok) for it in check_sources(store)}

    assert found == {
        "source crm": ("never read; 2 rows were rejected", True),
        "source new": ("never read; then it failed: away", False),
        "source old": (
            "last read 1970-01-01T00:00:01+00:00; then it failed: sqlite:///x: there is no file x",
            False,
        ),
    }
