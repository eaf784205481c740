import re
from pathlib import Path

import orjson

from tests.cli.conftest import Command

HEAD = "event_id,type,contact_id,product_id,occurred_at,pitch_id\n"


def test_a_load_is_rehearsed_loaded_listed_and_undone(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    rows = ["e1,pitch,c1,p1,2026-01-05T09:00:00Z,", "e2,pitch,c1,p1,soon,", "e3,win,c1,p1,2026-01-06T09:00:00Z,e2"]
    file.write_text(HEAD + "\n".join(rows) + "\n")
    rehearsed = run("dog", "load", "feedback", str(file), "--dry-run")

    assert rehearsed.returncode == 1
    assert rehearsed.stdout == (
        "feedback: 1 accepted, 0 duplicates, 2 rejected (dry run: nothing was changed)\nwould create: 1 contact\n"
    )
    assert "would reject: invalid_event 1, pitch_refused 1\n  line 3: invalid_event: " in rehearsed.stderr
    assert "  line 4: pitch_refused: its pitch 'e2' (line 3) was refused;" in rehearsed.stderr
    assert not (tmp_path / "deals.csv.rejected.csv").exists()

    loaded = run("dog", "load", "feedback", str(file))
    found = re.search(r"load (\w{8}); take it back with: dog loads undo \1\n", loaded.stdout)
    assert found is not None
    assert (loaded.returncode, loaded.stdout.splitlines()[0]) == (1, "feedback: 1 accepted, 0 duplicates, 2 rejected")
    listed = run("dog", "loads", "list").stdout
    assert listed.startswith(f"{found[1]}  20")
    assert "complete     feedback      deals.csv: 1 accepted, 0 duplicates, 2 rejected" in listed
    assert f"file=deals.csv load={found[1]}" in run("dog", "audit").stdout

    undone = run("dog", "loads", "undo", found[1])
    assert undone.stdout == f"load {found[1]} (feedback of deals.csv) is undone: 1 event and 1 row taken back\n"
    again = run("dog", "loads", "undo", found[1])
    assert (again.returncode, again.stderr.strip()) == (1, f"error: load {found[1]} is undone already")
    (line,) = run("dog", "loads", "list", "--json").stdout.splitlines()
    assert (orjson.loads(line)["load_id"], orjson.loads(line)["state"]) == (found[1], "undone")


def test_without_loads_the_list_says_so(run: Command) -> None:
    run("dog", "keys", "create", "--name", "a")

    assert run("dog", "loads", "list").stdout == "nothing was loaded from a file yet\n"
