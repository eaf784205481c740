import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.databases import execute
from tests.workbooks import write_workbook

PRODUCTS = (
    "Art.-Nr.;Bezeichnung;Warengruppe;Preis\n"
    "A1;Bohrer;Werkzeug;12,50\nA2;Säge;Werkzeug;20,00\nA3;Fräse;Maschine;99,90\n"
)
DEALS = "Angebots-Nr;Kunde;Artikel;Status;Datum;Umsatz\n" + "".join(
    f"{n};{1000 + n % 7};A{1 + n % 3};{'gewonnen' if n % 4 == 0 else 'Angebot' if n % 4 < 3 else 'in Klärung'};"
    f"{1 + n % 28:02}.{1 + n % 9:02}.2026;{n},50\n"
    for n in range(80)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder as a sales team has it: cp1252, semicolons, German dates, a workbook of two sheets."""
    place = tmp_path / "crm"
    place.mkdir()
    (place / "Artikel.csv").write_bytes(PRODUCTS.encode("cp1252"))
    (place / "Angebote.csv").write_bytes(DEALS.encode("cp1252"))
    scores: list[list[Any]] = [
        ["Kunde", "Artikel", "Score"],
        *([1000 + n % 7, f"A{1 + n % 3}", n / 21] for n in range(21)),
    ]
    people: list[list[Any]] = [["Kd-Nr", "Segment"], *([1000 + n, "gold" if n % 2 else "silver"] for n in range(7))]
    write_workbook(place / "export.xlsx", {"Kunden": people, "Lead scores": scores})
    (place / "notes.csv").write_text("a,b\n1,2\n")
    return place


def test_a_folder_of_spreadsheets_becomes_a_list_in_one_command(run: Command, folder: Path) -> None:
    done = run("dog", "--tenant", "acme", "init", str(folder), "--yes")
    listed = run("dog", "--tenant", "acme", "recommend", "1001").stdout

    assert done.returncode == 0, done.stderr
    assert "Artikel.csv: products: 3 accepted, 0 duplicates, 0 rejected" in done.stdout
    assert "export.xlsx: contacts: 7 accepted, 0 duplicates, 0 rejected" in done.stdout
    assert "export.xlsx: scores: 21 accepted, 0 duplicates, 0 rejected" in done.stdout
    assert "notes.csv" in done.stdout
    assert re.search(r"^API key, shown once: \S{20,}$", done.stdout, re.MULTILINE)
    assert "multipliers:" in done.stdout
    assert "/console" in done.stdout
    assert "policy acme" in listed
    assert "export" in (folder / "policy.toml").read_text()  # the model is called as its file


def test_it_can_be_repeated_and_keeps_what_was_written(run: Command, folder: Path) -> None:
    first = run("dog", "--tenant", "acme", "init", str(folder), "--yes")
    written = (folder / "dog.toml").read_text(), (folder / "policy.toml").read_text()
    again = run("dog", "--tenant", "acme", "init", str(folder), "--yes")

    assert (first.returncode, again.returncode) == (0, 0)
    assert ((folder / "dog.toml").read_text(), (folder / "policy.toml").read_text()) == written
    assert "Artikel.csv: products: 0 accepted, 3 duplicates, 0 rejected" in again.stdout
    assert "shown once" not in again.stdout
    assert "keys create" in again.stdout


def test_later_files_are_loaded_by_the_map(run: Command, folder: Path) -> None:
    run("dog", "--tenant", "acme", "init", str(folder), "--yes")
    with (folder / "Artikel.csv").open("ab") as file:
        file.write("A4;Hobel;Werkzeug;1,00\n".encode("cp1252"))
    loaded = run("dog", "--tenant", "acme", "load", str(folder))
    one = run("dog", "--tenant", "acme", "load", str(folder / "Artikel.csv"))

    assert "Artikel.csv: products: 1 accepted, 3 duplicates, 0 rejected" in loaded.stdout
    assert loaded.stderr == "notes.csv: not loaded, dog.toml does not apply to it\n"
    assert one.stdout.startswith("Artikel.csv: products: 0 accepted, 4 duplicates, 0 rejected\n")


def test_nothing_is_loaded_where_a_file_can_be_read_in_two_ways(run: Command, folder: Path) -> None:
    (folder / "orders.csv").write_text("Customer ID,SKU,Date\n1001,A1,03/04/2026\n")
    refused = run("dog", "--tenant", "acme", "init", str(folder), "--yes")
    unloaded = run("dog", "--tenant", "acme", "recommend", "1001")
    stated = run("dog", "--tenant", "acme", "init", str(folder), "--yes", "--date-format", "dd/mm/yyyy")

    assert refused.returncode == 1
    assert "orders.csv: occurred_at: 03/04/2026 (line 2) may have the day or the month first" in refused.stderr
    assert "tenant 'acme' does not exist" in unloaded.stderr
    assert "orders.csv: transactions: 1 accepted" in stated.stdout


def test_a_folder_without_history_gets_a_list_from_its_scores(run: Command, tmp_path: Path) -> None:
    for name, text in {
        "products": "SKU,Name\nA1,Drill\nA2,Saw\n",
        "customers": "Customer,Name\n1001,Ann\n",
        "scores": "Customer,SKU,Score\n1001,A1,0.2\n1001,A2,0.3\n",
    }.items():
        (tmp_path / f"{name}.csv").write_text(text)
    first = run("dog", "--tenant", "acme", "init", str(tmp_path), "--yes")

    assert first.returncode == 0, first.stderr
    assert "no model was trained: there are no transactions to train on" in first.stdout
    assert [row.split()[3] for row in first.stdout.splitlines() if re.match(r"│ \d │", row)] == ["A2", "A1"]


@pytest.mark.parametrize(
    ("name", "text", "top"),
    [
        ("scores", "Customer,SKU,Score\n1001,A1,0.2\n1001,A2,0.3\n1002,A2,0.1\n", "A2"),
        ("orders", "Customer,SKU,Date\n1001,A1,2026-09-13\n1001,A2,2026-09-14\n1002,A1,2026-10-15\n", "A1"),
        ("deals", "Customer,SKU,Stage,Date\n1001,A1,Lost,2026-09-13\n1002,A1,Won,2026-09-13\n", "A1"),
    ],
)
def test_one_file_of_any_kind_but_products_is_enough_for_a_list(
    run: Command, tmp_path: Path, name: str, text: str, top: str
) -> None:
    (tmp_path / f"{name}.csv").write_text(text)
    first = run("dog", "--tenant", "acme", "init", str(tmp_path), "--yes")
    again = run("dog", "--tenant", "acme", "load", str(tmp_path))

    assert first.returncode == 0, first.stderr
    assert [row.split()[3] for row in first.stdout.splitlines() if re.match(r"│ 1 │", row)] == [top]
    assert again.returncode == 0, again.stderr
    assert ("scores.csv: contacts: 2 accepted, 1 duplicates, 0 rejected" in first.stdout) is (name == "scores")


def test_contacts_that_are_loaded_stay_as_they_are_when_scores_follow(run: Command, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("contact_id,name\n1001,Ann\n")
    run("dog", "load", "contacts", str(tmp_path / "people.csv"))
    (tmp_path / "people.csv").unlink()
    (tmp_path / "scores.csv").write_text("Customer,SKU,Score\n1001,A1,0.2\n")
    first = run("dog", "init", str(tmp_path), "--yes")
    run("dog", "export", "contacts", str(tmp_path / "out.ndjson"))

    assert "contacts:" not in first.stdout
    assert '"name":"Ann"' in (tmp_path / "out.ndjson").read_text()


def test_a_folder_of_products_alone_ends_with_what_to_add(run: Command, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("SKU,Name\nA1,Drill\n")
    done = run("dog", "--tenant", "acme", "init", str(tmp_path), "--yes")

    assert done.returncode == 1
    assert "no contact is loaded; load some" in done.stderr


def test_a_folder_without_data_and_a_folder_without_map_are_refused_in_one_line(run: Command, tmp_path: Path) -> None:
    empty = run("dog", "init", str(tmp_path), "--yes")
    unmapped = run("dog", "load", str(tmp_path))

    assert empty.stderr == f"error: nothing to load in {tmp_path} (no file that ends in .csv, .xlsx or the like)\n"
    assert unmapped.stderr == f"error: {tmp_path / 'dog.toml'} does not exist; dog init {tmp_path} proposes it\n"


def test_a_file_is_named_without_the_column_that_it_lacks(run: Command, folder: Path) -> None:
    (folder / "more.csv").write_text("Customer ID,SKU,Stage\n1001,A1,Closed Won\n")
    refused = run("dog", "--tenant", "acme", "init", str(folder), "--yes")

    assert refused.returncode == 1
    assert "more.csv: no column for occurred_at of feedback; columns found: Customer ID, SKU, Stage." in refused.stderr
    assert not (folder / "dog.toml").exists()


def test_the_tables_of_a_database_become_a_list_and_sources_to_sync(run: Command, tmp_path: Path) -> None:
    url, place = f"sqlite:///{tmp_path / 'crm.db'}", tmp_path / "crm"
    place.mkdir()
    execute(
        url,
        "CREATE TABLE items (sku TEXT, name TEXT)",
        "INSERT INTO items VALUES ('A1', 'Saw'), ('A2', 'Drill')",
        "CREATE TABLE customers (customer_no INTEGER, segment TEXT)",
        "INSERT INTO customers VALUES (1001, 'gold'), (1002, 'silver')",
        "CREATE TABLE deals (id INTEGER, customer_no INTEGER, sku TEXT, stage TEXT, closed_at TEXT)",
        "INSERT INTO deals VALUES (1, 1001, 'A1', 'Closed Won', '2026-01-05T10:00:00Z')",
    )
    done = run("dog", "--tenant", "acme", "init", str(place), "--from", "env:CRM_URL", "--yes", CRM_URL=url)
    execute(url, "INSERT INTO deals VALUES (2, 1002, 'A1', 'Closed Won', '2026-01-06T10:00:00Z')")
    synced = run("jobs", "--tenant", "acme", "sync", "--map", str(place / "dog.toml"), CRM_URL=url)
    secret = run("dog", "--tenant", "acme", "init", str(tmp_path), "--from", "postgresql://u:pw@h/d", "--yes")

    assert done.returncode == 0, done.stderr
    for line in ("products: 2 accepted", "contacts: 2 accepted", "feedback: 1 accepted"):
        assert line in done.stdout
    assert "DOG_SYNC_MAP=" in done.stdout
    assert "feedback: 1 accepted, 1 duplicates, 0 rejected" in synced.stdout
    assert secret.returncode == 2
    assert "put it in a variable, --from env:NAME" in secret.stderr


def test_a_file_that_cannot_be_read_is_named_at_the_end_and_the_others_are_loaded(run: Command, folder: Path) -> None:
    (folder / "twice.csv").write_text("Kunde;Kunde;Artikel;Datum\n1;2;A1;13.01.2026\n")
    done = run("dog", "--tenant", "acme", "init", str(folder), "--yes")

    assert done.returncode == 1
    assert "Artikel.csv: products: 3 accepted" in done.stdout
    assert "not loaded: twice.csv: a column is named twice: 'Kunde'" in done.stderr
