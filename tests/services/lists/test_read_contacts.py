from collections.abc import Mapping
from itertools import chain

import numpy as np
import pytest

from dog.core.records import SCORES
from dog.services.data.import_rows import import_rows
from dog.services.lists.contact_filter import ContactFilter, scan_records
from dog.services.lists.read_contact import ContactState
from dog.services.lists.read_contacts import read_contacts, read_to_rank
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.packed_scores import pack_scores, unpack_scores
from dog.storage.store import Store


def rows(scores: Mapping[str, bytes | None]) -> dict[str, list[tuple[int, float]]]:
    return {model: unpack_scores(packed)[1].tolist() for model, packed in scores.items() if packed}


def test_the_scores_of_one_product_are_cut_out_of_those_of_all(loaded: Store, runtime: Runtime) -> None:
    uneven = [
        {"contact_id": "c2", "product_id": f"p{n}", "model": "cf", "score": n / 10, "as_of": "2026-11-02"}
        for n in (1, 4)
    ]
    level = [{"contact_id": "c3", "product_id": "", "model": "churn", "score": 0.3, "as_of": "2026-11-02"}]
    import_rows(loaded, "scores", [*uneven, *level], runtime.settings.zone)
    snapshot = runtime.shared(Snapshots).current(loaded)
    active, pages = snapshot.policy("recommended"), list(scan_records(loaded, ContactFilter()))

    def read(product: int | np.ndarray | None) -> dict[str, ContactState]:
        found = read_to_rank(loaded, snapshot, active, pages, product)
        return {str((one.record or {})["contact_id"]): one for one in found}

    whole, cut = read(None), read(snapshot.catalogue.numbers["p2"])
    assert whole.keys() == cut.keys() == {"c1", "c2", "c3"}
    for name, contact in cut.items():
        for model, packed in contact.packed_scores.items():
            expected = whole[name].packed_scores[model]
            assert (packed is None) == (expected is None)
            if packed is None or expected is None:
                continue
            as_of_ms, scores = unpack_scores(packed)
            expected_ms, every = unpack_scores(expected)
            wanted = every[every["product"] == snapshot.catalogue.numbers["p2"]]
            assert as_of_ms == expected_ms
            assert np.array_equal(scores, wanted if len(wanted) else every[:1])
    each = [snapshot.catalogue.numbers[name] for name in ("p1", "p2", "p3")]
    for name, contact in read(np.array(each)).items():
        alone = read(each[list(cut).index(name)])[name]
        assert contact.packed_scores == alone.packed_scores
    assert rows(cut["c3"].packed_scores)["churn"] == rows(whole["c3"].packed_scores)["churn"]


def test_what_ranks_is_what_a_receipt_is_made_from(loaded: Store, runtime: Runtime) -> None:
    snapshot = runtime.shared(Snapshots).current(loaded)
    active, pages = snapshot.policy("recommended"), list(scan_records(loaded, ContactFilter()))
    whole = [one for partition, own in pages for one in read_contacts(loaded, snapshot, active, partition, own)]

    for one, other in zip(whole, read_to_rank(loaded, snapshot, active, pages, None), strict=True):
        assert (one.digest, one.record, one.packed_scores) == (other.digest, other.record, other.packed_scores)


@pytest.mark.parametrize("seed", range(5))
def test_each_contact_is_cut_to_its_own_product_whichever_products_are_scored(
    runtime: Runtime, loaded: Store, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    products = [f"p{n}" for n in range(1, 11)]
    import_rows(loaded, "products", [{"product_id": product} for product in products], runtime.settings.zone)
    rows = [
        {"contact_id": f"c{c}", "product_id": product, "model": "cf", "score": chance.random(), "as_of": "2026-11-02"}
        for c in (1, 2, 3)
        for product in chance.choice(products, chance.integers(1, 11), replace=False).tolist()
    ]
    import_rows(loaded, "scores", rows, runtime.settings.zone)
    snapshot = runtime.shared(Snapshots).current(loaded)
    active, pages = snapshot.policy("recommended"), list(scan_records(loaded, ContactFilter()))
    whole = read_to_rank(loaded, snapshot, active, pages, None)
    wanted = chance.integers(len(products), size=len(whole))

    for one, cut, product in zip(whole, read_to_rank(loaded, snapshot, active, pages, wanted), wanted, strict=True):
        every, found = one.scores["cf"][1], cut.scores["cf"][1]
        own = every[every["product"] == product]
        assert np.array_equal(found, own if len(own) else every[:1])


@pytest.mark.parametrize("step", [1, 3, 700, 70_000])
def test_a_product_is_cut_out_of_arrays_of_every_form(store: Store, step: int) -> None:
    own = np.zeros(40, SCORES)
    own["product"], own["score"] = 5 + step * np.arange(40), np.arange(40) / 64
    digests = [bytes([number]) * 16 for number in range(3)]
    old = (7).to_bytes(8, "little") + own.tobytes()
    arrays = [pack_scores(7, own), old, pack_scores(7, own[:1])]
    key = store.keys.partition(0).of("scores", "cf")
    store.execute("HSET", key, *chain.from_iterable(zip(digests, arrays, strict=True)))

    for product in range(0, 5 + 41 * step, max(1, step // 2)):
        numbers = np.full(3, product, "<u4").tobytes()
        (cut,) = store.run_script("scores_of_product", [key], [numbers, *digests])
        wanted = own[own["product"] == product]
        full, short = (wanted if len(wanted) else own[:1]).tobytes(), own[:1].tobytes()
        assert cut == b"".join((7).to_bytes(8, "little") + record for record in (full, full, short))
