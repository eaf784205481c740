"""Who a contact is, and what happened with it, above its list."""

from dog.console.inbox.contact_view import contact_links, describe_attributes
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.runtime import Runtime
from dog.storage.store import Store
from dog.storage.tenant_settings import set_contact_attributes
from tests.conftest import event
from tests.console.conftest import ADMIN, HOSTILE
from tests.console.inbox.conftest import Rep
from tests.console.inbox.test_card_view import words


def header(rep: Rep, contact_id: str = "c1") -> str:
    return rep.open(contact_id).partition("</header>")[0]


def test_account_segment_and_the_first_others_are_shown_until_a_tenant_chooses() -> None:
    record = {"contact_id": "c1", "name": "Ann", "city": "Bonn", "size": 7, "tags": ["a", "b"], "account_id": "a1"}
    many = {f"n{n}": n for n in range(9)}

    assert describe_attributes(record, []) == [("account_id", "a1"), ("city", "Bonn"), ("size", "7"), ("tags", "a, b")]
    assert describe_attributes(record, ["tags", "none", "city"]) == [("tags", "a, b"), ("city", "Bonn")]
    assert len(describe_attributes(many, [])) == 6
    assert describe_attributes({"memo": "x" * 100}, ["memo"]) == [("memo", "x" * 79 + "…")]


def test_links_are_made_of_what_is_an_address_or_a_number_alone() -> None:
    good = contact_links({"email": "ann+x@example.com", "phone": "+49 (228) 123-45"})
    bad = contact_links({"email": 'a"b@example.com?bcc=all@x', "phone": "javascript:alert(1)"})

    assert [link["href"] for link in good] == ["mailto:ann%2Bx@example.com", "tel:+4922812345"]
    assert bad == []
    assert contact_links({}) == []


def test_the_header_tells_owner_links_and_history(rep: Rep, runtime: Runtime, shop: Store) -> None:
    known = {"contact_id": "c1", "name": "Ann Miller", "owner": "Ada", "email": "ann@example.com", "city": "Bonn"}
    import_rows(shop, "contacts", [known], runtime.settings.zone)
    refused = {"trigger": "discomfort", "attribute": "channel", "attribute_value": "call", "note": HOSTILE}
    events = [
        event("e1", "accept", "p2", actor_id="Ada", reason={"note": "Ask for Ben"}),
        event("e2", "discard", actor_id="Bob", reason=refused, occurred_at="2026-11-20T11:30:00Z"),
    ]
    answer_feedback(runtime, "default", events, substitute=False, sender=ADMIN)
    set_contact_attributes(shop, ["city"])
    html = header(rep)
    shown = words(html)

    assert "owner Ada city Bonn" in shown
    assert 'href="mailto:ann@example.com"' in html
    assert "Discarded Fax machine, Wrong channel: not call by Bob" in shown
    assert "Accepted Desk phone by Ada Ask for Ben" in shown
    assert "Bought Standing desk" in shown
    assert HOSTILE not in html
