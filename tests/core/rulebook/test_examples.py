import pytest

from dog.core.rulebook.effect_context import EventWindow
from dog.core.rulebook.examples import Example, Expectation, PastEvent, count_past, days_since

EXAMPLE = Example(
    name="e",
    expect=Expectation(),
    columns={"product.id": "p1", "product.category": "laser"},
    history=(
        PastEvent(type="pitch", days_ago=2),
        PastEvent(type="pitch", days_ago=9, product="p2", category="laser"),
        PastEvent(type="win", days_ago=1, product="p3", category="ink"),
    ),
)


@pytest.mark.parametrize(
    ("event", "by", "days", "count"),
    [
        ("pitch", "pair", 30, 1),
        ("pitch", "category", 30, 2),
        ("pitch", "category", 7, 1),
        ("pitch", "contact", 30, 2),
        ("win", "contact", 30, 1),
        ("pitch", "product", 30, 0),
    ],
)
def test_a_limit_counts_the_history_of_its_window(event: str, by: str, days: int, count: int) -> None:
    window = EventWindow(event, by, days)

    assert count_past([window], EXAMPLE)[window].tolist() == [count]


def test_days_since_follow_the_examples_own_product() -> None:
    assert days_since(EXAMPLE)["days_since.pitch"] == 2
    assert "days_since.win" not in days_since(EXAMPLE)
