"""The weekly job: what has new data is refitted, what is proved is switched on, and the rest is left and said."""

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest

from dog.core.policy.policy_settings import START
from dog.errors import Conflict, NotReady
from dog.models.train import REFERENCE_MODELS
from dog.offline.meta import learn
from dog.offline.meta_due import META
from dog.services.data.import_rows import import_rows
from dog.services.job_lease import Lease
from dog.services.pool_runner import PoolRunner
from dog.services.run_records import run_folder
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_models
from dog.storage.contacts import read_partitions
from dog.storage.job_log import list_jobs
from dog.storage.run_log import list_runs
from dog.storage.store import Store
from tests.start_world import CONTACTS, load_tastes


@pytest.fixture
def tasteful(runtime: Runtime, store: Store) -> Store:
    load_tastes(runtime, store)
    store.execute("HDEL", store.keys.of("models"), START)
    return store


def test_it_trains_what_was_never_trained_and_records_it(runtime: Runtime, tasteful: Store) -> None:
    learned = learn(runtime, "default")

    assert {"frequency", "cf", START} <= read_models(tasteful).keys()
    assert "popularity by segment proved" in learned.parts["start"]
    (run,) = [run for run in list_runs(tasteful) if run.kind == META]
    assert run.outcome.startswith("models: ")
    assert (run.metrics["start.segments.auc_gain_low"] or 0) > 0
    assert "recommended" in run.outcome
    assert b"5 or more" in (run_folder(runtime, run.run_id) / "start.svg").read_bytes()
    (job,) = list_jobs(tasteful)
    assert (job.name, job.state, job.progress) == (META, "done", 1.0)


def test_reference_models_are_not_fitted_again_without_newer_transactions(runtime: Runtime, tasteful: Store) -> None:
    learn(runtime, "default")

    again = learn(runtime, "default")

    assert again.models == []
    assert again.parts["models"] == "left as it is: no transaction is newer than the last fit"


def test_processes_store_the_same_scores_as_one(runtime: Runtime, tasteful: Store, pool: PoolRunner) -> None:
    alone = learn(runtime, "default", by_hand=True)
    stored = [list(read_partitions(tasteful, "scores", name)) for name in REFERENCE_MODELS]
    shared = learn(runtime, "default", by_hand=True, force=True, runner=pool)

    assert [list(read_partitions(tasteful, "scores", name)) for name in REFERENCE_MODELS] == stored
    kept = pd.DataFrame()  # scores are in the store
    assert [replace(model, scores=kept) for model in shared.models] == [
        replace(model, scores=kept) for model in alone.models
    ]
    assert sum(len(arrays) for arrays in stored[2]) == CONTACTS


def test_scores_from_outside_are_never_replaced(runtime: Runtime, tasteful: Store) -> None:
    row = {"contact_id": "c1", "product_id": "p1", "model": "cf", "score": 0.5, "as_of": "2026-11-01"}
    import_rows(tasteful, "scores", [row], runtime.settings.zone)

    learned = learn(runtime, "default")

    assert "frequency" in [model.name for model in learned.models]
    assert "cf" not in [model.name for model in learned.models]


def test_scores_loaded_over_own_ones_are_left_alone(runtime: Runtime, tasteful: Store) -> None:
    learn(runtime, "default")
    row = {"contact_id": "c1", "product_id": "p1", "model": "cf", "score": 0.5, "as_of": "2026-11-19"}
    bought = {"contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-18T10:00:00Z"}
    import_rows(tasteful, "scores", [row], runtime.settings.zone)
    import_rows(tasteful, "transactions", [bought], runtime.settings.zone)

    assert [model.name for model in learn(runtime, "default").models] == ["frequency"]


def test_a_tenant_without_transactions_learns_from_wins_alone(runtime: Runtime, store: Store) -> None:
    from dog.services.feedback.record_feedback import record_feedback  # noqa: PLC0415  # only here

    import_rows(store, "products", [{"product_id": f"p{n}"} for n in range(9)], runtime.settings.zone)
    at = datetime(2026, 11, 2, tzinfo=UTC).isoformat()
    events = [
        {"event_id": f"{n}", "type": "win", "contact_id": f"c{n}", "product_id": f"p{n % 9}", "occurred_at": at}
        for n in range(40)
    ]
    record_feedback(store, events, runtime.clock())

    learned = learn(runtime, "default")

    assert learned.parts["models"].startswith("left as it is: there are no transactions")
    assert (
        learned.parts["start"] == "start: 40 contacts, too few of them with two products to prove more than popularity"
    )


def test_by_hand_nothing_to_learn_from_is_an_error(runtime: Runtime, store: Store) -> None:
    with pytest.raises(NotReady, match="no transactions"):
        learn(runtime, "default", by_hand=True)
    (job,) = list_jobs(store)

    assert (job.state, (job.error or "")[:12]) == ("failed", "there are no")


def test_several_schedulers_do_it_once(runtime: Runtime, tasteful: Store) -> None:
    with Lease(tasteful, META, runtime.stopping), pytest.raises(Conflict):
        learn(runtime, "default")

    assert [run.kind for run in list_runs(tasteful)] == []


@pytest.mark.parametrize(("contacts", "products"), [(1, 1), (60, 1), (60, 2)])
def test_a_tenant_with_hardly_a_product_learns_what_there_is(
    runtime: Runtime, store: Store, contacts: int, products: int
) -> None:
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": f"p{n}"} for n in range(products)], zone)
    rows = [
        {"contact_id": f"c{contact}", "product_id": f"p{product}", "occurred_at": f"2026-10-0{1 + product}"}
        for contact in range(contacts)
        for product in range(products)
    ]
    import_rows(store, "transactions", rows, zone)

    learned = learn(runtime, "default")

    assert learned.parts["start"].startswith(f"start: {contacts} contact")
    assert read_models(store)[START]["events"] == contacts * products
