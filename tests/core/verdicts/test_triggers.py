import numpy as np
import pytest

from dog.core.events import Attribute, EventType, Trigger
from dog.core.iso_weeks import DAY_MS
from dog.core.learning.reinforcement_settings import Streak
from dog.core.records import NO_PRODUCT, VERDICT
from dog.core.verdicts.triggers import CHOICE, RATIONALE, Runs, Scope, read_verdicts

ACCEPT, DISCARD, RESTRUCTURE = EventType.ACCEPT, EventType.DISCARD, EventType.RESTRUCTURE
CALL, EMAIL = 11, 12


def verdict(kind: EventType, at: int = 1, product: int = 7, **fields: int) -> np.ndarray:
    row = np.zeros(1, VERDICT)
    row["type"], row["at"], row["product"] = kind, at, product
    for name, value in fields.items():
        row[name] = value
    return row


def about(attribute: Attribute, kind: EventType = DISCARD, at: int = 1, value: int = CALL) -> np.ndarray:
    return verdict(kind, at, NO_PRODUCT, trigger=Trigger.DISCOMFORT, attribute=attribute, value=value)


def ledger(*rows: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(0, VERDICT), *rows])


def runs(of: Runs) -> dict[int, int]:
    return {key: run for key, (run, _) in of.items()}


@pytest.mark.parametrize("trigger", [Trigger.NONE, Trigger.PERFORMANCE])
def test_a_plain_discard_is_about_the_pair_and_rests_it_for_fourteen_days(trigger: Trigger) -> None:
    verdicts = read_verdicts(ledger(verdict(DISCARD, at=5, trigger=trigger)))

    assert runs(verdicts.pairs) == {7: -1}
    assert verdicts.snoozed == {7: 5 + 14 * DAY_MS}


def test_discomfort_with_the_product_is_about_the_pair() -> None:
    row = verdict(DISCARD, trigger=Trigger.DISCOMFORT, attribute=Attribute.PRODUCT)

    assert runs(read_verdicts(ledger(row)).pairs) == {7: -1}


def test_an_accept_ends_the_rest() -> None:
    verdicts = read_verdicts(ledger(verdict(DISCARD, at=1), verdict(DISCARD, at=1, product=8), verdict(ACCEPT, at=2)))

    assert set(verdicts.snoozed) == {8}
    assert runs(verdicts.pairs) == {7: 1, 8: -1}


@pytest.mark.parametrize("trigger", [Trigger.MARKET, Trigger.BUSINESS])
def test_market_and_business_rest_the_pair_and_leave_its_score_alone(trigger: Trigger) -> None:
    verdicts = read_verdicts(ledger(verdict(DISCARD, trigger=trigger)))

    assert runs(verdicts.pairs) == {}
    assert set(verdicts.snoozed) == {7}


@pytest.mark.parametrize("attribute", list(Attribute))
def test_every_discard_rests_its_pair_and_every_accept_ends_the_rest(attribute: Attribute) -> None:
    about_it = {"trigger": Trigger.DISCOMFORT, "attribute": attribute, "value": CALL}
    discard, accept = verdict(DISCARD, at=5, **about_it), verdict(ACCEPT, at=6, **about_it)

    assert read_verdicts(ledger(discard)).snoozed == {7: 5 + 14 * DAY_MS}
    assert read_verdicts(ledger(discard, accept)).snoozed == {}


def test_discomfort_with_the_contact_rests_it_until_an_accept() -> None:
    refused = [about(Attribute.CONTACT, at=1), about(Attribute.CONTACT, at=2)]

    assert read_verdicts(ledger(*refused)).contact_rests_until_ms == 2 + 14 * DAY_MS
    assert read_verdicts(ledger(*refused, about(Attribute.CONTACT, ACCEPT, at=3))).contact_rests_until_ms == 0
    assert runs(read_verdicts(ledger(*refused)).pairs) == {}


