"""Charts of versions."""

from typing import Any

from dog.console.console_app import create_console
from dog.console.desk.learning_view import draw_learning, draw_spread, predicted_and_observed
from dog.services.runtime import Runtime
from dog.storage.multiplier_versions import MultiplierVersion


def version(name: str, week: int, **known: Any) -> MultiplierVersion:
    return MultiplierVersion(
        version=name, week=week, published_at_ms=0, timezone="UTC", policies={"main": known} if known else {}, counts={}
    )


def test_trust_is_drawn_by_week_of_the_last_version(runtime: Runtime) -> None:
    newest_first = [
        version("c", 2, trust={"product": 0.7, "pair": 0.4}, absorbed_share=0.1),
        version("b", 1, trust={"product": 0.6, "pair": 0.5}),
        version("a", 1, trust={"product": 0.1, "pair": 0.1}),
        version("z", 0),
    ]
    with create_console(runtime).test_request_context():
        chart = draw_learning(newest_first, "main")
        assert draw_learning(newest_first[-1:], "main") is None

    assert chart is not None
    assert chart.names == ["1970-W03", "1970-W04"]
    known, pairs, products = chart.series
    assert (known.y, pairs.y, products.y) == ([None, 0.1], [0.5, 0.4], [0.6, 0.7])


def test_a_version_without_a_summary_has_no_spread(runtime: Runtime) -> None:
    with create_console(runtime).test_request_context():
        assert draw_spread({}) is None
        chart = draw_spread({"spread_bounds": [0.5, 1.5], "spread": [1, 2, 3]})

    assert chart is not None
    assert chart.names == ["≤ 0.5", "0.5–1.5", "> 1.5"]


def test_scores_are_compared_with_wins_in_a_sentence(runtime: Runtime) -> None:
    with create_console(runtime).test_request_context():
        said = predicted_and_observed({"scored_pitches": 1234, "observed_rate": 0.079, "predicted_rate": 0.1})
        assert "No settled pitch" in predicted_and_observed({})

    assert said == "Of 1,234 settled pitches with a score 7.9 % won; the scores predicted 10.0 %."
