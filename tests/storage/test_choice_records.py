"""Records of contacts' channels and times: read as they were written."""

import numpy as np

from dog.core.learning.ledger_chunk import DIGEST, ContactBlock
from dog.core.records import VALUE_COUNTS
from dog.storage.choice_records import CHOICES, pack_choices, read_choices
from dog.storage.contacts import write_fields
from dog.storage.store import Store


def test_what_is_written_of_some_contacts_is_read_again(store: Store) -> None:
    contacts = sorted(
        (store.tenant.partition_number(digest), digest) for digest in map(store.tenant.contact, map(str, range(9)))
    )
    partitions = sorted({partition for partition, _ in contacts})
    sizes = [sum(own == partition for own, _ in contacts) for partition in partitions]
    block = ContactBlock(partitions, sizes, np.frombuffer(b"".join(digest for _, digest in contacts), DIGEST))
    records = np.zeros(6, VALUE_COUNTS)
    records["value"], records["wins"], records["pitches"] = range(6), 1, 2.5
    owner = np.array([0, 0, 4, 4, 4, 8])
    write_fields(store, CHOICES, "v:p", pack_choices(block, owner, records))
    found = read_choices(store, block, np.arange(9), "v:p")

    assert {index: own["value"].tolist() for index, own in found.items()} == {0: [0, 1], 4: [2, 3, 4], 8: [5]}
    assert found[8].tobytes() == records[5:].tobytes()


def test_nothing_is_written_where_there_is_nothing(store: Store) -> None:
    block = ContactBlock([3], [1], np.frombuffer(store.tenant.contact("c1"), DIGEST))

    assert pack_choices(block, np.zeros(0, np.int64), np.zeros(0, VALUE_COUNTS)) == {}
    assert read_choices(store, block, np.arange(1), "v:p") == {}
