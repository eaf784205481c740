import numpy as np

from dog.services.data.backfill.split_records import CLAIMED
from dog.storage.claims import CLAIM


def test_what_is_known_of_a_claim_begins_as_the_claim_does() -> None:
    begins = np.dtype(CLAIMED.descr[: len(CLAIM.descr)])

    assert begins == CLAIM
