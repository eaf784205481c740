"""Read a Dockerfile as stages of steps."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction and its argument, continuation lines joined."""

    word: str
    argument: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands between one FROM and the next."""

    name: str
    base: str
    steps: list[Step] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        """List the arguments of one instruction, in order."""
        return [step.argument for step in self.steps if step.word == word]

    def environ(self, given: dict[str, str]) -> dict[str, str]:
        """Set the ENV lines upon an environment, `$NAME` replaced."""
        environ = dict(given)
        for line in self.all("ENV"):
            for pair in line.split():
                name, _, value = pair.partition("=")
                environ[name] = re.sub(r"\$(\w+)", lambda found: environ.get(found[1], ""), value)
        return environ

    def command(self) -> list[str]:
        """Read the CMD, in its exec form."""
        return list(json.loads(self.all("CMD")[-1]))

    def health_check(self) -> list[str]:
        """Read the HEALTHCHECK's command, in its exec form."""
        return list(json.loads(self.all("HEALTHCHECK")[-1].partition("CMD ")[2]))


def read_dockerfile(path: Path) -> list[Stage]:
    """Read the stages of a file, built without arguments: `$NAME` of an ARG line is what that line says."""
    stages: list[Stage] = []
    given: dict[str, str] = {}
    text = re.sub(r"^\s*#.*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        word, _, argument = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = argument.partition(" AS ")
            stages.append(Stage(name, base))
            given.clear()
        elif word == "ARG":
            name, _, given_value = argument.strip().partition("=")
            given[name] = given_value
        elif word:
            for name, value in given.items():
                argument = argument.replace(f"${name}", value)
            stages[-1].steps.append(Step(word, argument.strip()))
    return stages
