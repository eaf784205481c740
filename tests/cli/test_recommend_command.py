import json
import os
import signal
import threading
from pathlib import Path

from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from tests.cli.conftest import Command


def load_two(run: Command, tmp_path: Path) -> None:
    """Load two contacts of one account; c2 scores higher for p1, c1 for p2."""
    scores = tmp_path / "scores.csv"
    pairs = (("c1", "p1", 0.2), ("c1", "p2", 0.7), ("c2", "p1", 0.4), ("c2", "p2", 0.3))
    rows = "".join(f"{contact},{product},cf,{score},2026-11-01\n" for contact, product, score in pairs)
    scores.write_text(f"contact_id,product_id,model,score,as_of\n{rows}")
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("contact_id,account_id\nc1,a1\nc2,a1\n")
    run("dog", "load", "contacts", str(contacts))
    run("dog", "load", "scores", str(scores))


def test_contacts_are_ranked_for_a_product_for_an_account_or_each_by_its_best(run: Command, tmp_path: Path) -> None:
    load_two(run, tmp_path)

    def ranked(*words: str) -> list[tuple[str, str]]:
        items = json.loads(run("dog", "recommend", *words, "--json").stdout)["items"]
        return [(item["contact_id"], item["product_id"]) for item in items]

    assert ranked("--product", "p1") == [("c2", "p1"), ("c1", "p1")]
    assert ranked("--account", "a1", "--k", "1") == [("c1", "p2")]
    assert ranked() == [("c1", "p2"), ("c2", "p1")]


def test_ranked_contacts_are_shown_with_score_and_rationale(run: Command, tmp_path: Path) -> None:
    load_two(run, tmp_path)
    shown = run("dog", "recommend", "--product", "p1").stdout

    assert all(text in shown for text in ("c1", "c2", "a1", "p1", "score", "why"))
    assert "multipliers not computed yet" in shown
    assert shown.index("c2") < shown.index("c1 ")


def test_a_contact_and_a_product_together_are_wrong_usage(run: Command) -> None:
    done = run("dog", "recommend", "c1", "--product", "p1")

    assert (done.returncode, "leave CONTACT out" in done.stderr) == (2, True)


def test_scores_from_a_file_are_enough_for_a_list(run: Command, tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    scores.write_text("contact_id,product_id,model,score,as_of\nc1,p1,cf,0.2,2026-11-01\nc1,p2,cf,0.7,2026-11-01\n")
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("contact_id\nc1\n")
    run("dog", "load", "contacts", str(contacts))
    run("dog", "load", "scores", str(scores))
    listed = json.loads(run("dog", "recommend", "c1", "--json", "--k", "1").stdout)

    assert [item["product_id"] for item in listed["items"]] == ["p2"]


def test_a_command_waits_for_a_redis_that_answers_late(run: Command, tmp_path: Path) -> None:
    load_two(run, tmp_path)
    server = EmbeddedServer(tmp_path / "var")
    server.start()
    with connect(server.url, timeout_seconds=60) as client:
        process = int(client.info("server")["process_id"])
    os.kill(process, signal.SIGSTOP)
    late = threading.Timer(2.0, os.kill, (process, signal.SIGCONT))
    late.start()
    done = run("dog", "recommend", "c1", "--json", DOG_REDIS_URL=server.url)
    late.join()
    server.stop()

    assert (done.returncode, done.stderr) == (0, "")
