import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from jobs.consume_command import consume
from tests.cli.conftest import ROOT, Command
from tests.services.data.sources.test_consume_topic import Broker, win


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "state NAME --map dog.toml, or --brokers"),
        (["deals"], "NAME needs --map dog.toml"),
        (["--brokers", "b:1"], "--brokers HOST:PORT --topic TOPIC"),
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(words: list[str], says: str) -> None:
    asked = CliRunner().invoke(consume, words)

    assert asked.exit_code == 2
    assert says in asked.output


@pytest.mark.slow
def test_a_consumer_that_is_killed_and_started_again_loses_and_doubles_nothing(run: Command, tmp_path: Path) -> None:
    broker, path, out = Broker(), tmp_path / "dog.toml", tmp_path / "all.ndjson"
    path.write_text(
        f'[topics.deals]\nkind = "feedback"\nbrokers = "{broker.address}"\ntopic = "deals"\n'
        '[topics.deals.settings]\n"session.timeout.ms" = "6000"\n'
    )
    sent = 0
    for kill in (True, True, False):
        broker.send(*map(win, range(sent, sent := sent + 500)))
        process = start(tmp_path, path)
        assert process.stderr is not None
        for line in process.stderr:
            if b"accepted" in line:  # the first batch is stored and committed; more may be under way
                break
        process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        process.wait(60)
        process.stderr.close()
    run("dog", "export", "feedback", str(out))
    found = [orjson.loads(line)["event_id"] for line in out.read_bytes().splitlines()]

    assert len(found) == len({*found})
    assert {*found} <= {f"deals/{n % 2}/{n // 2}" for n in range(sent)}
    assert len(found) == sent


def start(folder: Path, map_file: Path) -> "subprocess.Popen[bytes]":
    """Start a consumer."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOG_")}
    env = {**kept, "DOG_DATA_DIR": str(folder / "var"), "DOG_POLICY_DIR": str(ROOT / "rules")}
    command = [sys.executable, "-m", "jobs", "consume", "deals", "--map", str(map_file)]
    return subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
