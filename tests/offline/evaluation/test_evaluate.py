"""The evaluation through the store: the weekly job's own multipliers, the files it writes, the command."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest
from click.testing import CliRunner

from dog.core.iso_weeks import week_end_ms, week_of
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.errors import NotFound, NotReady
from dog.offline.evaluation.evaluate import evaluate
from dog.offline.evaluation.evaluation_report import draw_all, render
from dog.offline.evaluation.evaluation_result import Evaluation
from dog.offline.evaluation.keep_evaluation import keep_evaluation
from dog.offline.history.laps_by_week import read_laps_by_week
from dog.offline.history.read_history import read_history
from dog.offline.replay import weekly_multipliers
from dog.offline.replay.weekly_multipliers import replay_weeks
from dog.services.data.import_rows import import_rows
from dog.services.data.load_file import load_file
from dog.services.feedback.record_feedback import record_feedback
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.pool_runner import PoolRunner
from dog.services.run_records import compare_runs
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from jobs.cli import jobs
from tests.start_world import load_tastes

START = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)  # a Monday, nine weeks before the tests' today


def events(contacts: int, products: int, weeks: int) -> list[dict[str, Any]]:
    chance = np.random.default_rng(0)
    rates = chance.beta(1, 4, (contacts, products))
    found = []
    for week in range(weeks):
        for contact, product in np.ndindex(contacts, products):
            at = START + timedelta(weeks=week, minutes=int(chance.integers(0, 5000)))
            about = {"contact_id": f"c{contact}", "product_id": f"p{product}"}
            name = f"{week}-{contact}-{product}"
            kind = "win" if chance.random() < rates[contact, product] else "loss"
            found += [
                {"event_id": f"a{name}", "type": "pitch", "occurred_at": at.isoformat(), **about},
                {
                    "event_id": f"b{name}",
                    "type": kind,
                    "occurred_at": (at + timedelta(hours=5)).isoformat(),
                    "pitch_id": f"a{name}",
                    **about,
                },
            ]
    return found


def fill(store: Store, now_ms: int, contacts: int = 30, products: int = 4, weeks: int = 8) -> None:
    rows = events(contacts, products, weeks)
    for start in range(0, len(rows), 500):
        record_feedback(store, rows[start : start + 500], now_ms)


def serve(store: Store, contact: str, weeks: dict[str, int]) -> None:
    """Count laps of a contact in some weeks, as its decisions do."""
    hashed, trip = store.tenant.contact(contact), store.trip()
    for week, laps in weeks.items():
        for suffix in ("", week):
            trip.add("HINCRBY", store.tenant.partition(hashed).of("laps", suffix), hashed, laps)
    trip.send()


@pytest.mark.parametrize("stretch", [5, weekly_multipliers.STRETCH])
def test_the_walk_comes_to_the_multipliers_of_the_weekly_job_recursions_included(
    stretch: int, runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weekly_multipliers, "STRETCH", stretch)
    fill(store, runtime.clock(), contacts=8)
    serve(store, "c0", {"2026-W40": 501, "2026-W41": 300, "2026-W43": 300})
    serve(store, "c1", {"2026-W42": 1700})
    run_recompute(runtime, "default")
    history = read_history(LocalRunner(runtime), runtime, store, 90)
    first, last = (week_of(int(at), UTC) for at in (history.pitches.at_ms[0], runtime.clock()))
    starts = np.array([week_end_ms(week - 1, UTC) for week in range(first, last + 1)], np.int64)

    laps = read_laps_by_week(store, history.contacts, starts, UTC)
    nothing = np.full(len(history.pitches), np.nan)

    walked, unread = (
        replay_weeks(history.pitches, nothing, starts, Reinforcement(), 4, laps=of) for of in (laps, None)
    )

    found = read_multipliers(
        runtime, "default", contact_id=None, product_id=None, policy="recommended", cursor=None, limit=1000
    )
    served = {(row["contact_id"], row["product_id"]): row["odds"] for row in found["items"]}
    pitches = history.pitches
    for contact, product, pair in zip(pitches.contact, pitches.product, pitches.pair, strict=True):
        key = history.contact_ids[contact], history.product_ids[product]
        assert walked.last[pair] == pytest.approx(served[key], rel=1e-6)
    assert abs(walked.last - unread.last).max() > 0.01


def test_an_evaluation_is_one_page_without_a_network_and_the_same_figures_as_json(
    runtime: Runtime, store: Store, tmp_path: Path
) -> None:
    fill(store, runtime.clock())
    found = evaluate(runtime, "default")

    run, page = keep_evaluation(runtime, "default", found, started_ms=runtime.clock(), folder=tmp_path / "report")

    text, figures = page.read_text("utf-8"), json.loads((tmp_path / "report" / "figures.json").read_bytes())
    assert {source[:1] for source in re.findall(r"(?:src|href)=\"?([^\" >]*)", text)} == {"#"}
    assert found.win_rates.advice.replace("'", "&#x27;") in text
    assert figures["win_rates"]["verdict"] == found.win_rates.verdict
    assert figures["judged"]["past win rate alone"]["figures"]["auc"]["value"] == pytest.approx(
        found.judged["past win rate alone"].figures["auc"].value
    )
    assert {"calibration.svg", "few_shot.svg", "gain.svg", "residuals.svg"} <= set(run.files)
    assert run.files == sorted(path.name for path in page.parent.iterdir())


def test_the_same_history_gives_the_same_evaluation_and_other_outcomes_another(runtime: Runtime, store: Store) -> None:
    fill(store, runtime.clock(), weeks=4)

    def keep() -> str:
        found = evaluate(runtime, "default", seed=3)
        return keep_evaluation(runtime, "default", found, started_ms=runtime.clock())[0].run_id

    one, other = keep(), keep()
    record_feedback(store, [{**events(1, 1, 1)[1], "event_id": "one more", "pitch_id": ""}], runtime.clock())
    more = keep()

    same, changed = (compare_runs(runtime, "default", one, run) for run in (other, more))
    assert (same["same_inputs"], same["same_metrics"]) == (True, True)
    assert list(changed["inputs"]) == ["data"]


def test_loaded_scores_are_judged_by_what_came_after_them_alone(runtime: Runtime, store: Store) -> None:
    fill(store, runtime.clock())
    rows = [
        {
            "contact_id": f"c{contact}",
            "product_id": f"p{product}",
            "model": "cf",
            "score": contact / 50,
            "as_of": (START + timedelta(weeks=6)).isoformat(),
        }
        for contact, product in np.ndindex(30, 4)
    ]
    import_rows(store, "scores", rows, UTC)

    honest, trusted = evaluate(runtime, "default"), evaluate(runtime, "default", trust_scores=True)

    assert {"by_product", "residuals"} <= set(draw_all(trusted))
    assert set(trusted.win_rates.effects) == {"together", "products", "pairs"}
    assert trusted.win_rates.effects["together"].contact_weeks == trusted.judged["consolidated"].contact_weeks
    assert {"with multipliers", "in list order"} <= set(trusted.judged)
    assert "verdicts beyond the pair" in trusted.basis.not_replayed
    assert honest.judged["cf"].pitches == 2 * 120
    assert trusted.judged["cf"].pitches == 8 * 120
    assert honest.basis.left_out["churn"] == "it has no scores"


def test_a_history_of_elsewhere_brings_its_split_and_shows_what_the_policy_is_worth(
    runtime: Runtime, store: Store, tmp_path: Path
) -> None:
    rows = pd.DataFrame(events(60, 4, 6))
    control = rows["contact_id"].str.slice(1).astype(int) % 2 == 1
    rows["variant"], rows["propensity"] = np.where(control, "random_eligible", "policy"), 0.5
    rows.loc[control & (rows["type"] == "win"), "type"] = "loss"  # a control that never wins
    rows.to_csv(tmp_path / "feedback.csv", index=False)
    load_file(runtime, store.tenant.name, "feedback", tmp_path / "feedback.csv")

    found = evaluate(runtime, store.tenant.name)

    assert found.impact is not None
    assert [lift.control for lift in found.impact.lifts] == ["random_eligible"]
    assert found.impact.lifts[0].difference.low > 0
    assert "The policy wins more than random_eligible" in render(found, {})
    assert "nan" not in found.impact.lifts[0].sentence


def test_without_outcomes_there_is_nothing_to_evaluate(runtime: Runtime, store: Store) -> None:
    with pytest.raises(NotReady, match="load feedback first"):
        evaluate(runtime, store.tenant.name)


def test_a_policy_that_is_not_active_is_named(runtime: Runtime, store: Store) -> None:
    with pytest.raises(NotFound, match="policy 'nope' is not active"):
        evaluate(runtime, store.tenant.name, "nope")


def test_the_command_prints_the_advice_and_where_the_page_is(
    runtime: Runtime, store: Store, redis_server: EmbeddedServer, tmp_path: Path
) -> None:
    fill(store, runtime.clock(), weeks=3)
    environ = {"DOG_REDIS_URL": redis_server.url, "DOG_DATA_DIR": str(tmp_path)}

    answer = CliRunner().invoke(jobs, ["evaluate"], env=environ)

    page = Path(answer.output.splitlines()[-1])
    assert answer.exit_code == 0, answer.output
    assert page.is_relative_to(tmp_path / "runs")
    assert page.is_file()
    assert "is not known yet" in answer.output


def test_purchases_without_pitches_show_how_well_contacts_start(
    runtime: Runtime, store: Store, redis_server: EmbeddedServer, tmp_path: Path
) -> None:
    load_tastes(runtime, store)
    environ = {"DOG_REDIS_URL": redis_server.url, "DOG_DATA_DIR": str(tmp_path)}

    answer = CliRunner().invoke(jobs, ["evaluate"], env=environ)

    assert answer.exit_code == 0, answer.output
    assert "5 or more" in answer.output
    assert "nothing else was evaluated: no week of pitches" in answer.output


def test_processes_find_the_same_bits_as_one(runtime: Runtime, store: Store, pool: PoolRunner) -> None:
    load_tastes(runtime, store)
    fill(store, runtime.clock())

    shared = evaluate(runtime, "default", runner=pool)

    assert figures_of(shared) == figures_of(evaluate(runtime, "default"))


def figures_of(found: Evaluation) -> bytes:
    """Return all figures, to the last bit."""
    return orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
