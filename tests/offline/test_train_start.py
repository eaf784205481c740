"""What training reads, and which version it makes active; the fit itself is tested in tests/models/start."""

import numpy as np

from dog.core.policy.policy_settings import START
from dog.offline.history.read_purchases import read_purchases
from dog.offline.train_start import train_start
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.services.start_proof import describe_proof
from dog.storage.catalogue import read_models
from dog.storage.consolidation_fits import read_loads
from dog.storage.store import Store
from tests.conftest import event
from tests.start_world import CONTACTS, load_tastes


def test_a_tenant_without_purchases_and_wins_is_not_trained(runtime: Runtime, loaded: Store) -> None:
    assert train_start(runtime, loaded) is None
    assert START not in read_models(loaded)


def test_wins_alone_make_popularity(runtime: Runtime, loaded: Store) -> None:
    wins = [event(f"w{n}", "win", "p2", f"c{n}") for n in (1, 2, 3)]
    record_feedback(loaded, [*wins, event("w9", "win", "p3", "c1")], runtime.clock())

    proved = train_start(runtime, loaded)

    assert proved is not None
    assert "too few" in describe_proof(proved.to_document())
    start = runtime.shared(Snapshots).current(loaded).start
    assert np.argsort(-start.offsets[0]).tolist() == [1, 2, 3, 0]  # by wins, then by value


def test_training_changes_the_snapshot_and_describes_the_scores(runtime: Runtime, store: Store) -> None:
    load_tastes(runtime, store)

    snapshot = runtime.shared(Snapshots).current(store)

    assert snapshot.start_version == read_models(store)[START]["version"]
    assert snapshot.start.events > 1000
    load = read_loads(store).of(START)
    assert load is not None
    assert load.usual == "log_odds"


def test_the_same_data_give_the_same_version(runtime: Runtime, store: Store) -> None:
    load_tastes(runtime, store)
    train_start(runtime, store)
    first = read_models(store)[START]["version"]

    train_start(runtime, store)

    assert read_models(store)[START]["version"] == first


def test_a_product_is_exposed_since_it_is_known(runtime: Runtime, store: Store) -> None:
    load_tastes(runtime, store)
    rows = [{"product_id": "fresh", "category": "g1"}]
    import_rows(store, "products", rows, runtime.settings.zone)

    train_start(runtime, store)

    start = runtime.shared(Snapshots).current(store).start
    assert not start.warm[-1]
    assert start.offsets[0, -1] > np.median(start.offsets[0, :-1]) - 1.0


def test_the_record_says_what_was_proved_and_from_which_events(runtime: Runtime, store: Store) -> None:
    load_tastes(runtime, store)
    steps: list[float] = []

    proved = train_start(runtime, store, lambda share, _text: steps.append(share))

    record = read_models(store)[START]
    assert proved is not None
    assert record["proof"]["contacts"] == proved.contacts == CONTACTS
    assert (record["events"], record["made_at_ms"]) == (8 * CONTACTS, runtime.clock())
    assert record["data"] == read_purchases(store).fingerprint
    assert steps == sorted(steps)
