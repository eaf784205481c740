import json
from pathlib import Path

from tests.cli.conftest import Command


def test_scores_from_a_file_are_enough_for_a_list(run: Command, tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    scores.write_text("contact_id,product_id,model,score,as_of\nc1,p1,cf,0.2,2026-11-01\nc1,p2,cf,0.7,2026-11-01\n")
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("contact_id\nc1\n")
    run("dog", "load", "contacts", str(contacts))
    run("dog", "load", "scores", str(scores))
    listed = json.loads(run("dog", "recommend", "c1", "--json", "--k", "1").stdout)

    assert [item["product_id"] for item in listed["items"]] == ["p2"]
