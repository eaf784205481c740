import csv
import re
import shlex
from pathlib import Path

from tests.cli.conftest import Command
from tests.databases import execute


def without_id(output: str) -> str:
    """Return the output of a load without its last line, which has the load's id."""
    lines = output.splitlines(keepends=True)
    assert re.fullmatch(r"load (\w{8}); take it back with: dog loads undo \1\n", lines[-1])
    return "".join(lines[:-1])


def test_a_file_with_broken_lines_is_loaded_but_for_those(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text('product_id,name,value\np1,Fax,10\np2,"Pho\nne",x\np3,Desk,3,4\n,None,1\np5,Lamp,5\n')
    done = run("dog", "load", "products", str(file))
    with (tmp_path / "products.csv.rejected.csv").open(newline="") as rejects:
        rejected = list(csv.DictReader(rejects))

    assert done.returncode == 1
    assert without_id(done.stdout) == "products: 2 accepted, 0 duplicates, 3 rejected\n"
    assert [row["line"] for row in rejected] == ["3", "5", "6"]
    assert "value must be a finite number" in rejected[0]["reason"]
    assert "has 4 fields where the header names 3" in rejected[1]["reason"]


def test_loading_twice_changes_nothing(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "contacts.ndjson"
    file.write_text('{"contact_id": "c1", "channels": "call"}\n{"contact_id": "c2"}\n')

    first, again = (without_id(run("dog", "load", "contacts", str(file)).stdout) for _ in range(2))
    assert first == "contacts: 2 accepted, 0 duplicates, 0 rejected\n"
    assert again == "contacts: 0 accepted, 2 duplicates, 0 rejected\n"


def test_loading_history_of_published_weeks_says_so_and_the_next_recompute_counts_it(
    run: Command, tmp_path: Path
) -> None:
    header = "event_id,type,contact_id,product_id,occurred_at\n"
    first, history = tmp_path / "first.csv", tmp_path / "history.csv"
    first.write_text(header + "e1,pitch,c1,p1,2026-01-05T09:00:00Z\n")
    rows = [
        f"h{n}{kind},{kind},c1,p1,2025-12-{8 + n:02}T1{hour}:00:00Z"
        for n in range(9)
        for hour, kind in enumerate(("pitch", "win"))
    ]
    history.write_text(header + "\n".join(rows) + "\n")
    before = run("jobs", "recompute").stdout, without_id(run("dog", "load", "feedback", str(first)).stdout)
    run("jobs", "recompute")
    loaded, again = run("dog", "load", "feedback", str(history)).stdout, run("jobs", "recompute").stdout

    assert before == ("", "feedback: 1 accepted, 0 duplicates, 0 rejected\n")
    assert without_id(loaded) == (
        "feedback: 18 accepted, 0 duplicates, 0 rejected\n"
        "events of published weeks that came late: 18 (94.7% of all); the next recompute replays the weeks from "
        "2025-W50 on (dog jobs recompute)\n"
    )
    assert re.match(r"replayed \d+ week\(s\), the last 20\d\d-W\d\d: 1 pairs", again)


def test_unknown_names_are_listed_at_the_end_and_by_doctor(run: Command, tmp_path: Path) -> None:
    products, feedback = tmp_path / "products.csv", tmp_path / "feedback.csv"
    products.write_text("product_id,name\neggs,Eggs\nmilk,Milk\n")
    rows = [f"e{n},win,c1,{product},2026-01-05T09:00:00Z" for n, product in enumerate(("egs", "NOPE", "NOPE", "milk"))]
    feedback.write_text("event_id,type,contact_id,product_id,occurred_at\n" + "\n".join(rows) + "\n")
    run("dog", "load", "products", str(products))
    loaded = run("dog", "load", "feedback", str(feedback))

    assert loaded.returncode == 0
    assert without_id(loaded.stdout) == (
        "feedback: 4 accepted, 0 duplicates, 0 rejected\n"
        "2 products without a row: NOPE (2 rows), egs (1 row; did you mean eggs?)\n"
    )
    assert "ok  unknown names: 2 products without a row: NOPE (2 times)" in run("dog", "doctor").stdout


def rejected_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_a_german_spreadsheet_is_loaded_mended_and_loaded_by_the_printed_command(run: Command, tmp_path: Path) -> None:
    (tmp_path / "dog.toml").write_text('[files.feedback.values.type]\n"Gewonnen" = "win"\n"Angeboten" = "pitch"\n')
    file = tmp_path / "vorgänge.csv"
    head = "Vorgangsnummer;Typ;Kunde;Artikel;Datum;Umsatz\r\n"
    rows = [
        "1;Angeboten;Müller;A1;05/01/2026;\r\n",
        "2;Gewonnen;Müller;A1;13/01/2026;1.234,50\r\n",
        "3;Verlorn;Müller;A1;06/01/2026;\r\n",
    ]
    file.write_bytes((head + "".join(rows)).encode("cp1252"))
    first = run("dog", "load", "feedback", str(file), "--map", str(tmp_path / "dog.toml"))
    rejected = tmp_path / "vorgänge.csv.rejected.csv"
    command = first.stderr.strip().rpartition("fix and load them: ")[2]
    found = rejected_rows(rejected)
    rejected.write_text(rejected.read_text("utf-8-sig").replace("Verlorn", "Gewonnen"), "utf-8-sig")
    second = run(*shlex.split(command))

    assert first.returncode == 1
    assert without_id(first.stdout) == (
        "feedback: 2 accepted, 0 duplicates, 1 rejected\n"
        "read as cp1252 (such as Müller), delimiter ;, type mapped, decimal comma in value, "
        "dates dd/mm/yyyy in occurred_at\n"
        "columns: Vorgangsnummer -> event_id, Typ -> type, Kunde -> contact_id, Artikel -> product_id, "
        "Datum -> occurred_at, Umsatz -> value\n"
        "type not mapped: Verlorn (1 row); map in dog.toml under [files.feedback.values.type]\n"
    )
    assert [(row["line"], row["code"], row["Typ"], row["Datum"]) for row in found] == [
        ("4", "unmapped_value", "Verlorn", "06/01/2026")
    ]
    assert command.endswith("--decimal , --date-format dd/mm/yyyy")
    assert second.stdout.startswith("feedback: 1 accepted, 0 duplicates, 0 rejected\n")
    assert not (tmp_path / "vorgänge.csv.rejected.2.csv").exists()


def test_wrong_options_are_errors_of_usage_and_a_wrong_map_has_its_place(run: Command, tmp_path: Path) -> None:
    file, load_map = tmp_path / "a.csv", tmp_path / "dog.toml"
    file.write_text("contact_id\nc1\n")
    load_map.write_text('[files.contacts]\ndelimeter = ";"\n')
    tried = {
        "--date-format=x": "is not a date format",
        "--encoding=x": "is not an encoding",
        "--decimal=x": "is not one of",
        "--sheet=x": "--sheet does not apply to a.csv",
    }
    said = {option: run("dog", "load", "contacts", str(file), option) for option in tried}
    by_map = run("dog", "load", "contacts", str(file), "--map", str(load_map))

    assert {option: done.returncode for option, done in said.items()} == dict.fromkeys(tried, 2)
    assert [option for option, done in said.items() if tried[option] not in done.stderr] == []
    assert by_map.returncode == 1
    assert by_map.stderr == (
        "error: dog.toml: line 2, column 1: /files/contacts/delimeter: unknown key; did you mean delimiter?\n"
    )


def test_rows_of_a_database_are_loaded_and_the_next_load_goes_on(run: Command, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/crm.db"
    row = "INSERT INTO people VALUES ({0}, 'c{0}', '{1}')"
    execute(url, "CREATE TABLE people (no INTEGER, who TEXT, segment TEXT)", row.format(1, "gold"))
    words = ("dog", "load", "contacts", "--from", "env:CRM", "--query", "SELECT * FROM people", "--cursor", "no")
    (tmp_path / "dog.toml").write_text('[files.contacts.columns]\nwho = "contact_id"\n')
    missing = run(*words, CRM=url)
    first = run(*words, "--map", str(tmp_path / "dog.toml"), CRM=url)
    execute(url, row.format(2, "iron"))
    second = run(*words, "--map", str(tmp_path / "dog.toml"), CRM=url)

    assert "no column for contact_id; columns found: no, who, segment" in missing.stderr
    assert "[files.contacts.columns]" in missing.stderr
    assert first.stdout.splitlines() == [
        "contacts: 1 accepted, 0 duplicates, 0 rejected",
        "columns: who -> contact_id",
        "columns ignored: no",
    ]
    assert second.stdout.startswith("contacts: 1 accepted, 0 duplicates, 0 rejected\n")


def test_a_file_and_a_database_do_not_go_together(run: Command) -> None:
    assert "state a FILE, or a database" in run("dog", "load", "contacts").stderr
    assert "state a FILE, or a database" in run("dog", "load", "contacts", "a.csv", "--from", "x").stderr
    assert "go together" in run("dog", "load", "contacts", "--from", "x").stderr
    assert (
        "--sheet does not apply to a database"
        in run("dog", "load", "contacts", "--from", "x", "--query", "y", "--sheet", "z").stderr
    )
