"""What each use case keeps of a run: settings, data, figures and a picture, the same for the same inputs."""

from datetime import UTC, datetime, timedelta

import numpy as np

from dog.offline.meta import learn
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.publishing.publish_policy import activate_policy_version, publish_policy, show_policy
from dog.services.run_records import compare_runs, run_folder
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.run_log import Run, list_runs
from dog.storage.store import Store

TODAY = datetime(2026, 11, 20, tzinfo=UTC)
WIN = {"event_id": "1", "type": "win", "contact_id": "c", "product_id": "p", "occurred_at": "2026-11-09T09:00:00Z"}


def only(store: Store, kind: str) -> list[Run]:
    return [run for run in list_runs(store) if run.kind == kind]


def test_two_trainings_of_the_same_transactions_find_the_same(runtime: Runtime, store: Store) -> None:
    chance, zone = np.random.default_rng(0), runtime.settings.zone
    import_rows(store, "products", [{"product_id": f"p{p}", "name": "n"} for p in range(30)], zone)
    import_rows(store, "contacts", [{"contact_id": f"c{c}"} for c in range(60)], zone)
    bought = [
        {"contact_id": f"c{contact}", "product_id": f"p{product}", "quantity": 1, "amount": 2.0}
        | {"occurred_at": (TODAY - timedelta(days=int(day))).isoformat()}
        for contact in range(60)
        for product, day in zip(chance.integers(0, 30, 20), chance.integers(0, 300, 20), strict=True)
    ]
    import_rows(store, "transactions", bought, zone)

    for _ in range(2):
        learn(runtime, "default", seed=5, by_hand=True)

    runs = only(store, "train")
    compared = compare_runs(runtime, "default", runs[0].run_id, runs[1].run_id)
    assert (compared["same_inputs"], compared["same_metrics"]) == (True, True)
    assert (runs[0].seed, runs[0].files) == (5, ["gain.svg", "start.svg"])
    assert {"frequency.poisson_deviance", "start.1.auc_gain"} <= runs[0].metrics.keys()


def test_a_publication_keeps_both_curves_and_a_draft_put_in_force_is_another(runtime: Runtime, store: Store) -> None:
    before, document = show_policy(runtime, "default", "recommended")
    document["reinforcement"]["a_max"] = 2.0

    stored = publish_policy(runtime, "default", "recommended", document, author="ann", comment="", draft=True)
    runtime.clock.now_ms += 1  # type: ignore[attr-defined]  # the tests' clock
    activate_policy_version(runtime, "default", "recommended", stored["version"])

    in_force, draft = only(store, "publish")
    assert (draft.settings["author"], draft.settings["draft"], in_force.settings["draft"]) == ("ann", True, False)
    assert draft.metrics["largest_multiplier"] == 2.0
    picture = (run_folder(runtime, in_force.run_id) / "curve.svg").read_text("utf-8")
    assert stored["version"] in picture
    assert f"{before}, active before" in picture


def test_a_recompute_keeps_how_the_multipliers_are_spread(runtime: Runtime, store: Store) -> None:
    record_feedback(store, [WIN], runtime.clock())

    run_recompute(runtime, "default")

    run = only(store, "recompute")[0]
    assert run.metrics["pairs"] == 1
    assert (run_folder(runtime, run.run_id) / "spread.svg").read_text("utf-8").count("<rect") == 14


def test_a_run_whose_files_cannot_be_written_is_kept_without(runtime: Runtime, store: Store) -> None:
    (runtime.settings.data_dir / "runs").write_text("no folder")
    record_feedback(store, [WIN], runtime.clock())

    run_recompute(runtime, "default")

    assert only(store, "recompute")[0].files == []
