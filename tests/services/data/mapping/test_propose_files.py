from pathlib import Path

from dog.services.data.mapping.load_map import parse_load_map
from dog.services.data.mapping.propose_files import name_proposals, propose_files, write_map


def write(folder: Path, files: dict[str, str], encoding: str = "utf-8") -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding)


def test_files_of_a_folder_are_proposed_in_the_order_of_loading(tmp_path: Path) -> None:
    deals = "Kunde;Artikel;Status;Datum\n1;A1;gewonnen;13.11.2026\n"
    write(tmp_path, {"deals.csv": deals, "Kunden.csv": "Kd-Nr;Ort\n1;Köln\n", "Artikel.csv": "Art-Nr\nA1\n"}, "cp1252")
    write(tmp_path, {"notes.csv": "a,b\n1,2\n", "deals.csv.rejected.csv": deals, "readme.txt": "-", "~$x.csv": "-"})
    proposals, skipped = propose_files(tmp_path)

    assert [(one.head.name, one.entry.kind) for one in proposals] == [
        ("Artikel.csv", "products"),
        ("Kunden.csv", "contacts"),
        ("deals.csv", "feedback"),
    ]
    assert [one.name for one in skipped] == ["notes.csv"]
    assert skipped[0].why.endswith("a, b")


def test_a_file_that_cannot_be_read_is_skipped_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04")
    write(tmp_path, {"empty.csv": ""})
    proposals, skipped = propose_files(tmp_path)

    assert not proposals
    assert {one.name for one in skipped} == {"broken.xlsx", "empty.csv"}
    assert all(one.why for one in skipped)


def test_what_is_written_is_read_as_proposed(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "2024.csv": "Kunde;Artikel;Status;Datum\n1;A1;Closed Won;13.11.2026\n1;A1;Lead;13.11.2026\n",
            "2025 neu.csv": "Customer ID;SKU;Stage;Close date\n1;A1;lost;2026-11-13\n",
            "lead scores.csv": 'Customer ID,"a ""b"" = c",Score\n1,x,0.5\n',
        },
    )
    entries = {name: one.entry for name, one in name_proposals(propose_files(tmp_path)[0]).items()}
    read = parse_load_map(write_map(entries))

    assert [*entries] == ["scores", "2024", "2025-neu"]
    assert read.files == entries


def test_files_of_the_same_name_get_entries_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, {"a b.csv": "contact_id\n1\n", "a-b.csv": "contact_id\n2\n", "products.csv": "contact_id\n3\n"})
    entries = {name: one.entry for name, one in name_proposals(propose_files(tmp_path)[0]).items()}

    assert {entry.path for entry in entries.values()} == {"a b.csv", "a-b.csv", "products.csv"}
    assert parse_load_map(write_map(entries)).files == entries
