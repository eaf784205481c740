from typing import Any

import pytest

from dog.core.iso_weeks import iso_time
from dog.services.data.import_rows import import_rows
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_models
from dog.storage.contacts import read_arrays
from dog.storage.packed_scores import unpack_scores
from dog.storage.store import Store


def score(**change: Any) -> dict[str, Any]:
    return {"contact_id": "c1", "product_id": "p1", "model": "cf", "score": 0.5, "as_of": "2026-11-01", **change}


def load(runtime: Runtime, store: Store, *rows: dict[str, Any]) -> list[str]:
    return [str(result.status) for result in import_rows(store, "scores", list(rows), runtime.settings.zone)]


def stored(store: Store) -> list[float]:
    packed = read_arrays(store, "scores", "cf", [store.tenant.contact("c1")])[0]
    assert packed is not None
    return [float(value) for value in unpack_scores(packed)[1]["score"]]


def test_a_newer_as_of_replaces_the_same_adds_and_an_older_is_refused(runtime: Runtime, store: Store) -> None:
    first = load(runtime, store, score(), score(product_id="p2"))
    again = load(runtime, store, score())
    added = load(runtime, store, score(product_id="p3"))
    older = load(runtime, store, score(as_of="2026-10-01"))
    before = stored(store)
    newer = load(runtime, store, score(score=0.25, as_of="2026-11-02"))

    assert (first, again, added, older) == (["accepted"] * 2, ["duplicate"], ["accepted"], ["rejected"])
    assert (before, newer, stored(store)) == ([0.5, 0.5, 0.5], ["accepted"], [0.25])


@pytest.mark.parametrize(
    "change",
    [
        {"score": 1e300},
        {"score": float("nan")},
        {"score": "1_000"},
        {"score": "١٢"},
        {"score": True},
        {"model": "No Spaces"},
        {"contact_id": ""},
        {"contact_id": "c\n1"},
        {"as_of": "soon"},
        {"colour": "red"},
    ],
)
def test_a_bad_score_is_refused_and_the_others_are_taken(
    runtime: Runtime, store: Store, change: dict[str, Any]
) -> None:
    assert load(runtime, store, score(**change), score(product_id="p9")) == ["rejected", "accepted"]
    assert stored(store) == [0.5]


def test_a_load_states_up_to_when_its_model_was_trained(runtime: Runtime, store: Store) -> None:
    rows = [score(trained_until="2026-10-25"), score(product_id="p2", as_of="2026-11-02", trained_until="2026-10-26")]
    load(runtime, store, rows[0])
    load(runtime, store, rows[1])
    load(runtime, store, score(product_id="p3", as_of="2026-11-02"))
    known = read_models(store)["cf"]
    trained = [iso_time(known[name]) if known.get(name) else None for name in ("trained_until_ms", "as_of_ms")]

    assert trained == ["2026-10-26T00:00:00.000+00:00", "2026-11-02T00:00:00.000+00:00"]
    assert "previous_trained_until_ms" not in known
    assert load(runtime, store, score(trained_until="soon")) == ["rejected"]


def test_scores_of_the_computed_model_are_refused(runtime: Runtime, loaded: Store) -> None:
    row = {"contact_id": "c1", "product_id": "p1", "model": "start", "score": 0.5, "as_of": "2026-11-01"}

    (outcome,) = import_rows(loaded, "scores", [row], runtime.settings.zone)

    assert outcome.code == "computed_model"
    assert "is computed by the service" in (outcome.message or "")
    assert "start" not in read_models(loaded)
