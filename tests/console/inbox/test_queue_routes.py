"""What the queue's page does: end a snooze, accept several at once."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from werkzeug.test import TestResponse

from dog.services.pairs.rep_tasks import list_tasks
from dog.services.pairs.snooze_contacts import list_snoozes, snooze_contact
from dog.services.runtime import Runtime
from dog.storage.store import Store
from dog.storage.tenant_settings import allow_batch_accept
from tests.console.conftest import ORIGIN
from tests.console.inbox.conftest import Rep
from tests.console.inbox.test_card_view import words


def submit(rep: Rep, path: str, **fields: Any) -> TestResponse:
    return rep.client.post(f"/console{path}", data=fields, headers={"HX-Request": "true", **ORIGIN})


def test_a_snooze_is_listed_and_ended(rep: Rep, runtime: Runtime) -> None:
    snooze_contact(runtime, "default", "c1", actor_id="Ada", until=date(2026, 11, 23))
    listed = words(rep.get("/inbox/queue").text)
    ended = submit(rep, "/inbox/snooze/end", contact_id="c1", product_id="", name="Ann Miller")

    assert "Snoozed Ann Miller until 23 Nov End" in listed
    assert "Ann Miller is in the queue again." in ended.text
    assert list_snoozes(runtime, "default", "Ada") == []


def test_the_progress_of_a_filtered_queue_is_that_of_its_contacts(rep: Rep, runtime: Runtime, shop: Store) -> None:
    allow_batch_accept(shop, allowed=True)
    submit(rep, "/inbox/batch-accept", contact_id=["c1", "c3"], batch_id="b1")
    every, gold = words(rep.get("/inbox/queue").text), words(rep.get("/inbox/queue", segment="gold").text)

    assert "2 contacts done today, 2 this week" in every
    assert "1 contact done today, 1 this week" in gold


def test_the_first_items_of_several_contacts_are_accepted_where_it_is_allowed(
    rep: Rep, runtime: Runtime, shop: Store
) -> None:
    refused = submit(rep, "/inbox/batch-accept", contact_id=["c1"], batch_id="b1")
    allow_batch_accept(shop, allowed=True)
    (batch_id,) = re.findall(r'name="batch_id" value="([^"]+)"', rep.get("/inbox/queue").text)
    answers = [submit(rep, "/inbox/batch-accept", contact_id=["c1", "c3"], batch_id=batch_id) for _ in range(2)]

    assert refused.status_code == 403
    assert words(answers[0].text) == "Ann Miller accepted: Fax machine Cid Okafor accepted: Fax machine"
    assert answers[0].text == answers[1].text
    assert [task.contact_id for task in list_tasks(runtime, "default", "Ada")] == ["c1", "c3"]


def test_a_key_that_may_only_read_does_nothing_here(log_in: Callable[..., Rep]) -> None:
    analyst = log_in("read")

    assert analyst.get("/inbox/queue").status_code == 403
    for path in ("/inbox/snooze/end", "/inbox/batch-accept"):
        assert submit(analyst, path, contact_id="c1", batch_id="b", name="").status_code == 403
