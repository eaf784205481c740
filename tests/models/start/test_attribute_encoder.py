import numpy as np

from dog.models.start.attribute_encoder import AttributeEncoder

SEGMENTS = [{"segment": "gold"}] * 10 + [{"segment": "silver"}] * 10


def test_a_new_segment_counts_as_average() -> None:
    encoder = AttributeEncoder.fit(SEGMENTS)

    assert encoder.encode({"segment": "new"}).tolist() == [0.0, 0.0]
    np.testing.assert_allclose(encoder.encode_all(SEGMENTS).mean(axis=0), 0.0, atol=1e-12)
