import csv
from pathlib import Path

from tests.cli.conftest import Command


def test_a_file_with_broken_lines_is_loaded_but_for_those(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text('product_id,name,value\np1,Fax,10\np2,"Pho\nne",x\np3,Desk,3,4\n,None,1\np5,Lamp,5\n')
    done = run("dog", "load", "products", str(file))
    with (tmp_path / "products.csv.rejected.csv").open(newline="") as rejects:
        rejected = list(csv.DictReader(rejects))

    assert done.returncode == 1
    assert done.stdout == "products: 2 accepted, 0 duplicates, 3 rejected\n"
    assert [row["line"] for row in rejected] == ["3", "5", "6"]
    assert "value must be a finite number" in rejected[0]["reason"]
    assert "has 4 fields where the header names 3" in rejected[1]["reason"]


def test_loading_twice_changes_nothing(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "contacts.ndjson"
    file.write_text('{"contact_id": "c1", "channels": "call"}\n{"contact_id": "c2"}\n')

    assert run("dog", "load", "contacts", str(file)).stdout == "contacts: 2 accepted, 0 duplicates, 0 rejected\n"
    assert run("dog", "load", "contacts", str(file)).stdout == "contacts: 0 accepted, 2 duplicates, 0 rejected\n"
