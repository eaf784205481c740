"""What the default multiplier does to logs given as own data: it helps where records predict, else it keeps still."""

import pytest

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import ModelSettings
from dog.core.rulebook.column_schema import ColumnSchema
from dog.offline.evaluation.evaluation_result import CONSOLIDATED, EXPLORED, MULTIPLIED
from dog.offline.evaluation.predictions import not_replayed, parts_of, predict
from dog.offline.replay.replay_policy import ReplayInput
from dog.offline.statistics.score_change import ScoreChange, compare_predictions
from tests.offline.logs import equal_log, known_log, predictive_log

POLICY = Policy(name="tried", models={"m": ModelSettings()}, reinforcement=Reinforcement())


def changes(log: ReplayInput) -> dict[str, ScoreChange]:
    predictions, replayed, score = predict(POLICY, log, lambda _: None)
    told = {"together": predictions[MULTIPLIED], **parts_of(score, replayed, POLICY.reinforcement)}
    base = predictions[CONSOLIDATED]
    return {name: compare_predictions(log.pitches.clusters, log.pitches.won, base, one) for name, one in told.items()}


def test_where_past_wins_predict_strongly_the_multiplier_ranks_and_predicts_much_better() -> None:
    found = changes(predictive_log())

    assert found["together"].auc.value >= 0.12
    assert found["together"].auc.above(0.1)
    assert found["together"].auc_within.above(0.05)
    assert found["together"].log_loss.below(-0.01)


def test_the_gain_is_told_apart_for_products_and_pairs() -> None:
    found = changes(predictive_log())

    assert found["pairs"].auc.value > 0.8 * found["together"].auc.value > found["products"].auc.value
    assert found["products"].log_loss.value < 0.001


@pytest.mark.parametrize("log", [known_log, equal_log])
def test_where_past_wins_predict_nothing_the_multiplier_keeps_still(log: object) -> None:
    found = changes(log())["together"]  # type: ignore[operator]

    assert found.log_loss.value <= 0.004
    assert found.auc.value >= -0.005
    assert not found.ranks_worse()


def test_exploration_changes_the_order_alone() -> None:
    predictions, _, _ = predict(POLICY, equal_log(weeks=4), lambda _: None)

    assert predictions[EXPLORED].chance.tolist() == predictions[MULTIPLIED].chance.tolist()
    assert predictions[EXPLORED].order.tolist() != predictions[MULTIPLIED].order.tolist()


def test_what_is_served_and_not_replayed_is_named() -> None:
    found = not_replayed(POLICY, equal_log(weeks=4), ColumnSchema())

    assert set(found) == {"streaks", "verdicts beyond the pair"}
