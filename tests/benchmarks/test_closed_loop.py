from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from mabwiser.mab import MAB, LearningPolicy

from benchmarks.closed_loop import SHORT, main, run_seed
from benchmarks.loop_arms import DEFAULT, arms
from benchmarks.loop_choosers import Chooser, Oracle, Outcomes, Unreinforced
from benchmarks.loop_figures import newest_runs, read_rows, table
from benchmarks.loop_multipliers import ByExpectedWins
from benchmarks.loop_rivals import sample_slots, thompson
from benchmarks.loop_simulation import simulate
from benchmarks.simulated_world import MATURE_WEEKS, SCENARIOS, Scenario, Size, known_after, logged, make_world

TINY = Size(contacts=40, products=12, weeks=30)
WORLD = {one.name: one for one in SCENARIOS}
PRESENT = WORLD["present"]


def arm(name: str, seed: int) -> Chooser:
    (found,) = (one for one in arms() if one.name == name)
    return found.make(make_world(seed, TINY), TINY, seed)


def test_the_same_seed_is_the_same_world_and_the_same_run() -> None:
    first, second = (simulate(make_world(3, TINY), PRESENT, arm("recommended", 3), TINY, 3) for _ in range(2))

    assert np.array_equal(first.wins, second.wins)
    assert first.churn == second.churn


@pytest.mark.parametrize("world", SCENARIOS, ids=lambda one: one.name)
def test_every_arm_runs_in_every_world_and_no_arm_forgoes_less_than_the_oracle(world: Scenario) -> None:
    chosen = [one.name for one in arms() if not one.name.startswith("SquareCB")]
    rows = run_seed(world, 0, chosen, Size(20, 8, 30))

    assert [row["arm"] for row in rows] == chosen
    assert all(row["regret"] >= 0 for row in rows)
    if world.rep_picks_of is None:
        assert rows[-1]["regret"] == 0


def test_multipliers_of_no_weight_change_nothing() -> None:
    world, flat = make_world(1, TINY), replace(DEFAULT, a_max=1.0, d_min=1.0, explore=0.0)
    still = ByExpectedWins(flat, TINY, count_pending=True)

    moved, unmoved = (simulate(world, PRESENT, one, TINY, 1) for one in (still, Unreinforced()))

    assert np.array_equal(moved.wins, unmoved.wins)


def test_outcomes_are_learnt_when_they_are_known() -> None:
    heard: list[tuple[int, Outcomes, Outcomes]] = []

    class Listener(Unreinforced):
        def learn(self, week: int, news: Outcomes, pending: Outcomes) -> None:
            heard.append((week, news, pending))

    simulate(make_world(1, TINY), Scenario("late", "", outcome_weeks=4), Listener(), TINY, 1)

    assert not any(len(news.pair) for week, news, _ in heard if week < 4)
    assert all((news.week == week - 4).all() for week, news, _ in heard)
    assert all((pending.known > week).all() for week, _, pending in heard)


def test_wins_that_come_late_come_before_a_silent_loss_is_known() -> None:
    won = np.arange(1000) % 2 == 0
    age = known_after(WORLD["silent losses"], won, np.random.default_rng(1))

    assert (age[~won] == MATURE_WEEKS).all()
    assert (age[won] < MATURE_WEEKS).all()
    assert age[won].mean() == pytest.approx(4, abs=0.5)


def test_half_logged_records_half_of_the_pitches() -> None:
    kept = logged(WORLD["half logged"], np.zeros(2000, bool), np.random.default_rng(1))

    assert kept.mean() == pytest.approx(0.5, abs=0.05)


def test_a_rep_pitches_three_products_of_the_list() -> None:
    run = simulate(make_world(1, TINY), WORLD["rep picks"], Oracle(make_world(1, TINY)), TINY, 1)

    assert run.distinct > 3
    assert len(run.wins) == TINY.weeks


def test_the_report_has_a_row_for_every_arm_with_its_share_of_the_oracles_gap(tmp_path: Path) -> None:
    file = tmp_path / "runs.ndjson"
    asked = ["--short", "--worlds", "present", "--arms", "none;version 1;oracle", "--history", str(file)]
    done = CliRunner().invoke(main, asked, catch_exceptions=False)

    assert "| oracle |" in done.output
    assert "+100.0 ± 0.0 %" in done.output
    assert table(newest_runs(read_rows(file), SHORT)["present"]) in done.output


def test_thompson_sampling_draws_as_the_library_does() -> None:
    wins, pitches = np.array([1, 6]), np.array([8, 10])
    decisions = ["a"] * 8 + ["b"] * 10
    rewards = [1] + [0] * 7 + [1] * 6 + [0] * 4
    library = MAB(["a", "b"], LearningPolicy.ThompsonSampling(), seed=1)
    library.fit(decisions, rewards)
    theirs = np.array([list(library.predict_expectations().values()) for _ in range(4000)])
    one = np.ones((4000, 2))
    ours = thompson(one * wins, one * pitches, one, one, np.random.default_rng(1))

    assert ours.mean(axis=0) == pytest.approx(theirs.mean(axis=0), abs=0.01)
    assert ours.std(axis=0) == pytest.approx(theirs.std(axis=0), abs=0.01)


def test_three_products_are_drawn_in_turn_by_the_chances_of_square_cb() -> None:
    gamma, costs = 40.0, np.array([-0.3, -0.2, -0.1, -0.05])

    def by_square_cb(left: np.ndarray) -> np.ndarray:
        share = 1 / (len(left) + gamma * (costs[left] - costs[left].min()))
        share[costs[left].argmin()] = 0
        share[costs[left].argmin()] = 1 - share.sum()
        return share

    every = np.arange(4)
    values = sample_slots(np.tile(by_square_cb(every), (40_000, 1)), np.random.default_rng(1))
    ranked = np.argsort(-values, axis=1)
    after_best = ranked[ranked[:, 0] == 0, 1]

    assert np.bincount(ranked[:, 0], minlength=4) / 40_000 == pytest.approx(by_square_cb(every), abs=0.01)
    shares = np.bincount(after_best, minlength=4)[1:] / len(after_best)
    assert shares == pytest.approx(by_square_cb(every[1:]), abs=0.01)
