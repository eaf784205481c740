"""The pass over channels and times: what is read of the version before, and kept for the next."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial

import numpy as np
import pytest

from dog.core.learning.attribute_counts import NO_COUNTS
from dog.core.learning.pair_evidence import PolicyWeek
from dog.core.learning.pitch_results import newly_settled
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.records import VALUE_COUNTS
from dog.services.spill_buffer import SpillFile
from dog.services.weekly.attribute_pass import AttributePass, pack_counts
from dog.storage.contacts import write_fields
from dog.storage.store import Store
from tests.core.learning.test_attribute_counts import ANN, BOB, CALL, CID, EMAIL, END, MATURES, chunk

BY_EXPECTED = PolicyWeek(settings=Reinforcement(neutral="expected"), end_ms=END, previous_end_ms=0)
BY_WIN_RATE = PolicyWeek(settings=Reinforcement(neutral="global"), end_ms=END, previous_end_ms=0)


@pytest.fixture
def file() -> Iterator[SpillFile]:
    with closing(SpillFile()) as opened:
        yield opened


def test_only_policies_by_expected_wins_count_and_all_keep_a_place(store: Store, file: SpillFile) -> None:
    of = chunk([ANN, CID])
    settled = newly_settled(of, END, 0, MATURES)
    passed = AttributePass(store, None, frozenset(), file)
    count = partial(passed.count, of, settled=settled, held={})

    assert count(BY_WIN_RATE).sums.sums == {}
    assert len(count(BY_EXPECTED).pitches[0].won) == 4
    first, second = passed

    assert len(first.key) == 0
    assert len(second.key) == 3


def test_what_the_version_before_holds_is_read_for_contacts_with_a_channel(store: Store, file: SpillFile) -> None:
    of = chunk([CID, ANN, BOB])
    own = np.array([(0, EMAIL, 0, 1, 0.1), (0, CALL, 1, 1, 0.1)], VALUE_COUNTS)
    digest = of.contacts.digests[1].tobytes()
    write_fields(store, "choices", "v0:p", {store.tenant.partition_number(digest): [digest, own.tobytes()]})

    assert AttributePass(store, "v0", frozenset(), file).read_held(of) == {}

    held = AttributePass(store, "v0", frozenset({"p"}), file).read_held(of)["p"]

    assert {index: records.tolist() for index, records in held.items()} == dict.fromkeys((1, 2), own.tolist())


def test_without_counts_nothing_is_packed() -> None:
    assert pack_counts(chunk([CID]).contacts, NO_COUNTS, {}) == {}
