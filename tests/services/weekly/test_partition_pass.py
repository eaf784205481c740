"""What decides the name of a version is fixed for good."""

import numpy as np

from dog.core.learning.ledger_chunk import DIGEST, ContactBlock, LedgerChunk
from dog.core.records import OUTCOME
from dog.services.weekly.partition_pass import DIGEST_WEIGHTS, input_digests


def test_the_weights_behind_version_names_are_fixed() -> None:
    """They once came from a random generator whose stream numpy does not promise to keep."""
    assert DIGEST_WEIGHTS.tolist() == [
        9441442522235856127,
        17532960557476522087,
        2659275481604167885,
        17499493567006797779,
        5752274989370667689,
    ]
    assert DIGEST_WEIGHTS.itemsize * len(DIGEST_WEIGHTS) == OUTCOME.itemsize


def test_the_digest_of_a_known_partition_is_fixed() -> None:
    outcomes = np.zeros(3, OUTCOME)
    outcomes["at"], outcomes["event"], outcomes["product"] = [5, 6, 7], [11, 12, 13], [0, 0, 4]
    outcomes["score"], outcomes["type"] = 0.25, [4, 5, 6]
    chunk = LedgerChunk(
        contacts=ContactBlock([3], [2], np.frombuffer(b"\0" * 16 + b"\1" * 16, DIGEST)),
        contact=np.array([0, 1]),
        product=outcomes["product"][[0, 2]],
        starts=np.array([0, 2]),
        outcomes=outcomes,
        is_new=np.ones(3, bool),
    )

    assert {partition: digest.hex() for partition, digest in input_digests(chunk)} == {
        3: "8559b8bfe704a39f0ec71dbad51dffd6"
    }
