"""Every answer is as it was recorded; after a change that is meant: `python -m tests.recorded record`."""

import pytest

from tests.recorded.answers import FOLDER, Record, by_part, read_answers, tell_differences
from tests.recorded.play import ROOT, play_apart

PARTS = sorted(path.name.removesuffix(".ndjson.gz") for path in FOLDER.glob("*.ndjson.gz"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="session")
def played() -> dict[str, list[Record]]:
    """Play once; records by part."""
    return by_part(play_apart(ROOT))


@pytest.mark.parametrize("part", PARTS)
def test_answers_are_as_recorded(played: dict[str, list[Record]], part: str) -> None:
    told = tell_differences(played[part], read_answers(part))

    assert not told, told


def test_every_part_is_recorded(played: dict[str, list[Record]]) -> None:
    assert sorted(played) == PARTS
