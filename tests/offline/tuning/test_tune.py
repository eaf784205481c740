"""A search continues where it stopped, drafts only what is proved, and never touches the active policy."""

import shutil
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dog.errors import InvalidInput, NotReady
from dog.offline.replay.replay_policy import replay_prediction
from dog.offline.replay.scored_history import read_replay_input
from dog.offline.tuning.search_space import current_settings, space_of, with_settings
from dog.offline.tuning.tune import TuningResult, tune
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.policies.policy_store import read_active_policies
from dog.services.run_records import compare_runs
from dog.services.runtime import Runtime
from dog.storage.policy_versions import active_policies, read_policy_versions
from dog.storage.store import Store

START = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)


def fill(store: Store, runtime: Runtime, weeks: int = 9) -> None:
    """Pitch 25 contacts 4 products a week, each pair with a chance of its own; scores say the same of all."""
    chance = np.random.default_rng(0)
    import_rows(store, "products", [{"product_id": f"p{p}", "name": "n"} for p in range(4)], runtime.settings.zone)
    import_rows(store, "contacts", [{"contact_id": f"c{c}"} for c in range(25)], runtime.settings.zone)
    pairs = [{"contact_id": f"c{c}", "product_id": f"p{p}"} for c in range(25) for p in range(4)]
    scored = [
        {**pair, "model": model, "score": round(float(chance.uniform(0.2, 0.4)), 3), "as_of": "2026-11-01"}
        for pair in pairs
        for model in ("frequency", "cf")
    ]
    import_rows(store, "scores", scored, runtime.settings.zone)
    rates = chance.choice([0.05, 0.7], len(pairs))
    rows = []
    for week in range(weeks):
        at = START + timedelta(weeks=week)
        for number, (pair, rate) in enumerate(zip(pairs, rates, strict=True)):
            kind = "win" if chance.random() < rate else "loss"
            rows.append({"event_id": f"{week}-{number}", "type": kind, "occurred_at": at.isoformat(), **pair})
    for start in range(0, len(rows), 500):
        record_feedback(store, rows[start : start + 500], runtime.clock())


def test_without_optuna_it_says_what_to_install(
    runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)

    with pytest.raises(InvalidInput, match=r"requirements-tune\.txt"):
        tune(runtime, "default", "recommended")


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid", "cmaes"])
def test_every_sampler_finds_settings_and_none_changes_the_policy_in_force(
    runtime: Runtime, store: Store, sampler: str
) -> None:
    pytest.importorskip("optuna", reason="the extra `tune` is not installed")
    fill(store, runtime)
    before = active_policies(store)

    found = tune(runtime, "default", "recommended", sampler=sampler, trials=6, held_out_weeks=3, trust_scores=True)

    assert active_policies(store) == before
    assert (found.draft is not None) == found.proof.better
    assert found.draft is None or found.draft in read_policy_versions(store, "recommended")
    assert {"figures.json", "progress.svg", "report.html", "settings.svg"} <= set(found.run.files)
    assert found.trials == 6


def test_run_again_it_goes_on_and_the_same_inputs_find_the_same(runtime: Runtime, store: Store) -> None:
    pytest.importorskip("optuna", reason="the extra `tune` is not installed")
    fill(store, runtime)

    def search(trials: int) -> TuningResult:
        return tune(runtime, "default", "recommended", trials=trials, held_out_weeks=3, trust_scores=True)

    first, on = search(5), search(8)
    shutil.rmtree(runtime.settings.data_dir / "studies")
    again = search(5)

    assert (first.trials, on.trials) == (5, 8)
    assert (on.run.metrics["best_log_loss"] or 0) <= (first.run.metrics["best_log_loss"] or 0)
    compared = compare_runs(runtime, "default", first.run.run_id, again.run.run_id)
    assert (compared["same_inputs"], compared["same_metrics"]) == (True, True)


def test_verdicts_before_pitches_let_streaks_be_tuned_and_change_those_pitches_alone(
    runtime: Runtime, store: Store
) -> None:
    fill(store, runtime)
    said = {"type": "discard", "product_id": "p1", "occurred_at": (START - timedelta(days=1)).isoformat()}
    discards = [{**said, "event_id": f"d{c}", "contact_id": f"c{c}"} for c in range(20)]
    record_feedback(store, discards, runtime.clock())
    champion = read_active_policies(store)["recommended"][1]

    columns, _ = read_replay_input(runtime, "default", champion, seed=0, trust_scores=True, report=lambda _: None)

    assert columns.streaks is not None
    assert (int((columns.streaks.length == -1).sum()), int((columns.streaks.length != 0).sum())) == (180, 180)
    space = space_of(columns, champion)
    assert space.streaks
    assert current_settings(champion, space)["streak.discard"] == 0.5
    changed = with_settings(champion, {"streak.discard": 0.2, "recursion.n": 2.0})
    assert (changed.reinforcement.streak.discard, changed.reinforcement.streak.accept) == (0.2, 1.25)
    assert (changed.reinforcement.recursion.n, changed.reinforcement.recursion.laps) == (2.0, 500)
    assert not space.recursion
    differs = replay_prediction(columns, champion).order != replay_prediction(columns, changed).order
    assert (differs == (columns.streaks.length != 0)).all()


def test_too_few_weeks_to_hold_out_are_refused(runtime: Runtime, store: Store) -> None:
    pytest.importorskip("optuna", reason="the extra `tune` is not installed")
    fill(store, runtime, weeks=2)

    with pytest.raises(NotReady, match="held-out-weeks"):
        tune(runtime, "default", "recommended", trust_scores=True)
    assert read_active_policies(store)


def test_scores_that_were_made_after_all_pitches_are_named_before_any_trial(runtime: Runtime, store: Store) -> None:
    pytest.importorskip("optuna", reason="the extra `tune` is not installed")
    fill(store, runtime)

    with pytest.raises(NotReady, match="--trust-scores"):
        tune(runtime, "default", "recommended", held_out_weeks=3)
