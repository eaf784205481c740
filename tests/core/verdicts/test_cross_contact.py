from typing import Any

import numpy as np

from dog.core.events import Attribute, EventType, Trigger
from dog.core.records import VERDICT
from dog.core.verdicts.cross_contact import ADMIN, mix, read_cross_contact
from dog.core.verdicts.triggers import QUORUM

INK, GOLD = 7, 9


def verdicts(*records: dict[str, Any]) -> np.ndarray:
    ledger = np.zeros(len(records), VERDICT)
    for place, record in enumerate(records):
        ledger[place]["type"], ledger[place]["at"], ledger[place]["event"] = EventType.DISCARD, place + 1, place + 1
        for name, value in record.items():
            ledger[place][name] = value
    return ledger


def market(actor: int) -> dict[str, Any]:
    return {"trigger": Trigger.MARKET, "value": INK, "substitute": GOLD, "actor": actor}


def test_a_market_verdict_acts_on_its_category_and_segment() -> None:
    found = read_cross_contact(verdicts(market(1)))

    assert found.market.of(int(mix(INK, GOLD))) == -1
    assert found.market_all.of(INK) == 0
    assert found.any


def test_enough_different_actors_refuse_a_category_for_all_segments() -> None:
    one_actor = read_cross_contact(verdicts(*[market(1)] * QUORUM))
    several = read_cross_contact(verdicts(*map(market, range(1, QUORUM + 1))))

    assert one_actor.market_all.of(INK) == 0
    assert several.market_all.of(INK) == -QUORUM


def test_a_business_verdict_acts_for_its_actor_and_an_admins_for_all() -> None:
    rep = read_cross_contact(verdicts({"trigger": Trigger.BUSINESS, "value": INK, "actor": 1}))
    admin = read_cross_contact(verdicts({"trigger": Trigger.BUSINESS, "value": INK, "actor": 1, "spare": ADMIN}))

    assert (rep.business.of(int(mix(1, INK))), rep.business_all.of(INK)) == (-1, 0)
    assert (admin.business.of(int(mix(1, INK))), admin.business_all.of(INK)) == (0, -1)


def test_discomfort_with_an_account_acts_on_the_account() -> None:
    record = {"trigger": Trigger.DISCOMFORT, "attribute": Attribute.ACCOUNT, "value": 3}

    assert read_cross_contact(verdicts(record)).accounts.of(3) == -1
    assert not read_cross_contact(verdicts()).any


def test_the_order_of_the_ledger_does_not_matter() -> None:
    ledger = verdicts(market(1), {**market(2), "type": EventType.ACCEPT}, market(3))
    key = int(mix(INK, GOLD))

    assert read_cross_contact(ledger).market.of(key) == read_cross_contact(ledger[::-1]).market.of(key) == -1
