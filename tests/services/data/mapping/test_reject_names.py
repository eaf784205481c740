from pathlib import Path

from dog.services.data.mapping.reject_names import REJECTED, rejected_path


def test_rows_that_are_rejected_again_go_to_another_file() -> None:
    first = rejected_path(Path("a.csv"))
    second = rejected_path(first)

    assert [first.name, second.name] == ["a.csv.rejected.csv", "a.csv.rejected.2.csv"]
    assert rejected_path(second).name == "a.csv.rejected.3.csv"
    assert rejected_path(Path("deals.rejected.ndjson")).name == "deals.rejected.2.csv"


def test_the_name_tells_where_the_rows_come_from() -> None:
    found = REJECTED.fullmatch("deals.rejected.ndjson")

    assert found is not None
    assert found[1] == "deals"
