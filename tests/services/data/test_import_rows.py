from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.runtime import Runtime
from dog.storage.contacts import read_arrays, unpack_scores
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
