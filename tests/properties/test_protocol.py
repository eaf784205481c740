"""Any sequence of what clients and operators do, killed between any two writes, leaves what a plain model holds."""

from collections.abc import Iterator

import pytest

from dog.services.runtime import Runtime
from tests.conftest import Clock
from tests.properties.protocol.crash import Crash, Killer, killed_at
from tests.properties.protocol.model import PlainTenant
from tests.properties.protocol.tenant import LiveTenant
from tests.properties.protocol.walks import own_server, walk
from tests.properties.protocol.world import START_MS, Plan, iso


@pytest.fixture(scope="module")
def service() -> Iterator[Runtime]:
    with own_server() as runtime:
        yield runtime


@pytest.mark.timeout(1800)
def test_every_step_through_the_protocol_leaves_what_the_plain_model_holds(service: Runtime) -> None:
    walk(service, examples=24, steps=25, from_seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_long_ways_through_the_protocol_leave_what_the_plain_model_holds(service: Runtime) -> None:
    walk(service, examples=90, steps=30, from_seed=2)


def test_a_kill_leaves_what_was_written_before_it_and_nothing_after(service: Runtime) -> None:
    service.redis.flushall()
    clock = Clock(START_MS)
    tenant = LiveTenant.load(service, "killed", PlainTenant(clock=clock, plan=Plan()))
    event = {"event_id": "e1", "type": "win", "contact_id": "c1", "product_id": "p1", "occurred_at": iso(START_MS)}
    written = []
    for executed in (False, True):
        with pytest.raises(Crash), killed_at(Killer(2, executed=executed)):
            tenant.post([event], "rep")
        tenant.plain.bodies = {"e1": (event, "rep")} if executed else {}
        tenant.check_ids()  # the first write notes the call, the second claims the id
        written.append(tenant.export("c1"))

    assert written == [[], []]
