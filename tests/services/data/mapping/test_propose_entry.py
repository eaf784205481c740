from pathlib import Path
from typing import Any

import pytest

from dog.services.data.mapping.file_head import FileHead
from dog.services.data.mapping.propose_entry import Proposal, propose_entry


def head(tmp_path: Path, name: str, columns: str, *rows: tuple[Any, ...]) -> FileHead:
    names = columns.split(";")
    return FileHead(
        path=tmp_path / name, day="2026-11-30", columns=names, rows=[dict(zip(names, row, strict=True)) for row in rows]
    )


def propose(one: FileHead, **more: Any) -> Proposal:
    found = propose_entry(one, **more)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "columns", "row", "kind", "renamed"),
    [
        ("Kunden.csv", "Kd-Nr;Ort", ("1001", "Bau"), "contacts", {"Kd-Nr": "contact_id"}),
        ("people.csv", "ID;Segment", ("7", "gold"), "contacts", {"ID": "contact_id", "Segment": "segment"}),
        (
            "Artikel.csv",
            "Art.-Nr.;Bezeichnung;Preis",
            ("A1", "Bohrer", "12,50"),
            "products",
            {"Art.-Nr.": "product_id", "Bezeichnung": "name", "Preis": "value"},
        ),
        (
            "orders.csv",
            "Customer ID;SKU;Qty;Order Date",
            ("1", "A1", "2", "2026-11-01"),
            "transactions",
            {"Customer ID": "contact_id", "SKU": "product_id", "Qty": "quantity", "Order Date": "occurred_at"},
        ),
    ],
)
def test_a_kind_is_told_by_names_of_columns_and_of_the_file(
    tmp_path: Path, name: str, columns: str, row: tuple[Any, ...], kind: str, renamed: dict[str, str]
) -> None:
    found = propose(head(tmp_path, name, columns, row))

    assert (found.entry.kind, dict(found.entry.columns), list(found.missing)) == (kind, renamed, [])


def test_a_column_of_outcomes_makes_feedback_and_its_words_are_mapped(tmp_path: Path) -> None:
    rows = [("1", "c1", "p1", word, "13.11.2026") for word in ("gewonnen", "Verloren", "in Klärung", "win")]
    found = propose(head(tmp_path, "deals.csv", "Nr;Kunde;Artikel;Stand;Datum", *rows))

    assert found.entry.kind == "feedback"
    assert dict(found.entry.columns) == {
        "Kunde": "contact_id",
        "Artikel": "product_id",
        "Stand": "type",
        "Datum": "occurred_at",
        "Nr": "event_id",
    }
    assert found.entry.values == {"type": {"gewonnen": "win", "Verloren": "loss"}}
    assert found.unknown_words == ["in Klärung"]
    assert not found.missing


def test_a_probability_beside_stages_is_no_score(tmp_path: Path) -> None:
    row = ("006A", "001B", "P1", "Closed Won", "2026-11-01", 100)
    found = propose(
        head(tmp_path, "sf.csv", "Opportunity ID;Account ID;Product Code;Stage;Close Date;Probability", row)
    )

    assert found.entry.kind == "feedback"
    assert found.entry.columns["Opportunity ID"] == "event_id"
    assert "Probability" not in found.entry.columns


def test_scores_without_model_and_date_are_called_and_dated_as_their_file(tmp_path: Path) -> None:
    found = propose(head(tmp_path, "Lead Scores.csv", "Customer;Score;Comment", ("c1", "0,7", "hot")))

    assert found.entry.kind == "scores"
    assert found.entry.constants["model"] == "lead-scores"
    assert found.entry.constants["as_of"] == "2026-11-30"
    assert found.entry.columns["Comment"] == ""
    assert not found.missing


def test_a_column_with_the_ids_of_another_file_is_known_by_them(tmp_path: Path) -> None:
    rows = [("c1", "p1", "won", "2026-11-01"), ("c2", "p1", "lost", "2026-11-02")]
    one = head(tmp_path, "x.csv", "Wer;Was;Ergebnis;Wann", *rows)

    assert propose_entry(one) is None
    found = propose(one, known_ids={"contact_id": {"c1", "c2"}, "product_id": {"p1"}})
    assert dict(found.entry.columns) == {
        "Wer": "contact_id",
        "Was": "product_id",
        "Ergebnis": "type",
        "Wann": "occurred_at",
    }


def test_an_id_is_preferred_to_a_name(tmp_path: Path) -> None:
    one = head(
        tmp_path, "o.csv", "Kunde;Kundennummer;Artikel;Artikelnummer;Datum", ("Müller", "1", "Bohrer", "A1", "1.2.2026")
    )

    assert {source: of for source, of in propose(one).entry.columns.items() if of.endswith("_id")} == {
        "Kundennummer": "contact_id",
        "Artikelnummer": "product_id",
    }


def test_a_required_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = propose(head(tmp_path, "deals.csv", "Customer;Product;Stage", ("c1", "p1", "Closed Won")))

    assert (found.entry.kind, list(found.missing)) == ("feedback", ["occurred_at"])


def test_a_file_of_something_else_is_no_kind(tmp_path: Path) -> None:
    assert propose_entry(head(tmp_path, "notes.csv", "a;b", (1, 2))) is None


def test_of_two_columns_of_ids_the_one_with_ids_of_contacts_is_taken(tmp_path: Path) -> None:
    rows = [("1", "7", "p1", "won", "2026-11-01"), ("2", "8", "p1", "lost", "2026-11-02")]
    one = head(tmp_path, "x.csv", "Account ID;Lead ID;SKU;Outcome;When", *rows)
    first = propose(one).entry.columns
    known = propose(one, known_ids={"contact_id": {"1", "2", "3"}}).entry.columns

    assert first["Lead ID"] == "contact_id"
    assert known["Account ID"] == "contact_id"
