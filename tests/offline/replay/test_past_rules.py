"""Multiplying rules at past pitches: they act where, and when, their conditions could be known."""

from datetime import UTC, datetime

import numpy as np
import pytest

from dog.core.policy.policy import Policy
from dog.core.policy.policy_reader import read_policy
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Frame
from dog.offline.history.pitches import Pitches
from dog.offline.replay.past_rules import PastColumns, rule_factors, rules_left_out
from tests.offline.histories import DAY_MS, START_MS, settle, simulate

CATEGORIES, SEGMENTS = ["fax", "phone"], ["gold", "iron", "gold"]


def history() -> Pitches:
    return settle(simulate(np.full((3, 2), 0.5), 4), START_MS + 400 * DAY_MS, 90 * DAY_MS)


def columns() -> PastColumns:
    days = [datetime.fromtimestamp(at / 1000, UTC).toordinal() for at in history().at_ms.tolist()]
    return PastColumns(
        schema=ColumnSchema(),
        products=Frame.of([{"id": f"p{n}", "category": category} for n, category in enumerate(CATEGORIES)], "product"),
        contacts=Frame.of([{"id": f"c{n}", "segment": segment} for n, segment in enumerate(SEGMENTS)], "contact"),
        days=np.array(days, np.int64),
    )


def policy(*rules: dict[str, object]) -> Policy:
    named = [{"id": f"r{number}", **rule} for number, rule in enumerate(rules)]
    return read_policy({"name": "recommended", "models": {"cf": {"weight": 1.0}}, "rules": named})


def factors(*rules: dict[str, object]) -> np.ndarray:
    pitches = history()
    scores = {"score.cf": np.linspace(0.0, 1.0, len(pitches)), "consolidated": np.full(len(pitches), 0.3)}
    return np.broadcast_to(rule_factors(policy(*rules), columns, pitches, scores), len(pitches))


def test_factors_act_on_the_products_and_contacts_of_their_conditions_and_multiply() -> None:
    pitches = history()
    found = factors(
        {"when": "product.category = 'fax'", "then": {"multiply": 0.5}},
        {"when": "contact.segment = 'gold' AND consolidated > 0.2", "then": {"multiply": 3.0}},
    )

    expected = np.where(pitches.product == 0, 0.5, 1.0) * np.where(pitches.contact == 1, 1.0, 3.0)
    assert found.tolist() == expected.tolist()


def test_a_rule_acts_within_its_days_alone() -> None:
    pitches, start = history(), "2024-01-08"
    found = factors({"then": {"multiply": 2.0}, "from": start, "to": "2024-01-14"})

    second_week = (pitches.at_ms >= START_MS + 7 * DAY_MS) & (pitches.at_ms < START_MS + 14 * DAY_MS)
    assert found.tolist() == np.where(second_week, 2.0, 1.0).tolist()


def test_scores_are_those_of_the_pitch() -> None:
    found = factors({"when": "score.cf >= 0.5", "then": {"multiply": 2.0}})

    assert (found == 2.0).sum() == len(found) // 2


def test_what_cannot_be_known_of_past_pitches_is_left_out_and_named() -> None:
    rules: tuple[dict[str, object], ...] = (
        {"when": "context.channel = 'call'", "then": {"multiply": 2.0}},
        {"when": "days_since.win < 3", "then": {"multiply": 2.0}},
        {"when": "product.category = 'fax'", "then": {"exclude": True}},
        {"then": {"multiply": 2.0}},
    )

    assert factors(*rules) == pytest.approx(2.0)
    assert rules_left_out(policy(*rules), ColumnSchema()) == {
        "r0": "context.channel at past pitches is not known",
        "r1": "days_since.win at past pitches is not known",
        "r2": "exclude changes which options are listed, not their scores",
    }


def test_without_rules_no_columns_are_read() -> None:
    def refuse() -> PastColumns:
        raise AssertionError

    assert rule_factors(policy(), refuse, history(), {}) == 1.0
