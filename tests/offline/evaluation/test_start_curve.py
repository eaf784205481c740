"""The few-shot curve of a tenant: that of the last training while its events are the same, else a new one."""

from typing import Any

import pytest

from dog.core.policy.policy_settings import START
from dog.offline.evaluation.start_curve import (
    COLD_HEAD,
    HEAD,
    can_draw,
    cold_rows,
    curve_rows,
    draw_start_curve,
    read_start_curve,
    render_start_curve,
)
from dog.services.data.import_rows import import_rows
from dog.services.runtime import Runtime
from dog.storage.catalogue import put_model, read_models
from dog.storage.store import Store
from tests.start_world import CONTACTS, load_tastes


@pytest.fixture
def tasteful(runtime: Runtime, store: Store) -> Store:
    load_tastes(runtime, store)
    return store


def marked(store: Store) -> dict[str, Any]:
    """Mark the kept proof, so that it is known from a new one."""
    record = read_models(store)[START]
    put_model(store, START, {**record, "proof": {**record["proof"], "contacts": 1}})
    return record["proof"]


def test_the_proof_of_the_last_training_counts_while_the_events_are_the_same(runtime: Runtime, tasteful: Store) -> None:
    marked(tasteful)

    assert (read_start_curve(tasteful, runtime.clock()) or {})["contacts"] == 1


def test_after_new_events_it_is_proved_again(runtime: Runtime, tasteful: Store) -> None:
    marked(tasteful)
    bought = {"contact_id": "new", "product_id": "p1", "occurred_at": "2026-11-18T10:00:00Z"}
    import_rows(tasteful, "transactions", [bought], runtime.settings.zone)

    assert (read_start_curve(tasteful, runtime.clock()) or {})["contacts"] == CONTACTS + 1


def test_without_a_purchase_the_page_has_one_sentence(runtime: Runtime, store: Store) -> None:
    proof = read_start_curve(store, runtime.clock())

    assert proof is None
    assert not can_draw(proof)
    assert "no purchase and no win yet" in render_start_curve(proof, {})[1]


def test_the_page_has_both_tables_and_the_picture(runtime: Runtime, tasteful: Store) -> None:
    proof = read_start_curve(tasteful, runtime.clock())
    assert proof is not None

    page = "".join(render_start_curve(proof, {"start": ("gain", draw_start_curve(proof))}))

    assert (page.count("<table"), page.count("<svg")) == (2, 1)
    bands = ["0", "1", "2 to 4", "5 or more"]
    with_attributes = [f"{name}, attributes known" for name in bands]
    assert [row[0] for row in curve_rows(proof)] == [*bands, "segment level, 0", *with_attributes]
    assert {len(row) for row in curve_rows(proof)} == {len(HEAD)}
    assert {len(row) for row in cold_rows(proof)} == {len(COLD_HEAD)}


def test_what_could_not_be_judged_is_a_row_that_says_so() -> None:
    unknown = {"mean": 0.0, "low": None, "high": None}
    lone = {"contacts": 1, "base_ndcg": 0.1, "base_auc": 0.5, "ndcg": unknown, "auc": unknown, "on": False}
    proof = {"contacts": 40, "bands": {"0": None, "1": lone}, "segment_bands": {}, "segments": None, "cold": None}

    assert [row[-1] for row in curve_rows(proof)] == ["too few contacts", "off", "too few contacts"]
    assert not can_draw(proof)
    assert list(cold_rows(proof)) == []
