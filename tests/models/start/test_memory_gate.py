"""The memory is used only where it ranks better, and is trusted only where it predicts."""

import numpy as np

from dog.core.log_odds import expit
from dog.models.start.memory_gate import JudgedPitches, judge_memory, learn_memory_trust

CONTACTS, PITCHES = 400, 10


def pitches(effect: float, seed: int = 0) -> JudgedPitches:
    """Return pitches whose true log odds are the models' plus `effect` times what the memory says."""
    chance = np.random.default_rng(seed)
    contact = np.repeat(np.arange(CONTACTS), PITCHES)
    offset, log_ratio = chance.normal(-1.5, 0.5, len(contact)), chance.normal(0.0, 0.5, len(contact))
    won = chance.random(len(contact)) < expit(offset + effect * log_ratio)
    return JudgedPitches(contact=contact, offset=offset, log_ratio=log_ratio, won=won.astype(np.float64))


def test_a_memory_that_is_right_is_trusted_and_used() -> None:
    verdict = judge_memory(pitches(1.0))

    assert verdict.on
    assert 0.8 < verdict.trust <= 1
    assert verdict.ndcg.mean > 0
    assert verdict.auc.low > 0


def test_noise_is_not_used() -> None:
    verdicts = [judge_memory(pitches(0.0, seed)) for seed in range(10)]

    assert not any(verdict.on for verdict in verdicts)
    assert max(verdict.trust for verdict in verdicts) < 0.3


def test_a_memory_that_is_wrong_has_no_trust() -> None:
    verdict = judge_memory(pitches(-1.0))

    assert verdict.trust == 0
    assert verdict.ndcg.mean == verdict.auc.mean == verdict.log_loss.mean == 0
    assert not verdict.on


def test_trust_stays_within_0_and_1() -> None:
    assert learn_memory_trust(pitches(3.0)) == 1
    assert learn_memory_trust(pitches(-3.0)) == 0


def test_a_gain_of_log_loss_that_ranks_worse_is_not_used() -> None:
    chance = np.random.default_rng(1)
    contact = np.repeat(np.arange(CONTACTS), PITCHES)
    likes = chance.random(CONTACTS) < 0.5  # the memory knows who buys more, and orders each list at random
    offset = chance.normal(-1.5, 0.5, len(contact))
    level = np.where(likes, 0.7, -0.7)[contact]
    won = (chance.random(len(contact)) < expit(offset + level)).astype(np.float64)
    found = JudgedPitches(
        contact=contact, offset=offset, log_ratio=level + chance.normal(0, 0.8, len(contact)), won=won
    )
    verdict = judge_memory(found)

    assert verdict.trust > 0.2
    assert verdict.log_loss.low > 0
    assert not verdict.on


def test_few_contacts_prove_nothing() -> None:
    found = pitches(1.0)

    assert not judge_memory(found.take(found.contact < 40)).on


def test_nothing_to_judge_is_no_proof() -> None:
    nothing = pitches(1.0).take(np.zeros(CONTACTS * PITCHES, bool))

    assert not judge_memory(nothing).on


def test_a_verdict_is_json() -> None:
    document = judge_memory(pitches(1.0)).to_document()

    assert document["on"] is True
    assert set(document["ndcg"]) == {"mean", "low", "high"}
