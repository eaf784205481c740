"""Redis reaches its maxmemory: each event is answered as it was recorded, reads continue, nothing is there by half."""

import random
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis.exceptions import ResponseError

from tests.faults.checker import check
from tests.faults.journal import Journal
from tests.faults.rows import Row, Scale
from tests.faults.worlds import some_event, world

ROW = 20


def run(scale: Scale, seed: int) -> Row:
    """Set maxmemory just above what is used, write until far beyond it, read all along, then give room again."""
    batches, room_bytes = (2_000, 8 << 20) if scale == "long" else (200, 1 << 20)
    chance = random.Random(seed)
    refused = partly = bad_reads = 0
    with world() as here, TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "acknowledged.ndjson")
        here.serve()
        with here.redis() as client:
            client.config_set("maxmemory", client.info("memory")["used_memory"] + room_bytes)
            for batch in range(batches):
                events = [some_event(chance, f"e{batch}-{place}", contacts=2_000) for place in range(50)]
                status, answer = here.call("/v1/feedback", {"events": events})
                if status == 200:
                    for event, result in zip(events, answer["results"], strict=True):
                        if result["status"] == "accepted":
                            journal.acknowledge(event)
                        else:
                            assert (result["status"], result["code"]) == ("rejected", "store_full"), result
                            partly += 1
                else:
                    assert (status, answer["code"]) == (503, "store_full"), answer
                    refused += 1
                bad_reads += here.call("/v1/multipliers")[0] != 200
            acknowledged = journal.read()
            at_limit = check(here.redis_url, acknowledged)
            unanswered = at_limit.events - len(acknowledged)
            client.config_set("maxmemory", 0)
        status, answer = here.call("/v1/feedback", {"events": events})
        assert status == 200, "it does not take feedback again once there is room"
    note = f"{refused} of {batches} writes refused, {partly} events of others, {bad_reads} reads failed"
    assert refused
    assert not bad_reads
    assert not unanswered, f"{unanswered} events were recorded, and answered otherwise"
    return Row("memory full", 50 * batches, seed, at_limit.lost, at_limit.doubled, at_limit.torn, None, note)


@pytest.mark.slow
def test_a_full_redis_answers_each_event_as_it_was_recorded_and_goes_on_reading() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row


@pytest.mark.slow
def test_an_embedded_server_with_a_small_bound_refuses_feedback_and_goes_on_reading() -> None:
    chance = random.Random(1)
    with world(DOG_MAX_MEMORY="16mb") as here:
        here.serve()
        with here.redis() as client:
            with suppress(ResponseError):
                for number in range(256):
                    client.set(f"filler{number}", b"x" * (64 << 10))
            client.delete(*(f"filler{number}" for number in range(8)))
        for batch in range(200):
            events = [some_event(chance, f"e{batch}-{place}", contacts=2_000) for place in range(50)]
            status, answer = here.call("/v1/feedback", {"events": events})
            if status != 200:
                break

        assert (status, answer["code"]) == (503, "store_full")
        assert here.call("/v1/multipliers")[0] == 200
        assert here.call("/health/live")[0] == 200
