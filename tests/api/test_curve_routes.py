from typing import Any

import pytest

from dog.storage.store import Store
from tests.conftest import Api

LINEAR = {"family": "linear", "neutral": 0.5, "a_max": 2, "d_min": 0.5}


def read(api: Api, settings: dict[str, Any], win_rates: list[float], recursions: list[int]) -> Any:
    body = {"reinforcement": settings, "win_rates": win_rates, "recursions": recursions}
    answer = api.post("/v1/curves", body)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.mark.parametrize(
    ("settings", "win_rate", "recursions", "expected"),
    [
        (LINEAR, 0.9, 0, 1.8),
        (LINEAR, 0.5, 0, 1.0),
        (LINEAR, 0.1, 0, 0.6),
        ({**LINEAR, "reading": "literal", "n": 0}, 0.9, 1, 1.8),
        ({**LINEAR, "reading": "literal", "n": 1}, 0.9, 1, 0.18),
        ({**LINEAR, "reading": "literal", "n": 2}, 0.9, 1, 0.018),
        ({**LINEAR, "reading": "literal", "n": 3}, 0.9, 1, 0.0018),
        ({**LINEAR, "reading": "gain", "n": 1}, 0.9, 1, 1.08),
        ({**LINEAR, "reading": "gain", "n": 1}, 0.5, 1, 1.0),
        ({**LINEAR, "reading": "gain", "n": 1}, 0.1, 1, 0.64),
        ({"family": "exponential", "neutral": 0.2, "a_max": 3, "d_min": 1 / 3}, 0.6, 0, 1.732050807569),
        ({"family": "exponential", "neutral": 0.2, "a_max": 3, "d_min": 1 / 3}, 0.05, 0, 0.438691337651),
        ({"family": "ratio", "neutral": 0.12, "a_max": 3, "d_min": 1 / 3}, 11 / 70, 0, 1.309523809524),
        ({"family": "ratio", "neutral": 0.12, "a_max": 3, "d_min": 1 / 3}, 0.38, 0, 3.0),
    ],
)
def test_the_curve_gives_the_known_numbers(
    api: Api, settings: dict[str, Any], win_rate: float, recursions: int, expected: float
) -> None:
    point = read(api, settings, [win_rate], [recursions])["points"][0]

    assert point["multiplier"] == pytest.approx(expected, abs=1e-11)
    assert expected == pytest.approx(point["arm"] if win_rate >= settings["neutral"] else point["drm"], abs=1e-11)


def test_the_published_example_is_warned_of(api: Api) -> None:
    warnings = read(api, {**LINEAR, "reading": "literal", "n": 1}, [0.9], [0, 1])["warnings"]

    assert {warning["code"] for warning in warnings} == {"order_broken", "bounds_broken"}
    assert {warning["recursions"] for warning in warnings} == {1}


def test_the_recommended_curve_has_no_warnings(api: Api) -> None:
    drawn = api.get("/v1/curves?policy=recommended&points=11").json

    assert drawn["warnings"] == []
    assert len(drawn["points"]) == 11 * 4


@pytest.mark.parametrize(
    "settings",
    [
        {"a_max": 0.5},
        {"d_min": 0},
        {"neutral": 1},
        {"neutral": "0.5"},
        {"n": 4},
        {"family": "cubic"},
        {"x": 1},
    ],
)
def test_settings_out_of_range_are_refused(api: Api, settings: dict[str, Any]) -> None:
    answer = api.post("/v1/curves", {"reinforcement": settings, "win_rates": [0.5]})

    assert answer.status_code == 422


def test_an_unknown_policy_is_404(api: Api, store: Store) -> None:
    assert api.get("/v1/curves?policy=nope").status_code == 404
