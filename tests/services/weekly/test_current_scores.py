"""Consolidated scores of today, read for the pairs of the ledgers."""

from typing import Any

import numpy as np
import pytest

from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.services.weekly.current_scores import read_current_scores
from dog.storage.ledgers import read_chunks
from dog.storage.store import Store
from tests.services.weekly.test_recompute_week import pitched


def test_a_pair_has_the_score_of_its_list_and_none_without_scores(
    runtime: Runtime, loaded: Store, recommend: Any
) -> None:
    events = [*pitched(1, 1, "p1"), *pitched(0, 1, "p3", "c2", 10), *pitched(0, 1, "p1", "stranger", 20)]
    record_feedback(loaded, events, runtime.clock())
    listed = {
        (contact, item["product_id"]): item["factors"]["consolidated"]
        for contact in ("c1", "c2")
        for item in recommend(contact)["items"]
    }
    consolidator = runtime.shared(Snapshots).current(loaded).policy("recommended").plan.consolidator
    names = {loaded.tenant.contact(contact): contact for contact in ("c1", "c2", "stranger")}
    numbers = runtime.shared(Snapshots).current(loaded).catalogue.ids
    found: dict[tuple[str, str], float] = {}
    for chunk in read_chunks(loaded):
        scores = read_current_scores(loaded, chunk, {"recommended": consolidator})["recommended"]
        contacts = [names[chunk.contacts.digests[place].tobytes()] for place in chunk.contact]
        found |= dict(zip(zip(contacts, [numbers[it] for it in chunk.product], strict=True), scores, strict=True))

    assert found["c1", "p1"] == pytest.approx(listed["c1", "p1"])
    assert found["c2", "p3"] == pytest.approx(listed["c2", "p3"])
    assert np.isnan(found["stranger", "p1"])
