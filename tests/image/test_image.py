"""The Dockerfile step by step, without an engine: every COPY and RUN, then the start, the health check, the stop."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.chamber import Chamber
from tests.image.dockerfile import Stage, read_dockerfile

ROOT = Path(__file__).parent.parent.parent
ASK_CONSOLE = """from http.client import HTTPConnection as C
c = C('127.0.0.1', 8000, timeout=30)
c.request('GET', '/console/log-in')
print(c.getresponse().status)"""
TOOLS = ("unshare", "setpriv", "chroot", "mount", "ip")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: unshare, mount, chroot"),
    pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}"),
]


def python_of(base: str) -> Path:
    """Find the Python of a base image here, else the one that runs the tests."""
    version = base.partition("@")[0].removeprefix("python:").removesuffix("-slim")
    places = [*Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), Path(f"/usr/local/bin/python{version}")]
    return next((place for place in places if place.exists()), Path(sys.base_prefix) / "bin/python")


def build(stage: Stage, chamber: Chamber, built: dict[str, Chamber]) -> None:
    """Do what a stage's COPY, RUN and WORKDIR lines say."""
    folder, known = "/", Stage(stage.name, stage.base)  # the steps so far: their ENV lines hold for what follows
    for step in stage.steps:
        known.steps.append(step)
        if step.word == "WORKDIR":
            folder = step.argument
            chamber.inside(folder).mkdir(parents=True, exist_ok=True)
        elif step.word == "RUN":
            chamber.run(f"cd {folder} && {step.argument}", known.environ(chamber.environ()))
        elif step.word == "COPY":
            *options, source, target = step.argument.split()
            origin = built[options[0].removeprefix("--from=")].inside(source) if options else ROOT / source
            aim = chamber.inside(str(Path(folder) / target))
            aim.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-aT", "--", origin, aim], check=True)
            for cache in [] if options else list(aim.rglob("__pycache__")):
                shutil.rmtree(cache)  # as .dockerignore says


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Chamber]]:
    stages = read_dockerfile(ROOT / "Dockerfile")
    built: dict[str, Chamber] = {}
    folder = tmp_path_factory.mktemp("image")
    for stage in stages:
        chamber = Chamber(folder / (stage.name or "last"), python_of(stage.base))
        chamber.prepare()
        build(stage, chamber, built)
        built[stage.name] = chamber
    yield stages[-1], built[""]
    shutil.rmtree(folder)


def enter(process: subprocess.Popen[str], command: list[str], chamber: Chamber) -> subprocess.CompletedProcess[str]:
    """Run a command where a started program runs."""
    entry = ["nsenter", "-t", str(process.pid), "-m", "-n", "chroot", str(chamber.root), *command]
    environ = read_dockerfile(ROOT / "Dockerfile")[-1].environ(chamber.environ())
    return subprocess.run(entry, env=environ, capture_output=True, text=True, check=False, timeout=60)


def test_the_image_builds_starts_says_it_is_well_and_stops_on_sigterm(image: tuple[Stage, Chamber]) -> None:
    stage, chamber = image
    [folder], [user], [volume] = stage.all("WORKDIR"), stage.all("USER"), stage.all("VOLUME")
    environ = stage.environ(chamber.environ())
    entry = ["env", "-C", folder, "sh", "-c", "python -m dog keys create >&2 && exec " + " ".join(stage.command())]

    process = chamber.start(entry, environ, user, volume)
    try:
        for _ in range(600):
            checked = enter(process, stage.health_check(), chamber)
            if checked.returncode == 0 or process.poll() is not None:
                break
            time.sleep(0.1)
        console = enter(process, ["python", "-c", ASK_CONSOLE], chamber)
        owner = enter(process, ["stat", "-c", "%u", "/proc/1/cwd", f"{volume}/redis"], chamber)
        process.send_signal(signal.SIGTERM)
        code = process.wait(40)
    finally:
        process.kill()

    assert checked.returncode == 0, checked.stderr + chamber.log.read_text()
    assert console.stdout == "200\n", console.stderr
    assert owner.stdout.split()[-1] == user
    assert code == 0


def test_the_image_holds_no_tests_no_secrets(image: tuple[Stage, Chamber]) -> None:
    chamber = image[1]
    held = {path.name for path in chamber.inside("/srv/dog").iterdir()}

    assert held == {"dog", "jobs", "rules", "docs", "wsgi.py", "var"}
