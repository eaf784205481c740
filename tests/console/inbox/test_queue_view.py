"""Which contacts follow."""

import re

from tests.console.inbox.conftest import Rep


def following(rep: Rep, count: int, without: list[str]) -> list[str]:
    asked = {"filters": {}, "without": without, "decision_ids": [f"d{n}" for n in range(count)]}
    return re.findall(r'data-contact="([^"]+)"', rep.post("/inbox/next", asked).text)


def test_the_contacts_that_follow_come_with_their_lists_and_without_those_at_hand(rep: Rep) -> None:
    first = following(rep, 2, [])

    assert len(first) == 2
    assert sorted(first + following(rep, 3, first)) == ["c1", "c2", "c3"]


def test_a_list_that_is_only_shown_leaves_its_contact_in_the_queue(rep: Rep) -> None:
    rep.open("c1")

    assert len(following(rep, 3, [])) == 3
