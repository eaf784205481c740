"""Rows of a file as rows of the contract."""

from dog.services.data.data_rows import Row, RowFault
from dog.services.data.mapping.map_entries import RowMapping
from dog.services.data.mapping.match_columns import match_columns
from dog.services.data.mapping.row_map import FileEvidence, RowMap, build_row_map

HEAD = ["Id", "Type", "Customer", "Product", "Date", "Value"]


def map_of(rows: list[Row], mapping: RowMapping, *, keeps_new: bool = False, typed: bool = False) -> RowMap:
    match = match_columns("feedback", HEAD, mapping.columns, mapping.constants)
    evidence = FileEvidence("feedback", match, typed_cells=typed, dots_are_points=True, is_whole=True)
    evidence.add(rows)
    return build_row_map("feedback", match, mapping, evidence, keeps_new=keeps_new)


def row(*values: object, line: int = 2) -> Row:
    return Row(line, dict(zip(HEAD, values, strict=True)))


def applied(row_map: RowMap, given: Row) -> Row:
    found = row_map.apply(given)
    assert found is not None
    return found


def test_names_words_numbers_and_times_are_read_and_the_original_is_kept() -> None:
    rows = [row("e1", "Closed Won", "c1", "p1", "13/04/2026", "1.234,50"), row("e2", "PITCH", "c1", "p1", "", "n/a")]
    mapping = RowMapping(values={"type": {"Closed Won": "win"}, "value": {"n/a": ""}}, constants={"actor_id": "crm"})
    row_map = map_of(rows, mapping)
    first, second = (applied(row_map, one) for one in rows)

    assert first.fields == {
        "event_id": "e1",
        "type": "win",
        "contact_id": "c1",
        "product_id": "p1",
        "occurred_at": "2026-04-13T00:00:00",
        "value": "1234.50",
        "actor_id": "crm",
    }
    assert first.original == rows[0].fields
    assert (second.fields["type"], second.fields["value"], second.fields["occurred_at"]) == ("pitch", "", "")
    assert [str(read) for _, read in row_map.readers] == [
        "type mapped",
        "value mapped",
        "decimal comma in value",
        "dates dd/mm/yyyy in occurred_at",
    ]


def test_a_value_that_cannot_be_read_is_the_fault_of_its_row_alone() -> None:
    rows = [row("e1", "win", "c1", "p1", "13.04.2026", "1"), row("e2", "win", "c1", "p1", "31.04.2026", "1", line=3)]
    row_map = map_of(rows, RowMapping())
    first, second = (applied(row_map, one) for one in rows)

    assert first.fault is None
    told = "occurred_at: '31.04.2026' is not a date written as dd.mm.yyyy"
    assert second.fault == RowFault(told, "invalid_row", event_id="e2")
    assert (second.line, second.original) == (3, rows[1].fields)


def test_a_broken_row_stays_as_it_is() -> None:
    broken = Row(2, {}, RowFault("has 2 fields"))

    assert applied(map_of([], RowMapping()), broken) is broken


def test_cells_of_a_workbook_become_text_where_the_column_holds_text() -> None:
    given = row(7, "Win", 12, "p1", 46346.5, 5.5)
    found = applied(map_of([given], RowMapping(), typed=True), given)

    assert found.fields == {
        "event_id": "7",
        "type": "win",
        "contact_id": "12",
        "product_id": "p1",
        "occurred_at": "2026-11-20T12:00:00",
        "value": 5.5,
    }


def test_rows_with_names_of_their_own_keep_those_that_the_head_lacked() -> None:
    given = Row(2, {"Customer": "c1", "trigger": "market"})

    assert applied(map_of([], RowMapping(), keeps_new=True), given).fields == {"contact_id": "c1", "trigger": "market"}
    assert applied(map_of([], RowMapping()), given).fields == {"contact_id": "c1"}


def test_a_map_without_anything_to_do_is_plain() -> None:
    match = match_columns("contacts", ["contact_id", "age"], {})
    evidence = FileEvidence("contacts", match, typed_cells=False, dots_are_points=True, is_whole=True)

    assert build_row_map("contacts", match, RowMapping(), evidence, keeps_new=False).is_plain
    assert not map_of([], RowMapping()).is_plain


def test_a_row_whose_required_word_the_map_empties_is_left_out() -> None:
    rows = [row("e1", "Qualified", "c1", "p1", "", ""), row("e2", "Won", "c1", "p1", "", "")]
    row_map = map_of(rows, RowMapping(values={"type": {"Won": "win", "*": ""}}))

    assert row_map.apply(rows[0]) is None
    assert applied(row_map, rows[1]).fields["type"] == "win"


def test_ids_of_salesforce_are_read_in_their_long_form() -> None:
    given = row("0065g00000AbCdE", "win", "001M000000qfPyS", "p1", "", "")
    found = applied(map_of([given], RowMapping(ids="salesforce")), given)

    assert (found.fields["contact_id"], found.fields["product_id"]) == ("001M000000qfPySIAU", "p1")
