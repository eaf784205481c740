"""Training makes an active version with its proof, the same from the same events."""

from dog.core.policy.policy_settings import START
from dog.offline.train_start import train_start
from dog.services.lists.snapshot import read_head
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_models
from dog.storage.consolidation_fits import read_loads
from dog.storage.store import Store
from tests.start_world import CONTACTS, PRODUCT_COUNT, load_tastes


def test_without_purchases_nothing_is_trained(runtime: Runtime, loaded: Store) -> None:
    assert train_start(runtime, loaded) is None
    assert START not in read_models(loaded)


def test_the_same_events_make_the_same_version(runtime: Runtime, store: Store) -> None:
    load_tastes(runtime, store)

    train_start(runtime, store)
    first = read_head(store)[b"start"]
    train_start(runtime, store)

    assert read_head(store)[b"start"] == first


def test_the_record_says_what_was_proved_and_how_the_scores_lie(runtime: Runtime, store: Store) -> None:
    load_tastes(runtime, store)
    steps: list[float] = []

    proved = train_start(runtime, store, lambda share, _text: steps.append(share))

    record = read_models(store)[START]
    assert proved is not None
    assert record["proof"]["contacts"] == proved.contacts == CONTACTS
    assert (record["events"], record["made_at_ms"]) == (8 * CONTACTS, runtime.clock())
    assert (load := read_loads(store).of(START)) is not None
    assert load.count == CONTACTS * PRODUCT_COUNT
    assert steps == sorted(steps)
