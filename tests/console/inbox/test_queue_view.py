"""Which contacts follow, and what the queue's page tells."""

import re

import pytest

from dog.console.inbox.queue_view import PAGE_ROWS
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import event
from tests.console.conftest import ADMIN
from tests.console.inbox.conftest import Rep
from tests.console.inbox.test_card_view import words


def following(rep: Rep, count: int, without: list[str], **filters: str) -> list[str]:
    return following_in("tab 1", rep, count, without, filters)


def following_in(
    inbox_id: str, rep: Rep, count: int, without: list[str], filters: dict[str, str], *, shares: bool = False
) -> list[str]:
    decision_ids = [f"d{n}" for n in range(count)]
    where = {"inbox_id": inbox_id, "shares": shares}
    asked = {"filters": filters, "without": without, "decision_ids": decision_ids, **where}
    return re.findall(r'data-contact="([^"]+)"', rep.post("/inbox/next", asked).text)


def test_the_contacts_that_follow_come_with_their_lists_and_without_those_at_hand(rep: Rep) -> None:
    first = following(rep, 2, [])

    assert len(first) == 2
    assert sorted(first + following(rep, 3, first)) == ["c1", "c2", "c3"]


def test_another_inbox_gets_other_contacts_unless_it_has_nothing_else(rep: Rep) -> None:
    own = following(rep, 2, [])
    other = following_in("tab 2", rep, 3, [], {})

    assert sorted(own + other) == ["c1", "c2", "c3"]
    assert sorted(following(rep, 2, [])) == sorted(own)
    assert following_in("tab 3", rep, 3, [], {}) == []
    assert len(following_in("tab 3", rep, 3, [], {}, shares=True)) == 3


def test_a_list_that_is_only_shown_leaves_its_contact_in_the_queue(rep: Rep) -> None:
    rep.open("c1")

    assert len(following(rep, 3, [])) == 3


def test_filters_hold_for_those_that_follow_and_a_product_is_given_by_name_too(rep: Rep) -> None:
    assert following(rep, 3, [], segment="iron", owner="") == ["c3"]
    assert following(rep, 3, [], product="whiteboard", value="61") == []
    assert len(following(rep, 3, [], product="Whiteboard", value="60")) == 3
    assert len(following(rep, 3, [], product="p6")) == 3


def test_the_page_tells_progress_tasks_and_who_is_next(rep: Rep, runtime: Runtime) -> None:
    accepted = event("a1", "accept", "p2", actor_id="Ada", reason={"note": "After lunch"})
    answer_feedback(runtime, "default", [accepted], substitute=False, sender=ADMIN)
    page = rep.get("/inbox/queue", segment="gold")
    shown = words(page.text)

    assert "1 contact done today, 1 this week, 2 left" in shown
    assert "To do (1) Ann Miller Desk phone accepted on 20 Nov: to be pitched After lunch" in shown
    assert re.search(r"Ann Miller Fax machine 10 gold", shown)
    assert "Cid Okafor" not in shown
    assert "batch_id" not in page.text


def test_a_list_has_what_its_rep_accepted_earlier_and_whether_it_was_pitched(rep: Rep, runtime: Runtime) -> None:
    told = [
        event("a1", "accept", "p2", actor_id="Ada", reason={"note": "After lunch"}),
        event("a2", "accept", "p3", actor_id="Ada"),
        event("i1", "pitch", "p3", occurred_at="2026-11-20T11:30:00Z"),
    ]
    answer_feedback(runtime, "default", told, substitute=False, sender=ADMIN)
    todo = rep.open("c1").partition('class="options"')[0]

    assert re.findall(r'data-product="(p\d)" data-name="([^"]*)" data-pitch="(.*?)"', todo) == [
        ("p2", "Desk phone", ""),
        ("p3", "Standing desk", "i1"),
    ]
    assert "After lunch" in words(todo)


def test_a_long_queue_has_pages(rep: Rep, runtime: Runtime, shop: Store) -> None:
    rows = [{"contact_id": f"n{n}", "segment": "new"} for n in range(PAGE_ROWS + 2)]
    import_rows(shop, "contacts", rows, runtime.settings.zone)
    scores = [{"contact_id": row["contact_id"], "product_id": "p1", "model": "cf", "score": 0.5} for row in rows]
    import_rows(shop, "scores", scores, runtime.settings.zone)
    pages = [rep.get("/inbox/queue", segment="new", first=first).text for first in (0, PAGE_ROWS)]

    assert [page.count('scope="row"') for page in pages] == [PAGE_ROWS, 2]
    assert [f"first={PAGE_ROWS}" in page for page in pages] == [True, False]


@pytest.mark.parametrize("asked", [{"value": "much"}, {"first": "x"}])
def test_a_field_that_is_no_number_is_refused_in_words(rep: Rep, asked: dict[str, str]) -> None:
    answer = rep.get("/inbox/queue", **asked)

    assert answer.status_code == 422
    assert "give a " in answer.text
