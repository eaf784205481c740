"""The memory of a tenant: proved where contacts like each other win alike, else off; the same each time."""

import pytest

from dog.models.start.learned_memory import read_memory, write_memory
from dog.models.start.memory import EXPECTED, PITCHES, WINS
from dog.models.start.start_model import StartModel
from dog.offline import train_memory as module
from dog.offline.train_memory import train_memory
from dog.offline.train_start import train_start
from dog.services.lists.snapshot import build_snapshot
from dog.services.runtime import Runtime
from dog.services.start_proof import describe_proof, figures_of, read_proof
from dog.storage.catalogue import read_catalogue, read_models
from dog.storage.start_models import read_newest_memory
from dog.storage.store import Store
from tests.offline.case_worlds import CONTACTS, WEEKS, fill_cases


def trained(runtime: Runtime, store: Store) -> StartModel:
    train_start(runtime, store)
    return build_snapshot(store).start


def test_where_contacts_like_each_other_win_alike_it_is_proved_and_served(runtime: Runtime, store: Store) -> None:
    fill_cases(runtime, store, alike=True)
    train_start(runtime, store)
    told = describe_proof(read_proof(store))
    proved, snapshot = read_models(store)["start"]["proof"]["memory"], build_snapshot(store)

    assert proved["on"]
    assert f"the memory of past cases is proved, with a trust of {proved['trust']:.2f}" in told
    assert proved["trust"] > 0.5
    assert proved["ndcg"]["low"] > 0
    assert figures_of(read_proof(store))["start.memory.trust"] == proved["trust"]
    assert snapshot.memory is not None
    assert snapshot.memory.trust == proved["trust"]
    assert set(snapshot.memory.categories) == {"bread", "wine"}
    numbers = dict(zip(snapshot.catalogue.ids, snapshot.memory_categories.tolist(), strict=False))
    assert snapshot.memory.categories[numbers["wine1"]] == "wine"


def test_noise_is_not_served(runtime: Runtime, store: Store) -> None:
    fill_cases(runtime, store, alike=False)
    train_start(runtime, store)

    assert "the memory of past cases is not proved" in describe_proof(read_proof(store))
    assert not read_models(store)["start"]["proof"]["memory"]["on"]
    assert read_newest_memory(store) is not None
    assert build_snapshot(store).memory is None


def test_the_slots_hold_what_was_won_and_what_was_expected(runtime: Runtime, store: Store) -> None:
    fill_cases(runtime, store, alike=True)
    model, catalogue = trained(runtime, store), read_catalogue(store)
    found = train_memory(store, model, catalogue, runtime.clock())
    again = train_memory(store, model, catalogue, runtime.clock())

    assert found is not None
    assert again is not None
    assert write_memory(found[0]) == write_memory(again[0])
    records = found[0].cases.records.sum(axis=1)
    assert len(found[0].cases) == CONTACTS
    assert records[PITCHES].tolist() == [CONTACTS * WEEKS, CONTACTS * WEEKS, 0]
    assert records[EXPECTED].sum() == pytest.approx(records[WINS].sum(), rel=0.02)  # scaled to the tenant's rate


def test_few_pitches_leave_no_memory_behind(runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_cases(runtime, store, alike=True)
    train_start(runtime, store)
    monkeypatch.setattr(module, "LEAST_PITCHES", 2 * CONTACTS * WEEKS + 1)
    train_start(runtime, store)

    assert read_models(store)["start"]["proof"]["memory"] is None
    assert read_newest_memory(store) is None


def test_the_memory_is_that_of_the_active_version(runtime: Runtime, store: Store) -> None:
    fill_cases(runtime, store, alike=True)
    train_start(runtime, store)
    stored = read_newest_memory(store)

    assert stored is not None
    assert stored.version == build_snapshot(store).start_version
    assert read_memory(stored.packed).on
