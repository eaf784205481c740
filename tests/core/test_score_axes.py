import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.describe_load import describe_load
from dog.core.score_axes import read_load, standardise

LISTS = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=200).map(np.array)


@given(LISTS)
def test_a_load_survives_being_written(scores: np.ndarray) -> None:
    load = describe_load(scores)

    found = read_load(orjson.loads(orjson.dumps(load.to_document())))

    assert found == load
    assert list(found.scales) == list(load.scales)


@given(LISTS)
def test_a_load_is_standardised_on_each_axis(scores: np.ndarray) -> None:
    load = describe_load(scores)

    for axis in load.scales:
        places = standardise(scores, load, axis)
        assert places.mean() == pytest.approx(0.0, abs=1e-6)
        assert places.std() == pytest.approx(1.0, abs=1e-6) or (places == 0).all()
