"""Ids: new ones are never given twice, whatever threads and forks ask for them."""

import os
from concurrent.futures import ThreadPoolExecutor

from dog.storage.ids import new_id


def test_many_threads_never_get_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [new_id() for _ in range(2000)], range(8)))
    ids = {one for batch in batches for one in batch}

    assert len(ids) == 16_000
    assert {len(one) for one in ids} == {32}


def test_a_forked_child_does_not_go_on_with_its_parents_bytes() -> None:
    new_id()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, "".join(new_id() for _ in range(50)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read, 10_000).decode()
    ours = "".join(new_id() for _ in range(50))

    assert len(theirs) == len(ours) == 1600
    assert theirs != ours