@pytest.mark.parametrize("attribute", [Attribute.CONTACT, Attribute.ACCOUNT])
def test_a_restructure_of_contact_or_account_rests_the_pair_alone(attribute: Attribute) -> None:
    verdicts = read_verdicts(ledger(verdict(RESTRUCTURE, attribute=attribute, value=1, substitute=2)))

    assert set(verdicts.snoozed) == {7}
    assert verdicts.contact_rests_until_ms == 0


def test_discomfort_with_a_channel_a_time_or_a_rationale_is_about_that_value() -> None:
    verdicts = read_verdicts(
        ledger(
            about(Attribute.CHANNEL, value=CALL),
            about(Attribute.TIME, value=21),
            about(Attribute.RATIONALE, value=31),
            about(Attribute.RATIONALE, ACCEPT, value=32),
        )
    )

    assert runs(verdicts.channels) == {CALL: -1}
    assert runs(verdicts.times) == {21: -1}
    assert runs(verdicts.rationales) == {31: -1, 32: 1}
    assert runs(verdicts.pairs) == {}


def test_a_restructure_discards_the_old_value_accepts_the_new_and_leaves_the_product_alone() -> None:
    row = verdict(RESTRUCTURE, attribute=Attribute.CHANNEL, value=CALL, substitute=EMAIL)

    verdicts = read_verdicts(ledger(row))

    assert runs(verdicts.channels) == {CALL: -1, EMAIL: 1}
    assert runs(verdicts.pairs) == {}
    assert verdicts.snoozed == {}


def test_a_restructure_of_the_product_discards_one_pair_and_accepts_another() -> None:
    row = verdict(RESTRUCTURE, attribute=Attribute.PRODUCT, value=1, substitute=9 + 1)

    verdicts = read_verdicts(ledger(row))

    assert runs(verdicts.pairs) == {7: -1, 9: 1}
    assert set(verdicts.snoozed) == {7}


def test_restructures_take_their_turn_in_time() -> None:
    swap = {"attribute": Attribute.CHANNEL}
    verdicts = read_verdicts(
        ledger(
            verdict(RESTRUCTURE, 1, value=CALL, substitute=EMAIL, **swap),
            verdict(RESTRUCTURE, 2, value=CALL, substitute=EMAIL, **swap),
            verdict(RESTRUCTURE, 3, value=EMAIL, substitute=CALL, **swap),
        )
    )

    assert runs(verdicts.channels) == {CALL: 1, EMAIL: -1}


@pytest.mark.parametrize(
    ("scope", "acts_from", "half_life_days"),
    [
        (Scope(0, 28), 1, 28),  # the pair
        (CHOICE, 2, 28),
        (RATIONALE, 2, 28),
    ],
)
def test_each_scope_acts_from_its_run_on_and_fades_by_its_half_life(
    scope: Scope, acts_from: int, half_life_days: float
) -> None:
    of = Runs({0: (1 - acts_from, 0), 1: (-acts_from, 0)})

    at_once = of.multipliers(0, scope, Streak())
    later = of.multipliers(round(half_life_days * DAY_MS), scope, Streak())

    assert at_once[0] == 1.0
    assert at_once[1] == pytest.approx(0.816263459719, abs=1e-12)
    assert later[1] == pytest.approx(np.sqrt(at_once[1]), abs=1e-12)


def test_no_verdicts_say_nothing() -> None:
    verdicts = read_verdicts(np.zeros(0, VERDICT))

    assert runs(verdicts.pairs) == runs(verdicts.channels) == {}
    assert verdicts.pairs.of(7) == 0


def test_runs_are_read_as_arrays_and_by_key() -> None:
    of = Runs({CALL: (3, 5), EMAIL: (-1, 6)})

    assert (of.key.tolist(), of.run.tolist(), of.last_ms.tolist()) == ([CALL, EMAIL], [3, -1], [5, 6])
    values = of.multipliers(7, CHOICE, Streak())
    assert of.by_key(7, CHOICE, Streak()) == dict(zip((CALL, EMAIL), values.tolist(), strict=True))
