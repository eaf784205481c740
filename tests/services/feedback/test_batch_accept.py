"""Accepting the first item of several contacts: only where allowed, each an event, safe to repeat."""

import pytest

from dog.errors import Forbidden, InvalidInput
from dog.services.feedback.batch_accept import MOST_CONTACTS, BatchAccepted, batch_accept
from dog.services.pairs.contact_timeline import read_timeline
from dog.services.pairs.rep_tasks import list_tasks
from dog.services.runtime import Runtime
from dog.storage.sender import Sender
from dog.storage.store import Store
from dog.storage.tenant_settings import allow_batch_accept


def accept(runtime: Runtime, *contact_ids: str, batch_id: str = "b1") -> list[BatchAccepted]:
    sender = Sender(key_id="k1", names_actors=True)
    return batch_accept(runtime, "default", contact_ids, batch_id=batch_id, actor_id="Ada", sender=sender)


@pytest.fixture
def allowed(loaded: Store) -> Store:
    """Allow it."""
    allow_batch_accept(loaded, allowed=True)
    return loaded


def test_nothing_is_accepted_until_an_admin_allows_it(loaded: Store, runtime: Runtime) -> None:
    with pytest.raises(Forbidden, match="PUT /v1/settings with batch_accept true"):
        accept(runtime, "c1")

    allow_batch_accept(loaded, allowed=True)
    assert accept(runtime, "c1")[0].event_id


def test_each_contact_has_an_event_of_its_own_that_names_its_decision(allowed: Store, runtime: Runtime) -> None:
    del allowed
    results = accept(runtime, "c1", "c2")
    tasks = list_tasks(runtime, "default", "Ada")

    assert [(one.name, one.product) for one in results] == [("Ann", "Fax"), ("Bob", "Fax")]
    assert len({one.event_id for one in results}) == 2
    assert [(task.contact_id, task.product_id) for task in tasks] == [("c1", "p1"), ("c2", "p1")]
    assert {task.decision_id for task in tasks} == {str(one.event_id).removesuffix(":1:accept") for one in results}


def test_a_batch_that_is_sent_again_changes_nothing(allowed: Store, runtime: Runtime) -> None:
    del allowed
    first = accept(runtime, "c1")
    again = accept(runtime, "c1", "c3")

    assert again[0] == first[0]
    assert again[1].event_id
    assert [one.kind for one in read_timeline(runtime, "default", "c1")] == ["accept"]


def test_a_contact_with_nothing_on_offer_says_so_and_an_unknown_one_is_left_out(
    allowed: Store, runtime: Runtime
) -> None:
    del allowed
    accept(runtime, "c1")
    assert accept(runtime, "nobody") == []
    with pytest.raises(InvalidInput, match="the most is 50"):
        accept(runtime, *map(str, range(MOST_CONTACTS + 1)))
