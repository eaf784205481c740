from dataclasses import replace

import numpy as np

from dog.core.records import SCORES
from dog.storage.contacts import read_arrays, write_arrays
from dog.storage.load_journal import read_journal
from dog.storage.packed_scores import pack_scores
from dog.storage.score_arrays import write_scores
from dog.storage.store import Store

CONTACTS = [bytes([number]) * 16 for number in range(5)]


def scores(as_of_ms: int, rest: bytes = b"12345678") -> bytes:
    return as_of_ms.to_bytes(8, "little") + rest


def test_an_array_is_written_over_an_older_one_none_or_that_which_it_was_merged_from(store: Store) -> None:
    known = {one: scores(at) for one, at in zip(CONTACTS, (1, 256, 5, 5), strict=False)}
    write_arrays(store, "scores", "cf", known)
    new = [scores(5, b"new-new-")] * 5
    bases = [b"", b"", known[CONTACTS[2]], b"", b""]

    assert sorted(write_scores(replace(store, load="l1"), "cf", CONTACTS, new, bases)) == [1, 3]
    expected = [new[0], known[CONTACTS[1]], new[2], known[CONTACTS[3]], new[4]]
    assert read_arrays(store, "scores", "cf", CONTACTS) == expected
    noted = {
        row.field: row.before
        for partition in range(store.tenant.partition_count)
        for rows in read_journal(store, "l1", "scores-cf", partition)
        for row in rows
    }
    assert noted == {CONTACTS[0]: scores(1), CONTACTS[2]: scores(5), CONTACTS[4]: None}


def test_an_array_whose_base_is_gone_is_refused(store: Store) -> None:
    assert write_scores(store, "cf", CONTACTS[:1], [scores(5)], [scores(5, b"")]) == [0]


def test_the_form_of_an_array_does_not_make_it_newer(store: Store) -> None:
    two = np.array([(1, 0.5), (2, 0.25)], SCORES)
    known = pack_scores(256, two)
    write_arrays(store, "scores", "cf", {CONTACTS[0]: known})

    assert write_scores(store, "cf", CONTACTS[:1], [scores(255)], [b""]) == [0]
    assert write_scores(store, "cf", CONTACTS[:1], [scores(257)], [b""]) == []
    assert write_scores(store, "cf", CONTACTS[:1], [known], [b""]) == [0]
