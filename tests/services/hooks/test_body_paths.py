from typing import Any

import pytest

from dog.services.hooks.body_paths import value_at

BODY: dict[str, Any] = {
    "user": {"id": 7, "a/b": {"c~d": 1}},
    "events": [{"deal": {"id": 1, "tags": ["x", "y"]}, "deal.id": 2, "0": "zero"}],
}
EVENT = BODY["events"][0]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("deal.tags.1", "y"),
        ("deal.id", 2),  # the exact name wins
        ("/user/id", 7),
        ("/user/a~1b/c~0d", 1),
        ("/events/0/deal/id", 1),
        ("0", "zero"),
        ("deal.tags.2", None),
        ("deal.tags.x", None),
        ("deal.tags.-1", None),
        ("deal.id.more", None),
        ("deals", None),
        ("/events/99999999999", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_path_names_one_value_or_none(path: str, found: object) -> None:
    assert value_at(path, EVENT, BODY) == found


@pytest.mark.parametrize("event", [None, 7, "text", [1]])
def test_an_event_of_any_kind_is_searched_without_a_fault(event: object) -> None:
    assert value_at("a.b", event, event) is None
