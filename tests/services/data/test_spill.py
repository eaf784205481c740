"""The files of a split load give back what was appended, part by part."""

from pathlib import Path

import numpy as np

from dog.services.data.spill import Spill, parts_of_contacts
from dog.storage.store import Tenant


def test_records_and_texts_of_a_part_come_back_in_the_order_in_which_they_were_added(tmp_path: Path) -> None:
    with Spill(tmp_path / "spill").open() as spill:
        for first in (0, 3):
            rows = np.arange(first, first + 3)
            spill.add("rows", rows, np.array([1, 0, 1]))
            spill.add_texts("texts", [b"%d" % row for row in rows], np.array([1, 0, 1]))

        assert spill.read("rows", 1, rows.dtype).tolist() == [0, 2, 3, 5]
        assert spill.read_texts("texts", 1) == b"0235"
        assert len(spill.read("rows", 2, rows.dtype)) == 0


def test_what_a_killed_load_left_is_deleted_and_at_the_end_all_is(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "spill")
    spill.folder.mkdir()
    spill.add("rows", np.arange(2), np.zeros(2, np.int64))
    with spill.open():
        assert spill.read_texts("rows", 0) == b""

    assert not spill.folder.exists()


def test_of_as_many_parts_as_partitions_a_contact_has_the_part_of_its_partition() -> None:
    tenant = Tenant("default", b"secret", 64)
    digests = tenant.contacts([f"c{number}" for number in range(100)])
    parts = parts_of_contacts(np.frombuffer(b"".join(digests), "V16"), tenant.partition_count)

    assert parts.tolist() == tenant.partition_numbers(digests)
