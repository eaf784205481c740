"""Where a play takes place: what is asked of a checkout is recorded, part by part."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.recorded.answers import Record
from tests.recorded.frozen import SharedClock
from tests.recorded.masks import GENERATED, Mask, mask
from tests.recorded.service import Answer, Service
from tests.recorded.world import World

SECONDS_BETWEEN = 1.0
"""Between two writes or commands: what they leave behind is sorted by time."""


@dataclass(slots=True)
class Stage:
    """A service, the world it is loaded with, and the records so far.

    Parameters
    ----------
    service
        What is asked.
    world
        What is loaded.
    work
        Folder of the data and of all files.
    part
        To which the next records belong.
    keys
        API keys by name; `admin` is used where no other is given.
    is_exact
        Whether numbers are recorded to the last digit.

    """

    service: Service
    world: World
    work: Path
    part: str = ""
    records: list[Record] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    is_exact: bool = False

    @property
    def clock(self) -> SharedClock:
        """Return the clock of the service."""
        return self.service.clock

    def note(self, name: str, text: str, *masks: Mask, part: str = "") -> None:
        """Record a text."""
        for owner, key in self.keys.items():
            text = text.replace(key, f"KEY-{owner}").replace(key.split("_")[1], f"ID-{owner}")
        self.records.append(Record(part or self.part, name, mask(text, self.work, *masks, is_exact=self.is_exact)))

    def make_key(self, name: str, scopes: str, *, tenant: str = "default", record: str = "") -> None:
        """Make an API key."""
        words = ("dog", "--tenant", tenant, "keys", "create", "--name", name, "--scopes", scopes)
        code, key, *_ = self.service.run(*words).splitlines()
        self.keys[name] = key
        self.note(record or f"key-{name}", code)

    def ask(
        self,
        name: str,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        masks: tuple[Mask, ...] = (),
        key: str | None = None,
        *,
        tick: bool = True,
        shows_body: bool = False,
    ) -> Answer:
        """Send a request and record the answer, and with `shows_body` what was asked."""
        if tick and method != "GET":
            self.clock.advance(SECONDS_BETWEEN)
        answer = self.service.ask(method, path, body, headers, key=self.keys["admin"] if key is None else key)
        asked = body.decode(errors="replace") if isinstance(body, bytes) else orjson.dumps(body).decode()
        self.note(name, answer.text + (f"\n{method} {path}\n{asked}" if shows_body else ""), *masks)
        return answer

    def run(self, name: str, *words: str, masks: tuple[Mask, ...] = ()) -> None:
        """Run a command and record its exit code and what it prints."""
        self.clock.advance(SECONDS_BETWEEN)
        self.note(name, self.service.run(*words), *masks)

    def look(self, path: str) -> Any:
        """Return the JSON of a GET; it is not recorded."""
        return self.service.ask("GET", path, key=self.keys["admin"]).json

    def export(self, name: str, file: str, *words: str) -> None:
        """Run a command that writes a file, and record what it prints and the file.

        Lines of decisions with a generated id are left out: their order is that of random numbers.
        """
        path = self.work / file
        self.run(name, *words, file)
        text = path.read_text() if path.exists() else "no such file"
        self.note(f"{name}: {file}", "".join(line for line in text.splitlines(True) if not GENERATED.search(line)))
