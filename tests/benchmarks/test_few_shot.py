from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from benchmarks.few_shot import run_few_shot, task_sources
from benchmarks.few_shot.basics import Method
from benchmarks.few_shot.count_methods import fit_als, fit_attributes, fit_ease, fit_nearest, fit_popular
from benchmarks.few_shot.few_shot_report import BEGIN, END, Row, newest, summary, tables
from benchmarks.few_shot.memory import fit_memory
from benchmarks.few_shot.outcomes import run_data
from benchmarks.few_shot.start_scores import fit_taste_alone, fit_whole_start
from benchmarks.few_shot.tasks import Task, shuffled
from dog.errors import NotReady
from tests.benchmarks.few_shot_world import halves

METHODS = {
    "popular": Method(fit_popular),
    "attributes": Method(fit_attributes),
    "EASE": Method(fit_ease),
    "ALS fold-in": Method(fit_als),
    "item-kNN": Method(fit_nearest),
    "taste": Method(fit_taste_alone),
    "memory": Method(fit_memory),
    "start": Method(fit_whole_start, is_whole=True),
}
LEARNS_FROM_EVENTS = ("EASE", "item-kNN", "taste", "memory", "start")


@pytest.fixture(scope="module")
def world() -> Row:
    return run_data(halves(), METHODS)


def auc(row: Row, method: str, events: str) -> tuple[float, float, float]:
    _, gain, low, high = row["methods"][method]["figures"][events][1]
    return gain, low, high


def test_methods_that_learn_from_events_beat_popularity_where_contacts_differ(world: Row) -> None:
    for name in LEARNS_FROM_EVENTS:
        assert auc(world, name, "5")[1] > 0, name
    assert auc(world, "taste", "5")[0] > auc(world, "taste", "1")[0]


def test_without_events_and_attributes_that_matter_all_are_popularity(world: Row) -> None:
    assert auc(world, "EASE", "0") == (0.0, 0.0, 0.0)
    for name in ("attributes", "taste", "start"):
        assert auc(world, name, "0")[1] < 0.005, name


def test_nothing_beats_popularity_where_histories_are_shuffled() -> None:
    row = run_data([shuffled(half) for half in halves()], METHODS)

    assert max(auc(row, name, events)[0] for name in METHODS for events in ("0", "1", "5")) < 0.01


def test_the_same_query_asks_all_numbers_of_events_the_same() -> None:
    row = run_data(halves(), {name: METHODS[name] for name in ("popular", "taste")}, same_query=True)
    means = {events: found[0][0] for events, found in row["methods"]["popular"]["figures"].items()}

    assert len(set(row["episodes"].values())) == 1
    assert means["0"] == pytest.approx(means["5"], abs=0.02)
    assert auc(row, "taste", "10")[0] > auc(row, "taste", "1")[0]


def test_the_summary_marks_gains_that_are_certain(world: Row) -> None:
    lines = summary([world], 1).splitlines()

    assert lines[0] == "| method | Sample, categories |"
    assert lines[2].startswith("| popular | .")
    assert "**" not in lines[2]
    assert "**" in lines[-1]


def test_the_page_gets_the_tables_of_the_newest_rows(world: Row, tmp_path: Path) -> None:
    history, page, png = tmp_path / "rows.ndjson", tmp_path / "page.md", tmp_path / "picture.png"
    history.write_bytes(orjson.dumps({**world, "seconds": 1.0}) + b"\n" + orjson.dumps(world) + b"\n")
    page.write_text(f"# Title\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", "utf-8")
    asked = ["--report", "--history", str(history), "--page", str(page), "--png", str(png)]

    CliRunner().invoke(run_few_shot.main, asked, catch_exceptions=False)

    assert page.read_text("utf-8") == f"# Title\n\n{BEGIN}\n\n{tables(newest(history))}\n\n{END}\n\nAfter.\n"
    assert png.read_bytes().startswith(b"\x89PNG")


def test_methods_can_be_compared_with_another_than_popularity() -> None:
    row = run_data(halves(), {name: METHODS[name] for name in ("start", "popular")}, base="start")

    assert auc(row, "start", "5") == (0.0, 0.0, 0.0)
    assert auc(row, "popular", "5")[2] < 0
    assert "differences to `start`" in tables({("sample", False): row})


def test_a_data_set_that_is_not_installed_is_left_out_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> list[Task]:
        raise NotReady("films are left out: the package is not installed")

    monkeypatch.setitem(task_sources.SOURCES, "films", missing)

    assert run_few_shot.run_one("films", METHODS, base="popular", quick=False) == []
    assert capsys.readouterr().err == "films are left out: the package is not installed\n"


def test_a_method_that_does_not_exist_is_refused_with_those_that_do() -> None:
    refused = CliRunner().invoke(run_few_shot.main, ["--methods", "magic"])

    assert refused.exit_code == 2
    assert "not a method that can run here: magic" in refused.output
