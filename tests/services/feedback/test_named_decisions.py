import pytest

from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.feedback.parse_event import parse_event
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import event


@pytest.fixture
def decided(runtime: Runtime, loaded: Store) -> Store:
    recommend(runtime, "default", ListRequest("c1", decision_id="d1"))
    return loaded


def test_a_decision_is_read_once_also_one_that_was_just_made(runtime: Runtime, decided: Store) -> None:
    decisions = NamedDecisions(runtime, decided)
    decisions.read(["d1", None, "d2"])
    decided.redis.flushall()
    decisions.read(["d1", "d2"], wait=True)

    assert decisions.get("d1")["contact_id"] == "c1"
    assert decisions.get("d2") == decisions.get(None) == {}


def test_an_event_has_the_item_of_its_product(runtime: Runtime, decided: Store) -> None:
    decisions = NamedDecisions(runtime, decided)
    named, other, without = (
        parse_event(event("e", "pitch", product, **more), runtime.clock())
        for product, more in (("p2", {"decision_id": "d1"}), ("p9", {"decision_id": "d1"}), ("p2", {}))
    )

    assert decisions.of(named)["decision_id"] == "d1"
    assert decisions.item_of(named)["product_id"] == "p2"
    assert decisions.item_of(other) == decisions.item_of(without) == decisions.of(without) == {}
