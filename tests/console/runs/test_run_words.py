"""Runs are described in words where their figures are known."""

import pytest

from dog.console.runs.run_words import changed_inputs, describe_comparison, figure, inputs_of, kind_name, main_figures
from dog.storage.run_log import Run

pytestmark = pytest.mark.usefixtures("english")


def run(kind: str, **metrics: float | None) -> Run:
    settings = {"week": None, "weeks": [1]}
    return Run(run_id="r", kind=kind, at_ms=0, seconds=1, settings=settings, code="c", data="d", metrics=metrics)


def test_figures_that_are_not_known_are_left_out() -> None:
    assert main_figures(run("tune", best_log_loss=0.25, in_force_log_loss=None, other=1.0)) == [
        ("log loss of the best settings", "0.25")
    ]
    assert main_figures(run("of a later version", a=1.0)) == []
    assert kind_name("of a later version") == "of a later version"


def test_small_figures_keep_more_digits() -> None:
    assert [figure(value) for value in (0.712345, -0.00012, 1234.0, None)] == ["0.7123", "-0.00012", "1,234", ""]


def test_inputs_are_told_one_by_one() -> None:
    assert inputs_of(run("train")) == [("week", ""), ("weeks", "[1]"), ("program", "c"), ("data", "d"), ("seed", "")]
    assert changed_inputs({"settings": [{"a": 1, "b": 2}, {"a": 1, "c": "x"}], "kind": ["train", "tune"]}) == [
        ("b", "2", ""),
        ("c", "", "x"),
        ("kind", "Training", "Tuning"),
    ]


def test_the_same_inputs_with_other_figures_are_a_bug() -> None:
    says = [
        describe_comparison({"same_inputs": same, "same_metrics": metrics})
        for same in (True, False)
        for metrics in (True, False)
    ]

    assert len(set(says)) == 4
    assert "bug" in says[1]
