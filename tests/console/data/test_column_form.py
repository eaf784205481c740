"""The form maps columns: what is proposed, and what a person chose."""

from pathlib import Path

import pytest

from dog.console.data.column_form import column_choices, constant_names, propose, read_entry, type_words
from dog.errors import InvalidInput
from dog.services.data.mapping.file_head import FileHead, read_heads


def head_of(folder: Path, text: str) -> FileHead:
    path = folder / "f.csv"
    path.write_text(text)
    return read_heads(path)[0]


def test_columns_are_proposed_with_their_first_values(tmp_path: Path) -> None:
    head = head_of(tmp_path, "Kundennummer;Produkt;Phase;Datum;Notiz\n1;p1;Won;01.02.2026;x\n2;p2;Lost;02.02.2026;y\n")
    entry = propose(head, "feedback")

    assert [(one.name, one.target) for one in column_choices(head, entry)] == [
        ("Kundennummer", "contact_id"),
        ("Produkt", "product_id"),
        ("Phase", "type"),
        ("Datum", "occurred_at"),
        ("Notiz", ""),
    ]
    assert column_choices(head, entry)[0].samples == "1, 2"
    assert type_words(head, entry) == ["Won", "Lost"]
    assert entry.values == {"type": {"Won": "win", "Lost": "loss"}}


def test_other_columns_of_contacts_are_attributes_until_ignored(tmp_path: Path) -> None:
    head = head_of(tmp_path, "contact_id,age\nc1,7\n")
    chosen = read_entry({"column-0": "contact_id", "column-1": ""}, head, "contacts")

    assert propose(head, "contacts").columns == {"contact_id": "contact_id", "age": "age"}
    assert chosen.columns == {"contact_id": "contact_id", "age": ""}


def test_choices_words_and_constants_are_read(tmp_path: Path) -> None:
    head = head_of(tmp_path, "a,b,c\nc1,p1,Won\n")
    form = {"column-0": "contact_id", "column-1": "product_id", "column-2": "type", "decimal": ",", "date_format": ""}
    words = {"word-0": "Won", "meaning-0": "win", "word-1": "Lead", "meaning-1": "", "word-2": "x", "meaning-2": "="}
    entry = read_entry(form | words, head, "feedback")
    scores = read_entry({"constant-model": "m", "constant-as_of": " "}, head, "scores")

    assert entry.values == {"type": {"Won": "win", "Lead": ""}}
    assert (entry.decimal, entry.date_format) == (",", None)
    assert constant_names("scores") == ["model", "as_of"]
    assert scores.constants == {"model": "m"}


@pytest.mark.parametrize("form", [{"column-0": "segment"}, {"decimal": ";"}, {"date_format": "qq"}])
def test_what_is_no_choice_is_refused(tmp_path: Path, form: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        read_entry(form, head_of(tmp_path, "a\n1\n"), "scores")
