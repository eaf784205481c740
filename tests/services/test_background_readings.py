"""Figures are looked up once, kept until they are old, and their progress and errors are told."""

import threading
from collections.abc import Callable

import pytest

from dog.errors import NotFound
from dog.services.background_readings import BackgroundReadings
from tests.servers import wait_until

KEY = ("default", "figures")


@pytest.fixture
def readings() -> BackgroundReadings[int]:
    return BackgroundReadings(most=2)


def is_done(readings: BackgroundReadings[int], key: tuple[str, str] = KEY) -> bool:
    return readings.read(key, lambda _: 0, lambda _: False).progress is None


def test_figures_are_kept_until_they_are_old(readings: BackgroundReadings[int]) -> None:
    values = iter((1, 2))
    first = readings.read(KEY, lambda _: next(values), lambda _: True)
    wait_until(lambda: is_done(readings))
    kept = readings.read(KEY, lambda _: next(values), lambda last: last != 1)
    readings.read(KEY, lambda _: next(values), lambda last: last == 1)
    wait_until(lambda: is_done(readings))

    assert first.figures in (None, 1)
    assert kept.figures == 1
    assert readings.read(KEY, lambda _: 0, lambda _: False).figures == 2


def test_progress_is_told_while_the_last_figures_are_shown(readings: BackgroundReadings[int]) -> None:
    go_on, half = threading.Event(), threading.Event()

    def slowly(report: Callable[[float], None]) -> int:
        report(0.5)
        half.set()
        go_on.wait(60)
        return 2

    readings.read(KEY, lambda _: 1, lambda _: False)
    wait_until(lambda: is_done(readings))
    readings.read(KEY, slowly, lambda _: True)
    half.wait(60)
    found = readings.read(KEY, slowly, lambda _: True)
    go_on.set()

    assert (found.figures, found.progress) == (1, 0.5)


def test_an_error_is_told_and_the_next_reading_starts_again(readings: BackgroundReadings[int]) -> None:
    def refuse(_: Callable[[float], None]) -> int:
        raise NotFound("there is none", code="unknown_policy")

    readings.read(KEY, refuse, lambda _: False)
    wait_until(lambda: bool(readings.read(KEY, refuse, lambda _: False).error))
    assert readings.read(KEY, refuse, lambda _: False).figures is None
    wait_until(lambda: readings.read(KEY, lambda _: 1, lambda _: False).figures == 1)


def test_the_error_of_a_slow_reading_is_reported_once_before_it_starts_again(readings: BackgroundReadings[int]) -> None:
    go_on, calls = threading.Event(), list[int]()

    def refuse_slowly(_: Callable[[float], None]) -> int:
        calls.append(1)
        go_on.wait(60)
        raise NotFound("there is none", code="unknown_policy")

    first = readings.read(KEY, refuse_slowly, lambda _: False)
    go_on.set()
    wait_until(lambda: not readings._found.result(KEY)[1])  # reading would show the error
    second = readings.read(KEY, refuse_slowly, lambda _: False)

    assert (first.progress, first.error) == (0.0, "")
    assert (second.progress, second.error) == (None, "there is none")
    assert calls == [1]
    assert readings.read(KEY, lambda _: 1, lambda _: False).error == ""


def test_the_figures_of_few_keys_are_kept(readings: BackgroundReadings[int]) -> None:
    for name in "abc":
        readings.read((name, ""), lambda _: 1, lambda _: False)
        wait_until(lambda name=name: is_done(readings, (name, "")))  # type: ignore[misc]

    assert len(readings._last) <= 2  # what is kept shows nowhere else
