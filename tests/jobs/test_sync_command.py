from pathlib import Path

from tests.cli.conftest import Command
from tests.databases import execute

MAP = """
[sources.crm]
kind = "feedback"
url = "env:CRM_URL"
query = "SELECT * FROM deals"
cursor = "no"

[sources.crm.columns]
no = "event_id"

[sources.broken]
kind = "feedback"
url = "postgresql://dog:hunter2@127.0.0.1:1/x"
query = "SELECT 1"
"""
MAKE = "CREATE TABLE deals (no INTEGER, type TEXT, contact_id TEXT, product_id TEXT, occurred_at TEXT)"


def test_sources_are_synced_rejected_rows_are_mended_and_nothing_is_loaded_twice(run: Command, tmp_path: Path) -> None:
    url, path = f"sqlite:///{tmp_path}/crm.db", tmp_path / "dog.toml"
    path.write_text(MAP)
    rows = ("(1, 'win', 'c1', 'p1', '2026-01-05T10:00:00Z')", "(2, 'maybe', 'c1', 'p1', '2026-01-05T10:00:00Z')")
    execute(url, MAKE, f"INSERT INTO deals VALUES {', '.join(rows)}")
    first = run("jobs", "sync", "crm", "--map", str(path), CRM_URL=url)
    rejected = tmp_path / "var/rejected/default/crm.rejected.csv"
    rejected.write_text(rejected.read_text().replace(",maybe,", ",loss,"))
    fixed = run("dog", "load", "feedback", str(rejected), "--map", str(path))
    again = run("jobs", "sync", "--map", str(path), CRM_URL=url)
    doctor = run("dog", "doctor")

    assert first.returncode == 1
    assert first.stdout == f"crm: 1 accepted, 0 duplicates, 1 rejected (unmapped_value 1): {rejected}\n"
    assert f"load feedback {rejected} --map {path}" in first.stderr
    assert fixed.stdout.startswith("feedback: 1 accepted, 0 duplicates, 0 rejected\n")
    assert again.returncode == 1
    assert again.stdout == "crm: 0 accepted, 0 duplicates, 0 rejected\n"
    assert "broken: failed: postgresql://dog:***@127.0.0.1:1/x: connection failed" in again.stderr
    assert "hunter2" not in again.stderr + doctor.stdout + run("dog", "audit").stdout
    assert "source broken" in doctor.stdout


def test_what_is_not_in_the_map_is_one_sentence(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "dog.toml"
    path.write_text(MAP)

    assert "has no source cmr; it has crm, broken" in run("jobs", "sync", "cmr", "--map", str(path)).stderr
    path.write_text("")
    assert "has no sources; add a table such as [sources.deals]" in run("jobs", "sync", "--map", str(path)).stderr
