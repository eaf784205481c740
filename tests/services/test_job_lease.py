import os
import socket
import subprocess
import threading
import time

import pytest

from dog.errors import Conflict
from dog.services import job_lease
from dog.services.job_lease import LEASE_MS, Interrupted, Lease, release_dead
from dog.storage.job_log import read_holder, renew_lease, take_lease
from dog.storage.store import Store
from tests.servers import wait_until


def test_a_job_runs_in_one_process_at_a_time(store: Store) -> None:
    with Lease(store, "train", threading.Event()), pytest.raises(Conflict, match="running already"):
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


def test_a_lease_is_kept_while_a_step_lasts_longer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_lease, "LEASE_MS", 3000)
    key = store.keys.of("lease", "train")

    with Lease(store, "train", threading.Event()) as lease, lease.kept():
        for _ in range(2):
            wait_until(lambda: store.redis.pttl(key) < 2900)
            wait_until(lambda: store.redis.pttl(key) >= 2900)
        lease.renew()


def test_a_lease_that_another_has_is_not_taken_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_lease, "LEASE_MS", 150)

    with Lease(store, "train", threading.Event()) as lease, lease.kept():
        store.redis.set(store.keys.of("lease", "train"), "another")
        time.sleep(0.2)

        assert store.redis.get(store.keys.of("lease", "train")) == b"another"
        with pytest.raises(Interrupted):
            lease.renew()


def test_the_lease_of_a_process_that_has_ended_is_released(store: Store) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    host = socket.gethostname()
    for holder, is_kept in (
        (f"{host}:{ended.pid}:1:a", False),
        (f"{host}:{os.getpid()}:1:a", True),
        (f"elsewhere:{ended.pid}:1:a", True),
    ):
        take_lease(store, "sync-crm", holder, LEASE_MS)
        release_dead(store, "sync-crm")

        assert (read_holder(store, "sync-crm") == holder) is is_kept
        renew_lease(store, "sync-crm", holder, 0)
