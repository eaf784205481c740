"""Scores of a model are merged with what other loads write meanwhile."""

import pytest

from dog.services.data.columns import merge_model as module
from dog.services.data.import_rows import import_rows
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_models
from dog.storage.store import Store
from tests.services.data.columns.test_import_scores import stored
from tests.services.data.columns.two_imports import import_at_once


def test_loads_at_the_same_time_lose_no_row_and_never_put_older_scores_over_newer_ones(
    runtime: Runtime, store: Store
) -> None:
    contacts = [f"c{n}" for n in range(50)]
    row = {"model": "cf", "score": 0.5, "as_of": "2026-11-02"}
    ours, theirs = (
        [{**row, "contact_id": contact, "product_id": f"{side}{n}"} for contact in contacts for n in range(3)]
        for side in "ab"
    )
    older = [{**row, "contact_id": contact, "product_id": "b0", "as_of": "2026-11-01"} for contact in contacts]
    results = import_at_once(runtime, "scores", module, (ours, theirs))

    assert {str(result.status) for found in results for result in found} == {"accepted"}
    assert [len(scores) for _, scores in stored(store).values()] == [6] * 50
    newer = [{**one, "as_of": "2026-11-03"} for one in older]
    older = [{**one, "as_of": "2026-11-02", "score": 0.25} for one in older]
    import_at_once(runtime, "scores", module, (newer, older))
    assert {(as_of_ms, *scores.items()) for as_of_ms, scores in stored(store).values()} == {
        (1_793_664_000_000, ("b0", 0.5))
    }


def test_a_model_is_recorded_before_its_first_scores_are_written(
    runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> list[int]:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_scores", die)
    row = {"contact_id": "c1", "model": "cf", "score": 0.5, "as_of": "2026-11-02"}
    with pytest.raises(KeyboardInterrupt):
        import_rows(store, "scores", [row], runtime.settings.zone)

    assert read_models(store)["cf"]["as_of_ms"] == 1_793_577_600_000
