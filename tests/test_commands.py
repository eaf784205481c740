"""The commands as a user types them: exit codes, one clear line, nothing half done."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parent.parent


@pytest.fixture
def run(tmp_path: Path) -> Command:
    """Run a module with a data folder of its own."""

    def call(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOG_")}
        env = {
            **kept,
            "DOG_DATA_DIR": str(tmp_path / "var"),
            "DOG_POLICY_DIR": str(ROOT / "rules"),
            **environ,
        }
        return subprocess.run(  # noqa: PLW1510  # the exit code is what is tested
            [sys.executable, "-m", *words], capture_output=True, text=True, cwd=ROOT, env=env, timeout=90
        )

    return call


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


def test_a_key_is_printed_once_as_the_only_line(run: Command) -> None:
    made = run("dog", "keys", "create", "--name", "crm", "--scopes", "recommend,read")
    listed = run("dog", "keys", "list").stdout

    assert made.stdout.startswith("dog_")
    assert made.stdout.count("\n") == 1
    assert "crm" in listed
    assert made.stdout.strip() not in listed


def test_a_revoked_key_is_listed_as_such(run: Command) -> None:
    key_id = run("dog", "keys", "create").stdout.split("_")[1]

    assert run("dog", "keys", "revoke", key_id).returncode == 0
    assert "revoked" in run("dog", "keys", "list").stdout
    assert run("dog", "keys", "revoke", "nope").returncode == 1


@pytest.mark.parametrize(
    ("words", "environ", "code", "says"),
    [
        (("dog", "recommend", "nobody"), {}, 1, "tenant 'default' does not exist"),
        (("dog", "load", "products", "missing.csv"), {}, 1, "there is no such file"),
        (("dog", "load", "products", "x.xlsx"), {}, 1, "the ending must be one of"),
        (("dog", "fly"), {}, 2, "No such command"),
        (("dog", "recommend", "c1", "--k", "0"), {}, 2, "--k"),
        (("dog", "doctor"), {"DOG_WORKER": "2"}, 2, "did you mean DOG_WORKERS?"),
        (("dog", "doctor"), {"DOG_BIND": "nowhere"}, 2, "must be HOST:PORT"),
        (("dog", "serve"), {"DOG_BIND": "0.0.0.0:8999", "DOG_AUTH": "off"}, 2, "loopback"),
        (("jobs", "recompute", "--week", "2026-W99"), {}, 1, "has no week 99"),
    ],
)
def test_wrong_input_gets_one_clear_line(
    run: Command, words: tuple[str, ...], environ: dict[str, str], code: int, says: str
) -> None:
    if "--week" in words:
        run("dog", "keys", "create")
    done = run(*words, **environ)

    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_says_what_is_missing_and_how_to_mend_it(run: Command) -> None:
    run("dog", "keys", "create")
    done = run("dog", "doctor")

    assert done.returncode == 1
    assert "python -m dog load products FILE" in done.stdout
    assert "append-only file on" in done.stdout


def test_doctor_says_what_to_do_while_redis_is_away(run: Command) -> None:
    done = run("dog", "doctor", DOG_REDIS_URL="redis://:hidden@127.0.0.1:1/0")

    assert done.returncode == 1
    assert "MEND server: Redis: " in done.stdout
    assert "start that Redis, or mend DOG_REDIS_URL" in done.stdout
    assert "hidden" not in done.stdout + done.stderr


def test_scores_from_a_file_are_enough_for_a_list(run: Command, tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    scores.write_text("contact_id,product_id,model,score,as_of\nc1,p1,cf,0.2,2026-11-01\nc1,p2,cf,0.7,2026-11-01\n")
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("contact_id\nc1\n")
    run("dog", "load", "contacts", str(contacts))
    run("dog", "load", "scores", str(scores))
    listed = json.loads(run("dog", "recommend", "c1", "--json", "--k", "1").stdout)

    assert [item["product_id"] for item in listed["items"]] == ["p2"]
