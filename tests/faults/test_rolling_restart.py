"""The service is asked to end again and again under load: what it took it finishes; nothing is lost or cut off."""

import random
import signal
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.checker import check
from tests.faults.journal import Journal
from tests.faults.rows import Row, Scale
from tests.faults.worlds import CUT, REFUSED, World, some_event, world

ROW = 24
CLIENTS = 4


class Client(threading.Thread):
    """Posts one event after the other; only where nobody listened yet, or none took it, it tries again."""

    def __init__(self, here: World, journal: Journal, seed: int) -> None:
        super().__init__(daemon=True)
        self._here, self._journal, self._chance, self._seed = here, journal, random.Random(seed), seed
        self.stopping = threading.Event()
        self.answered = self.failed = self.cut = 0

    def run(self) -> None:
        """Post until stopped."""
        number = 0
        while not self.stopping.is_set():
            event = some_event(self._chance, f"client{self._seed}-{number}")
            status, _ = self._here.call("/v1/feedback", {"events": [event]}, seconds=40)
            while status in (REFUSED, CUT, 503):
                self.cut += status == CUT
                self.failed += status == 503
                time.sleep(0.02)
                status, _ = self._here.call("/v1/feedback", {"events": [event]}, seconds=40)
            self.failed += status != 200
            if status == 200:
                self._journal.acknowledge(event)
                self.answered += 1
            number += 1


def run(scale: Scale, seed: int) -> Row:
    """End the service by SIGTERM and start it again, while clients continue."""
    restarts = 20 if scale == "long" else 3
    longest, codes = 0.0, []
    with world() as here, TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "acknowledged.ndjson")
        serving = here.serve()
        clients = [Client(here, journal, seed * 100 + number) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        for _ in range(restarts):
            time.sleep(1.0)
            serving.send_signal(signal.SIGTERM)
            ended = time.monotonic()
            codes.append(serving.wait(40))
            serving = here.start("dog", "serve")
            here.until_ready()
            longest = max(longest, time.monotonic() - ended)
        for client in clients:
            client.stopping.set()
        for client in clients:
            client.join(60)
        found = check(here.redis_url, journal.read())
    failed, cut = (sum(getattr(client, name) for client in clients) for name in ("failed", "cut"))
    answered = sum(client.answered for client in clients)
    wrong_ends = sum(code != 0 for code in codes)
    note = f"{restarts} restarts, {answered:,} answered; {failed} got 5xx, {cut} were cut off, {wrong_ends} ended badly"
    torn = found.torn + failed + wrong_ends
    return Row("asked to end under load", answered, seed, found.lost, found.doubled, torn, longest, note)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_service_asked_to_end_finishes_what_it_took_and_loses_nothing() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
