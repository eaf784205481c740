"""A soak of twenty seconds: every sample is taken, nothing is lost, no file stays open; the slopes are right."""

from pathlib import Path

import pytest

from tests.soak.run_soak import read_samples, run_soak
from tests.soak.soak_picture import draw
from tests.soak.soak_samples import Sample, percent_per_hour, slopes

SECONDS, SAMPLE_SECONDS = 20.0, 1.0
MOST_FILES_MORE = 8
"""Connections that the load of half the time may still open."""


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_short_soak_takes_every_sample_loses_nothing_and_leaves_no_file_open(tmp_path: Path) -> None:
    reported: list[Sample] = []
    soak = run_soak(SECONDS, SAMPLE_SECONDS, 1, tmp_path / "samples", reported.append)
    middle, last = soak.samples[len(soak.samples) // 2], soak.samples[-1]
    more = {name: last.open_files[name] - middle.open_files[name] for name in last.open_files}
    draw(soak.samples, tmp_path / "soak.png")

    assert len(soak.samples) >= 5  # each takes longer on a busy machine
    assert soak.samples == reported == read_samples(tmp_path / "samples")
    assert (soak.findings.lost, soak.findings.doubled, soak.findings.torn, soak.failed) == (0, 0, 0, 0)
    assert last.events > 0
    assert last.lists > 0
    assert {name for name, count in more.items() if count > MOST_FILES_MORE} == set()
    assert (tmp_path / "soak.png").stat().st_size > 0


def sample(seconds: float, resident_bytes: int, keys: int) -> Sample:
    return Sample(
        seconds=seconds,
        resident_bytes={"worker 1": resident_bytes, "store": 5},
        open_files={"worker 1": 9, "store": 7},
        keys=keys,
        store_bytes=1_000,
        events=100,
        lists=100,
        milliseconds={"lists": [1.0, 2.0]},
    )


def test_slopes_are_percent_an_hour_after_the_warm_up() -> None:
    found = slopes([sample(1800 * half_hour, 1000 + 10 * half_hour, 200) for half_hour in range(7)])

    assert found["memory of worker 1"] == pytest.approx(100 * 20 / 1040)
    assert found["keys per event and list"] == pytest.approx(0)
    assert "memory of store" not in found  # it holds the data


def test_what_happens_in_the_warm_up_does_not_count() -> None:
    assert percent_per_hour([0, 1800, 3600, 5400], [1, 100, 100, 100]) == pytest.approx(0)
