from datetime import UTC, date, datetime
from typing import Any

import pytest

from dog.errors import InvalidInput
from dog.services.data.data_rows import Row
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.mapping.row_map import RowMap
from dog.services.data.sources.typed_rows import map_typed_rows

WIN = {"type": "win", "contact_id": "c1", "product_id": "p1", "occurred_at": datetime(2026, 11, 20, tzinfo=UTC)}


def typed(fields: dict[str, Any], kind: str = "feedback", entry: FileEntry | None = None, **more: Any) -> RowMap:
    """Map rows such as this one."""
    return map_typed_rows(kind, list(fields), [Row(1, fields)], entry or FileEntry(), table="sources.crm", **more)


def applied(rows: RowMap, row: Row, own_id: str | None = None) -> Row:
    found = rows.apply(row, own_id)
    assert found is not None
    return found


def test_an_event_without_an_id_gets_one_of_its_content() -> None:
    rows = typed(WIN)
    first, same, other = (
        applied(rows, Row(n, fields)) for n, fields in enumerate((WIN, {**WIN}, {**WIN, "product_id": "p2"}))
    )

    assert first.fields["event_id"] == same.fields["event_id"]
    assert first.fields["event_id"].startswith("row_")
    assert first.fields["event_id"] != other.fields["event_id"]
    assert first.original == {**WIN, "event_id": first.fields["event_id"]}


def test_columns_that_are_not_loaded_do_not_change_the_id() -> None:
    touched = {**WIN, "updated_at": 7, "remark": "x"}
    ids = {applied(typed(it), Row(1, it)).fields["event_id"] for it in (touched, {**touched, "updated_at": 8})}

    assert len(ids) == 1


def test_the_column_of_the_cursor_is_no_attribute() -> None:
    contact = {"contact_id": "c1", "segment": "gold", "updated_at": 7}

    assert applied(typed(contact, "contacts", cursor="updated_at"), Row(1, contact)).fields == {
        "contact_id": "c1",
        "segment": "gold",
    }
    assert applied(typed(contact, "contacts"), Row(1, contact)).fields == contact


def test_a_day_is_midnight() -> None:
    row = {**WIN, "occurred_at": date(2026, 11, 20), "event_id": 1}

    assert applied(typed(row), Row(1, row)).fields["occurred_at"] == "2026-11-20T00:00:00"


def test_words_of_later_rows_are_read_in_any_case() -> None:
    assert applied(typed(WIN), Row(2, {**WIN, "type": "LOSS"})).fields["type"] == "loss"


def test_a_few_rows_do_not_decide_the_order_of_day_and_month() -> None:
    row = {**WIN, "occurred_at": "13/04/2026", "event_id": "1"}
    with pytest.raises(InvalidInput, match="state the format"):
        typed(row)
    stated = typed(row, entry=FileEntry(date_format="dd/mm/yyyy"))
    later = applied(typed({**row, "occurred_at": None}), Row(2, {**row, "occurred_at": "03/04/2026"}))

    assert applied(stated, Row(1, row)).fields["occurred_at"] == "2026-04-13T00:00:00"
    assert later.fault is not None


def test_a_missing_column_is_mapped_under_the_name_of_the_source() -> None:
    with pytest.raises(InvalidInput, match=r"no column for contact_id.*\[sources.crm.columns\]"):
        typed({"type": "win", "who": "c1", "product_id": "p1", "occurred_at": "2026-11-20T10:00:00Z"})


def test_a_row_that_cannot_be_mapped_keeps_an_id_under_which_it_can_be_loaded() -> None:
    rows = typed(WIN)
    broken = applied(rows, Row(2, {**WIN, "type": "maybe"}))

    assert broken.fault is not None
    assert broken.original is not None
    assert broken.original["event_id"].startswith("row_")
