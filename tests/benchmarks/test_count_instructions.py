from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.callgrind import Callgrind, read_counts
from benchmarks.count_instructions import faults, per_list, table
from benchmarks.counted_lists import COUNTED, EMPTY, EVERY, STAGES, StageCounter

VERSIONS = {"python": "3.11.7", "numpy": "2.4.6"}
STORED = {"versions": VERSIONS, "counts": {"plain": {"total": 1_000_000}, "floor": {"total": 500_000}}}


def counted(plain: int, floor: int = 500_000) -> dict[str, dict[str, int]]:
    return {"plain": {"total": plain}, "floor": {"total": floor}}


def test_three_percent_more_pass_and_more_fail_with_the_command_that_accepts_them() -> None:
    (grown,), fails = faults(STORED, counted(1_030_001), VERSIONS)

    assert faults(STORED, counted(1_030_000), VERSIONS) == ([], False)
    assert fails
    assert "plain" in grown
    assert "+3.0%" in grown
    assert "make count STORE=1" in grown


def test_with_other_versions_the_comparison_only_warns() -> None:
    grown, fails = faults(STORED, counted(2_000_000), VERSIONS | {"numpy": "2.5.0"})

    assert len(grown) == 1
    assert not fails


def test_the_floor_and_data_without_a_stored_figure_never_fail() -> None:
    assert faults(STORED, counted(1_000_000, floor=900_000), VERSIONS) == ([], False)
    assert faults({"versions": VERSIONS, "counts": {}}, counted(1_000_000), VERSIONS) == ([], False)


def test_the_cost_of_counting_is_left_out_of_each_stage() -> None:
    lists = COUNTED // EVERY
    counts = {"total": 100 * COUNTED, EMPTY: 700, **dict.fromkeys(STAGES, 50 * lists)}
    found = per_list(counts, {EMPTY: 100, **dict.fromkeys(STAGES, 2 * lists)})

    assert found == {"total": 100, **dict.fromkeys(STAGES, 50 - 2 * 7)}


def test_counts_of_all_threads_are_added_by_the_name_of_the_dump(tmp_path: Path) -> None:
    for thread, total in (("01", 7), ("02", 5)):
        text = f"desc: Trigger: Client Request: total\nevents: Ir\nsummary: {total}\n"
        (tmp_path / f"callgrind.out.9.1-{thread}").write_text(text)
    (tmp_path / "callgrind.out.9").write_text("desc: Trigger: Program termination\nsummary: 3\n")

    assert read_counts(tmp_path) == {"total": 12}


def test_a_stage_is_counted_without_the_stages_inside_it() -> None:
    calls: list[str] = []
    callgrind: Any = SimpleNamespace(toggle=lambda: calls.append("toggle"), dump=calls.append)
    stages = StageCounter(callgrind)
    inner = stages.stage("inner", lambda: calls.append("inner"))

    def outer() -> None:
        calls.append("before")
        inner()
        calls.append("after")

    assert stages.count("outer", stages.stage("outer", outer)) == 2
    assert calls == ["toggle", "before", "toggle", "inner", "toggle", "after", "toggle", "outer"]


def test_a_stage_that_fails_is_left_nevertheless() -> None:
    calls: list[str] = []
    callgrind: Any = SimpleNamespace(toggle=lambda: calls.append("toggle"), dump=calls.append)
    stages = StageCounter(callgrind)

    def fail() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        stages.count("outer", stages.stage("outer", fail))

    assert calls == ["toggle", "toggle"]


def test_requests_to_callgrind_have_no_effect_outside_valgrind() -> None:
    callgrind = Callgrind()

    callgrind.start()
    callgrind.toggle()
    callgrind.dump("nothing")


def test_a_table_shows_the_change_from_the_stored_figure() -> None:
    assert "| total | 1,100 (+10.0%) | 500 (+0.0%) |" in table(counted(1_100_000), STORED["counts"])  # type: ignore[arg-type]
