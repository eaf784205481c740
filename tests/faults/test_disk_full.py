"""The disk is full: what was acknowledged is there, feedback is refused in words, and it goes on once there is room."""

import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.checker import check
from tests.faults.journal import Journal
from tests.faults.rows import Row, Scale
from tests.faults.worlds import World, some_event

ROW = 21


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount a small file system in memory; needs the right to mount."""
    with TemporaryDirectory(prefix="dog-disk-") as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "dog-faults", folder], check=False, capture_output=True
        )
        if mounted.returncode != 0:
            raise PermissionError(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def run(scale: Scale, seed: int) -> Row:
    """Fill the disk with feedback, see what is said, make it larger, and let it recover by itself."""
    megabytes, longest_seconds = (16, 120) if scale == "long" else (3, 40)
    chance = random.Random(seed)
    with small_disk(megabytes) as disk, TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "acknowledged.ndjson")
        here = World(disk / "var")
        try:
            here.serve()
            answers = _fill(here, journal, chance, longest_seconds)
            made_room = time.monotonic()
            subprocess.run(["mount", "-o", "remount,size=256m", str(disk)], check=True)
            while here.call("/v1/feedback", {"events": [some_event(chance, "probe")]})[0] != 200:
                assert time.monotonic() - made_room < 60, "it does not come back"
                time.sleep(0.1)
            recovered = time.monotonic() - made_room
            found = check(here.redis_url, journal.read())
        finally:
            here.close()
    note = f"{megabytes} MB; refused with {', '.join(sorted(answers))}"
    return Row("disk full", journal.count, seed, found.lost, found.doubled, found.torn, recovered, note)


def _fill(here: World, journal: Journal, chance: random.Random, longest_seconds: float) -> set[str]:
    """Write until nothing was accepted for three seconds; return how it was refused."""
    answers: set[str] = set()
    began = last = time.monotonic()
    number = 0
    events = [{**some_event(chance, f"e{number}-{place}"), "actor_id": "a" * 200} for place in range(100)]
    while time.monotonic() - last < 3:
        assert time.monotonic() - began < longest_seconds, "the disk does not get full"
        status, answer = here.call("/v1/feedback", {"events": events})
        if status == 200:
            assert all(result["status"] != "rejected" for result in answer["results"])
            for event in events:
                journal.acknowledge(event)
            number, last = number + 1, time.monotonic()
            events = [{**some_event(chance, f"e{number}-{place}"), "actor_id": "a" * 200} for place in range(100)]
        else:
            answers.add(f"{status} {answer['code']}" if answer else "no answer")
            time.sleep(0.05)
    return answers


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")
def test_a_full_disk_loses_nothing_and_recovers_by_itself() -> None:
    try:
        row = run("short", seed=1)
    except PermissionError as error:
        pytest.skip(str(error))

    assert row.is_clean, row
