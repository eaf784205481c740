"""What `pip install` gives: the wheel alone, in an environment of its own, used in an empty folder."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import orjson
import pytest

import dog
from tests.servers import free_port, wait_until

ROOT = Path(__file__).parent.parent
UV = (sys.executable, "-m", "uv", "--no-config")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the sdist, and install it with its declared requirements; return the folder of commands."""
    folder = tmp_path_factory.mktemp("wheel")
    built, commands = folder / "dist", folder / "venv/bin"
    locked = re.findall(r"^[a-z0-9._-]+==[^\\\n]+", (ROOT / "requirements-sample.txt").read_text("utf-8"), re.MULTILINE)
    (folder / "locked.txt").write_text("\n".join(locked))
    for words in (
        ("build", "--quiet", "--out-dir", str(built), str(ROOT)),
        ("venv", "--quiet", "--python", sys.executable, str(folder / "venv")),
    ):
        subprocess.run([*UV, *words], check=True)
    [wheel] = built.glob("*.whl")
    packages = ("--constraint", str(folder / "locked.txt"), f"{wheel}[console,sample]")
    subprocess.run([*UV, "pip", "install", "--quiet", "--python", str(commands / "python"), *packages], check=True)
    return commands


class Desk:
    """An empty folder in which somebody types commands."""

    def __init__(self, commands: Path, folder: Path) -> None:
        self.folder, self.address = folder, f"http://127.0.0.1:{free_port()}"
        kept = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
        self.commands = commands
        self._environ = kept | {"PATH": f"{commands}:/usr/bin:/bin", "DOG_BIND": self.address.removeprefix("http://")}

    def type(self, *words: str) -> str:
        """Run a command; return what it prints."""
        command = [str(self.commands / words[0]), *words[1:]]
        return subprocess.run(
            command, cwd=self.folder, env=self._environ, check=True, capture_output=True, text=True
        ).stdout

    @contextmanager
    def running(self, *words: str, until: str) -> Iterator[str]:
        """Run a command that serves; yield its output up to the line that begins with `until`, once it is ready."""
        command, said = [str(self.commands / words[0]), *words[1:]], ""
        with subprocess.Popen(
            command, cwd=self.folder, env=self._environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                said += line
                if line.startswith(until):
                    break
            else:
                pytest.fail(said)
            try:
                wait_until(self.is_ready, 120)
                yield said
            finally:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=60)

    def is_ready(self) -> bool:
        """Return whether the service answers."""
        try:
            with urlopen(f"{self.address}/health/ready", timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def call(self, path: str, body: Any = None) -> Any:
        """Call the API with the key of the demonstration."""
        key = (self.folder / "var/demo.key").read_text("utf-8")
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = Request(f"{self.address}{path}", body and orjson.dumps(body), headers)
        with urlopen(request, timeout=120) as answer:
            return orjson.loads(answer.read())


def ranked(answer: Any) -> list[tuple[str, float]]:
    return [(item["product_id"], item["score"]) for item in answer["items"]]


@pytest.fixture(scope="module")
def desk(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(installed, tmp_path_factory.mktemp("empty"))


def test_the_installed_commands_state_their_version_and_need_nothing_that_is_not_declared(desk: Desk) -> None:
    assert desk.type("dog", "--version") == f"dog {dog.__version__}\n"
    assert "recompute" in desk.type("dog", "jobs", "--help")
    assert desk.type("python", "-c", "import dog, jobs; print(dog.__file__)").startswith(str(desk.folder.parent))
    subprocess.run([*UV, "pip", "check", "--quiet", "--python", str(desk.commands / "python")], check=True)


def test_the_quick_start_works_from_the_wheel_in_an_empty_folder(desk: Desk) -> None:
    with desk.running("dog", "demo", until="  -H 'Content-Type") as said:
        [contact] = re.findall(r"^contact (\S+), policy recommended", said, re.MULTILINE)
        before = desk.call("/v1/recommendations", {"contact_id": contact, "decision_id": "first"})
        first = before["items"][0]["product_id"]
        verdict = {
            "event_id": "e1",
            "type": "discard",
            "contact_id": contact,
            "product_id": first,
            "occurred_at": before["generated_at"],
            "reason": {"trigger": "market"},
        }
        judged = desk.call("/v1/feedback", {"events": [verdict]})
        after = desk.call("/v1/recommendations", {"contact_id": contact, "decision_id": "second"})
        with urlopen(f"{desk.address}/", timeout=120) as page:
            assert page.url.startswith(f"{desk.address}/console/")

    assert judged["accepted"] == 1
    assert len(after["items"]) == len(before["items"])
    assert first not in dict(ranked(after))
    with desk.running("dog", "serve", until="serving on"):
        assert ranked(desk.call("/v1/decisions/first")) == ranked(before)
