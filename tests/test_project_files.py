"""The files that a forge reads: they parse, and name what is there."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import dog

ROOT = Path(__file__).parent.parent
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))


def read_yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_continuous_integration_runs_what_everybody_can_run() -> None:
    steps = read_yaml(".github/workflows/ci.yml")["jobs"]["ci"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]

    assert ".ci/run" in commands
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
    assert any("uv build" in command for command in commands)


def test_a_release_is_published_only_after_the_quick_start_ran_from_the_wheel_of_the_tagged_version() -> None:
    jobs = read_yaml(".github/workflows/release.yml")["jobs"]
    commands = [step["run"] for step in jobs["build"]["steps"] if "run" in step]
    check = next(command for command in commands if "GITHUB_REF_NAME" in command)
    tagged = [
        subprocess.run(["bash", "-c", check], cwd=ROOT, env={**os.environ, "GITHUB_REF_NAME": tag}, check=False)
        for tag in (f"v{dog.__version__}", "v0.0.1")
    ]

    assert [done.returncode for done in tagged] == [0, 1]
    assert any("tests/test_wheel.py" in command for command in commands)
    assert (jobs["publish"]["needs"], jobs["publish"]["permissions"]) == ("build", {"id-token": "write"})


def test_updates_are_proposed_for_every_kind_of_requirement() -> None:
    found = {each["package-ecosystem"] for each in read_yaml(".github/dependabot.yml")["updates"]}

    assert found == {"pip", "github-actions", "docker", "docker-compose"}


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.name)
def test_a_form_asks_for_something_and_each_field_has_a_name_of_its_own(form: Path) -> None:
    asked = yaml.safe_load(form.read_text("utf-8"))
    names = [field["id"] for field in asked["body"]]

    assert {"name", "description", "body"} <= set(asked)
    assert len(set(names)) == len(names)
    assert any(field.get("validations", {}).get("required") for field in asked["body"])
