"""The charts of the page as values."""

from collections.abc import Iterator

import pytest

from dog.console.console_app import create_console
from dog.console.learning.curve_chart import chart_ratios, chart_trust, chart_win_rates
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.services.publishing.draw_curves import draw_curve
from dog.services.runtime import Runtime
from dog.storage.store import Store


@pytest.fixture(autouse=True)
def _request(runtime: Runtime, store: Store) -> Iterator[None]:
    with create_console(runtime).test_request_context():
        yield


def test_boost_and_damp_meet_where_a_pair_wins_as_expected() -> None:
    chart = chart_ratios((Reinforcement(), 0.5), (Reinforcement(), 1.0), ([0.5], [3]))
    pairs, live, damp, boost = chart.series

    assert [one.name for one in chart.series] == ["pairs", "live", "damp", "boost"]
    assert damp.y[-1] == boost.y[0] == 1.0
    assert max(y for y in boost.y if y) == 2.0  # 4 to the power of the trust
    assert max(y for y in live.y if y) == 3.0
    assert pairs.side == "right"


def test_a_curve_over_win_rates_is_drawn_after_fades_too_and_marked_where_it_breaks(runtime: Runtime) -> None:
    fields = {"family": "linear", "neutral": 0.5, "a_max": 2.0, "d_min": 0.5, "reading": "literal", "n": 1.0}
    wanted = draw_curve(runtime, "default", fields, [0.0, 0.5, 0.9, 1.0], [0, 1])
    chart = chart_win_rates(wanted, wanted, None, 1)

    assert [one.name for one in chart.series] == [
        "live",
        "boost, faded",
        "damp, faded",
        "boost",
        "damp",
        "broken here",
    ]


def test_trust_is_a_line_of_products_and_one_of_pairs() -> None:
    chart = chart_trust([("2026-W46", {"product": 0.5, "pair": 0.4}), ("2026-W47", {"product": 0.6, "pair": 0.3})])

    assert chart.table == [["2026-W46", "0.5", "0.4"], ["2026-W47", "0.6", "0.3"]]
