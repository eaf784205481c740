import threading

import pytest

from dog.errors import Conflict
from dog.services.job_lease import Interrupted, Lease
from dog.storage.store import Store


def test_a_job_runs_in_one_process_at_a_time(store: Store) -> None:
    with Lease(store, "train", threading.Event()), pytest.raises(Conflict, match="running in another process"):
        Lease(store, "train", threading.Event()).__enter__()
    with Lease(store, "train", threading.Event()) as later:
        assert later.token == 2


def test_a_process_that_is_to_stop_ends_at_its_next_renewal(store: Store) -> None:
    stopping = threading.Event()
    with Lease(store, "train", stopping) as lease:
        lease.renew()
        stopping.set()
        with pytest.raises(Interrupted) as caught:
            lease.renew()

    assert caught.value.outcome == "stopped"


def test_a_holder_that_lost_its_lease_is_fenced(store: Store) -> None:
    with Lease(store, "train", threading.Event()) as lease:
        store.redis.delete(store.keys.of("lease", "train"))
        with pytest.raises(Interrupted) as caught:
            lease.renew()

    assert caught.value.outcome == "fenced"
