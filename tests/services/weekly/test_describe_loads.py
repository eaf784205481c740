from dataclasses import replace
from datetime import UTC

import numpy as np
import pytest

from dog.core.describe_load import describe_load
from dog.services.data.import_rows import import_rows
from dog.services.pool_runner import PoolRunner
from dog.services.runner import LocalRunner, Runner
from dog.services.runner_tasks import WorkerSetup
from dog.services.runtime import Runtime
from dog.services.weekly import describe_loads as module
from dog.services.weekly.describe_loads import describe_loads
from dog.storage.consolidation_fits import read_loads
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from tests.services.conftest import one_server

CONTACTS = 300
SCORES = np.random.default_rng(1).beta(1, 8, (CONTACTS, 3)).astype(np.float32)


@pytest.fixture
def scored(store: Store) -> Store:
    """Return a store with two models, one of which scores contacts alone."""
    rows = [
        {"contact_id": f"c{contact}", "model": "risk", "as_of": "2026-01-01", "score": float(score), **product}
        for contact, scores in enumerate(SCORES)
        for product, score in zip(({"product_id": "p1"}, {"product_id": "p2"}), scores, strict=False)
    ]
    rows += [
        {"contact_id": f"c{contact}", "model": "churn", "as_of": "2026-01-01", "score": float(score)}
        for contact, score in enumerate(SCORES[:, 2])
    ]
    assert {result.status for result in import_rows(store, "scores", rows, UTC)} == {"accepted"}
    return store


def check(runner: Runner, scored: Store) -> None:
    describe_loads(runner, scored, 1)

    loads = read_loads(scored)
    assert loads.of("risk") == describe_load(SCORES[:, :2].ravel())
    assert loads.of("churn") == describe_load(SCORES[:, 2])


def test_a_load_is_described_as_if_all_its_scores_lay_in_one_array(runtime: Runtime, scored: Store) -> None:
    check(LocalRunner(runtime), scored)


def test_parts_of_any_size_give_the_same_description(
    runtime: Runtime, scored: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONTACTS_A_TASK", 7)

    check(LocalRunner(runtime), scored)


@one_server
def test_processes_give_the_same_description(
    runtime: Runtime, scored: Store, redis_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONTACTS_A_TASK", 40)
    settings = replace(runtime.settings, redis_url=redis_server.url)
    setup = WorkerSetup(redis_url=redis_server.url, settings=settings, durability=runtime.durability)

    with PoolRunner(setup, 2) as pool:
        check(pool, scored)


def test_a_model_without_scores_is_not_described(runtime: Runtime, store: Store) -> None:
    describe_loads(LocalRunner(runtime), store, 1)

    assert read_loads(store).by_model == {}
