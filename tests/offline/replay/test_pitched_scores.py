import numpy as np
import pytest

from dog.offline.history.read_history import History, read_history
from dog.offline.replay.pitched_scores import look_up_scores
from dog.services.data.import_rows import import_rows
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.offline.fed_history import fill

AS_OF = "2026-11-06T00:00:00Z"
"""Between the first and the last pitch."""


@pytest.fixture
def history(runtime: Runtime, store: Store) -> History:
    fill(store, runtime.clock())
    rows = [
        {"contact_id": f"c{number}", "product_id": product, "model": "cf", "score": 0.1 + number / 32, "as_of": AS_OF}
        for number in range(10)
        for product in ("p0", "p2")
    ]
    of_contact = [{**row, "model": "churn", "product_id": ""} for row in rows[::2]]
    import_rows(store, "scores", [*rows, *of_contact], runtime.settings.zone)
    return read_history(LocalRunner(runtime), runtime, store, 90)


@pytest.mark.parametrize("name", ["cf", "churn", "none"])
@pytest.mark.parametrize("trusted", [True, False])
def test_each_pitch_has_the_score_of_its_pair_unless_it_is_younger(
    runtime: Runtime, history: History, name: str, trusted: bool
) -> None:
    raw, every = look_up_scores(
        LocalRunner(runtime), "default", name, history, trust_scores=trusted, every=name == "cf"
    )

    pitches, as_of_ms = history.pitches, 1_793_923_200_000
    for row, score in enumerate(raw.tolist()):
        contact = int(history.contact_ids[pitches.contact[row]][1:])
        product = history.product_ids[pitches.product[row]]
        known = contact < 10 and (name == "churn" or (name == "cf" and product != "p1"))
        if known and (trusted or pitches.at_ms[row] >= as_of_ms):
            assert score == pytest.approx(0.1 + contact / 32, rel=1e-6)
        else:
            assert np.isnan(score)
    assert len(every) == (20 if name == "cf" else 0)
