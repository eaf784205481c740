"""What was proved is said in a sentence and in figures; what could not be judged is neither."""

from typing import Any

from dog.services.start_proof import NOT_TRAINED, describe_proof, figures_of, gains_of_auc, read_proof
from dog.storage.store import Store

GAIN = {"mean": 0.004, "low": 0.003, "high": 0.005}
VERDICT = {"contacts": 90, "base_ndcg": 0.3, "base_auc": 0.7, "ndcg": GAIN, "auc": GAIN, "on": True}
LOST = {**VERDICT, "auc": {"mean": -0.01, "low": -0.02, "high": 0.0}, "on": False}
COLD = {"products": 24, "known_buyers": [0, 3], "auc_most_active": [0.7, 0.7], "auc": [0.8, 0.81]}
PROOF: dict[str, Any] = {
    "contacts": 1234,
    "products": 9,
    "bands": {"0": LOST, "1": VERDICT, "2 to 4": VERDICT, "5 or more": None},
    "segment_bands": {},
    "segments": LOST,
    "cold": {**COLD, "gain": [0.1, 0.05, 0.15], "on": True},
}


def test_the_sentence_names_what_is_on() -> None:
    assert describe_proof(PROOF) == (
        "start: 1,234 contacts, tastes proved after 1, 2 to 4 events; cold products find their buyers"
    )


def test_where_segments_have_levels_contacts_with_attributes_are_said_apart() -> None:
    by_segment = {**PROOF, "segments": VERDICT, "segment_bands": {"0": LOST, "1": LOST, "2 to 4": VERDICT}}

    assert describe_proof(by_segment) == (
        "start: 1,234 contacts, popularity by segment proved, tastes prove more after 2 to 4 events; of contacts "
        "without attributes, tastes proved after 1, 2 to 4 events; cold products find their buyers"
    )
    assert figures_of(by_segment)["start.with_attributes.2_to_4.on"] == 1.0


def test_where_nothing_is_proved_popularity_counts_alone() -> None:
    off = {**PROOF, "bands": {"0": LOST}, "segments": None, "cold": None}

    assert describe_proof(off) == "start: 1,234 contacts, tastes not proved, popularity counts alone"


def test_a_tenant_that_was_never_trained_has_no_proof(store: Store) -> None:
    assert read_proof(store) is None
    assert describe_proof(None) == NOT_TRAINED
    assert (figures_of(None), gains_of_auc(None)) == ({}, {})


def test_figures_are_gains_by_band() -> None:
    figures = figures_of(PROOF)

    assert (figures["start.1.auc_gain"], figures["start.1.auc_gain_low"], figures["start.1.on"]) == (0.004, 0.003, 1.0)
    assert figures["start.cold.auc_3_buyers"] == 0.81
    assert "start.5_or_more.on" not in figures


def test_a_loss_is_drawn_as_none() -> None:
    assert gains_of_auc(PROOF) == {"0": 0.0, "1": 40.0, "2 to 4": 40.0, "5 or more": 0.0}
