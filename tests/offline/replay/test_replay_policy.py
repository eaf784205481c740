"""Replayed settings: where pairs truly differ multipliers pay, and where they do not, they do not."""

from dataclasses import replace

import numpy as np
import pytest

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import ModelSettings
from dog.errors import NotReady
from dog.offline.replay.calibrated_scores import ModelScores
from dog.offline.replay.held_out import compare_held_out
from dog.offline.replay.replay_policy import ReplayInput, replay_losses
from dog.offline.replay.scored_history import held_out_start
from tests.offline.histories import DAY_MS, START_MS, settle, simulate

WEEKS = 16
HELD_OUT_MS = START_MS + 12 * 7 * DAY_MS
OFF = Reinforcement(a_max=1.0, d_min=1.0, on="odds")


def columns(chances: np.ndarray) -> ReplayInput:
    pitches = settle(simulate(chances, WEEKS), START_MS + 400 * DAY_MS, 90 * DAY_MS)
    flat = np.full(len(pitches), float(chances.mean()))
    starts = START_MS + np.arange(WEEKS + 2, dtype=np.int64) * 7 * DAY_MS
    model = ModelScores(name="m", weight=1.0, lower_is_better=False, raw=flat)
    return ReplayInput(
        pitches=pitches, models=[model], calibrated=[flat], week_starts_ms=starts, product_count=chances.shape[1]
    )


def policy(reinforcement: Reinforcement) -> Policy:
    return Policy(name="tried", models={"m": ModelSettings()}, reinforcement=reinforcement)


def test_without_multipliers_the_loss_is_that_of_the_scores_alone() -> None:
    history = columns(np.full((30, 4), 0.25))

    won = history.pitches.won
    losses = replay_losses(history, policy(OFF))

    assert losses == pytest.approx(np.where(won > 0, -np.log(0.25), -np.log(0.75)))


def test_multipliers_win_the_proof_where_pairs_differ_and_lose_nothing_provable_where_they_do_not() -> None:
    chance = np.random.default_rng(1)
    apart = columns(chance.choice([0.05, 0.6], (60, 4)))
    alike = columns(np.full((60, 4), 0.3))

    paid = compare_held_out(apart, policy(OFF), policy(Reinforcement()), HELD_OUT_MS)
    idle = compare_held_out(alike, policy(OFF), policy(Reinforcement()), HELD_OUT_MS)

    assert paid.better
    assert paid.difference.value < -0.05
    assert not idle.better
    assert paid.pitches == 4 * 60 * 4


def test_a_policy_proved_against_itself_is_neither_better_nor_worse() -> None:
    history = columns(np.full((30, 4), 0.3))
    proof = compare_held_out(history, policy(Reinforcement()), policy(Reinforcement()), HELD_OUT_MS)

    assert (proof.difference.value, proof.better, proof.not_worse(0.0)) == (0.0, False, True)


def test_scores_that_know_the_outcomes_take_them_out_of_the_evidence() -> None:
    history = columns(np.random.default_rng(1).choice([0.05, 0.6], (60, 4)))
    score, pitches = history.calibrated[0], history.pitches
    pairs = int(pitches.pair.max()) + 1
    settled = pitches.settled_ms < history.week_starts_ms[8]
    wins, made = (np.bincount(pitches.pair[settled], of, pairs) for of in (pitches.won[settled], None))
    wise = {8: (wins + 1) / (made + 2)}
    flat = {8: np.full(pairs, score[0])}

    plain, learned, still = (history.replay(score, Reinforcement(), of) for of in ({}, wise, flat))

    assert learned.absorbed[8] > 0.6
    assert still.absorbed[8] == 0.0
    late = pitches.at_ms >= history.week_starts_ms[8]
    spread = [np.abs(np.log(one.multiplier[late])).mean() for one in (learned, plain)]
    assert spread[0] < spread[1]
    assert still.multiplier.tolist() == plain.multiplier.tolist()


def test_held_out_weeks_are_those_with_pitches() -> None:
    history = columns(np.full((30, 4), 0.3))
    kept = (history.pitches.week - history.pitches.week[0]) % 4 == 0  # a campaign every four weeks
    campaigns = replace(history, pitches=history.pitches.where(kept))

    since = held_out_start(campaigns, 2)

    assert len(np.unique(campaigns.pitches.week[campaigns.pitches.at_ms >= since])) == 2
    with pytest.raises(NotReady, match="held-out-weeks"):
        held_out_start(campaigns, 4)


def test_pairs_of_some_pitches_keep_their_new_scores() -> None:
    history = columns(np.full((10, 4), 0.3))
    some = history.before(HELD_OUT_MS).of_contacts(200, seed=3)

    assert some.pairs is not None
    assert len(some.pairs) == some.pitches.pair.max() + 1


def test_what_comes_later_changes_nothing_that_was_replayed_before() -> None:
    history = columns(np.random.default_rng(2).choice([0.1, 0.5], (30, 4)))

    whole = replay_losses(history, policy(Reinforcement()))
    cut = replay_losses(history.before(HELD_OUT_MS), policy(Reinforcement()))

    assert cut == pytest.approx(whole[history.pitches.at_ms < HELD_OUT_MS])


def test_drawn_contacts_keep_all_their_pitches() -> None:
    history = columns(np.full((200, 4), 0.3))
    drawn = history.of_contacts(3000, seed=1)

    counts = np.bincount(drawn.pitches.contact)
    assert set(counts[counts > 0].tolist()) == {4 * WEEKS}
    assert replace(drawn).pitches.pair.max() + 1 == len(np.unique(drawn.pitches.pair))
