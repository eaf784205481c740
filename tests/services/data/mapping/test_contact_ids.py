from pathlib import Path

from dog.services.data.mapping.contact_ids import with_contact_ids
from dog.services.data.mapping.files_to_load import FileToLoad
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.mapping.mapped_file import open_mapped


def scores(folder: Path) -> FileToLoad:
    path = folder / "scores.csv"
    path.write_text("Kunde;Artikel;Wert;Notiz\n7;A1;0,5;x\n")
    columns = {"Kunde": "contact_id", "Artikel": "product_id", "Wert": "score", "Notiz": ""}
    entry = FileEntry(kind="scores", columns=columns, constants={"model": "cf", "as_of": "2026-11-01"}, delimiter=";")
    return FileToLoad(kind="scores", path=path, entry=entry)


def test_the_rows_of_scores_are_contacts_with_nothing_but_their_id(tmp_path: Path) -> None:
    found = with_contact_ids([scores(tmp_path)])

    assert [one.kind for one in found] == ["contacts", "scores"]
    assert [row.fields for row in open_mapped("contacts", found[0].path, found[0].entry).rows()] == [
        {"contact_id": "7"}
    ]


def test_a_file_of_contacts_is_the_only_one(tmp_path: Path) -> None:
    own = FileToLoad(kind="contacts", path=tmp_path / "contacts.csv", entry=FileEntry())
    files = [own, scores(tmp_path)]

    assert with_contact_ids(files) == files
